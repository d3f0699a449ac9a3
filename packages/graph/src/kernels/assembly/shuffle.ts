import { setU32, u32At } from './array';
import { mix } from './hash';

/** A permutation of 0 to `count` - 1 (Fisher and Yates), from hashes of `key` plus a counter. */
export function shuffle(count: u32, key: u32, order: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const j = below(mix(key + i), i + 1);
    setU32(order, i, u32At(order, j));
    setU32(order, j, i);
  }
}

/** A hash as an integer from 0 to `bound` - 1. */
// @ts-ignore: decorator
@inline
export function below(hash: u32, bound: u32): u32 {
  return <u32>((<u64>hash * <u64>bound) >> 32);
}
