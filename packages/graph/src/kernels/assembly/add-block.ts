import { f64At, setF64 } from './array';

/** Adds sums of one block of sources to those of the blocks before it, and clears them for the next. */
export function addBlock(block: usize, sums: usize, length: u32): void {
  for (let i: u32 = 0; i < length; i++) {
    setF64(sums, i, f64At(sums, i) + f64At(block, i));
    setF64(block, i, 0);
  }
}
