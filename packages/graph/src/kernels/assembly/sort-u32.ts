import { setU32, u32At } from './array';

/** Lists up to this long are sorted by insertion. */
const INSERTION_MAX: u32 = 24;

/** Sorts `count` u32 in place, rising: short lists by insertion, longer ones as a heap. */
export function sortU32(base: usize, count: u32): void {
  if (count > INSERTION_MAX) {
    heapSort(base, count);
    return;
  }
  for (let i: u32 = 1; i < count; i++) {
    const value = u32At(base, i);
    let at = i;
    for (; at > 0 && u32At(base, at - 1) > value; at--) setU32(base, at, u32At(base, at - 1));
    setU32(base, at, value);
  }
}

function heapSort(base: usize, count: u32): void {
  for (let root = count >> 1; root > 0; root--) siftDown(base, root - 1, count);
  for (let end = count - 1; end > 0; end--) {
    const largest = u32At(base, 0);
    setU32(base, 0, u32At(base, end));
    setU32(base, end, largest);
    siftDown(base, 0, end);
  }
}

function siftDown(base: usize, start: u32, count: u32): void {
  const value = u32At(base, start);
  let root: u32 = start;
  for (let child: u32 = 2 * root + 1; child < count; child = 2 * root + 1) {
    if (child + 1 < count && u32At(base, child + 1) > u32At(base, child)) child++;
    if (u32At(base, child) <= value) break;
    setU32(base, root, u32At(base, child));
    root = child;
  }
  setU32(base, root, value);
}
