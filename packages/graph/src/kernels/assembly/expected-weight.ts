import { u32At } from './array';

/** What a hyperedge of size d with c members in one part counts. */
export const STRICT: u32 = 0;
export const MAJORITY: u32 = 1;
export const LINEAR: u32 = 2;

/** 1 when all are in one part (strict); when more than half are, 1 (majority) or their share (linear); 0 otherwise. */
// @ts-ignore: decorator
@inline
export function weightOf(kind: u32, size: u32, count: u32): f64 {
  if (kind == STRICT) return count == size ? 1 : 0;
  if (count <= size >> 1) return 0;
  return kind == MAJORITY ? 1 : <f64>count / <f64>size;
}

/**
 * What a hyperedge of this size counts by chance for a part, when each of its members falls into it with probability
 * `share`, for majority or linear. Chances come from ratios of neighbours, from the likeliest count in both directions,
 * divided by their sum: nothing overflows or vanishes.
 */
export function expectedWeight(kind: u32, size: u32, share: f64): f64 {
  const odds = share / (1 - share);
  const likeliest = share >= 1 ? size : min(<u32>(<f64>(size + 1) * share), size);
  let all: f64 = 1;
  let sum: f64 = 0;
  let chance: f64 = 1;
  for (let count = likeliest; ; count++) {
    if (count > likeliest) all += chance;
    if (count > size >> 1) sum += chance * weightOf(kind, size, count);
    if (count == size) break;
    chance *= (<f64>(size - count) / <f64>(count + 1)) * odds;
  }
  chance = 1;
  for (let count = likeliest; count > 0 && share < 1; count--) {
    chance *= <f64>count / <f64>(size - count + 1) / odds;
    all += chance;
    if (count - 1 > size >> 1) sum += chance * weightOf(kind, size, count - 1);
  }
  return sum / all;
}

/**
 * The same for all hyperedges: `sizes` are the different sizes from 2 on, rising, and `numbers` how many hyperedges have
 * each. Powers of strict are products taken one after the other until they vanish.
 */
export function expectedWeights(kind: u32, sizes: usize, numbers: usize, sizeCount: u32, share: f64): f64 {
  if (share <= 0) return 0;
  let sum: f64 = 0;
  if (kind != STRICT) {
    for (let i: u32 = 0; i < sizeCount; i++) {
      sum += <f64>u32At(numbers, i) * expectedWeight(kind, u32At(sizes, i), share);
    }
    return sum;
  }
  let power = share;
  let size: u32 = 1;
  for (let i: u32 = 0; i < sizeCount && power > 0; i++) {
    for (const wanted = u32At(sizes, i); size < wanted && power > 0; size++) power *= share;
    sum += <f64>u32At(numbers, i) * power;
  }
  return sum;
}
