import { setU32, u32At } from './array';

/** Up to this many ids are sorted by insertion. */
const INSERTION_MOST: u32 = 24;

/**
 * Writes different ids to `sorted` in rising order: short lists by insertion, others through a bitmap. `bits` has a
 * bit per id, in 32-bit words, `summary` a bit per word of `bits`; both must be zero and are left zero.
 */
export function sortIds(ids: usize, count: u32, sorted: usize, bits: usize, summary: usize): void {
  if (count <= INSERTION_MOST) insertAll(ids, count, sorted);
  else sortByBits(ids, count, sorted, bits, summary);
}

// @ts-ignore: decorator
@inline
function insertAll(ids: usize, count: u32, sorted: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const id = u32At(ids, i);
    let at = i;
    while (at > 0 && u32At(sorted, at - 1) > id) {
      setU32(sorted, at, u32At(sorted, at - 1));
      at--;
    }
    setU32(sorted, at, id);
  }
}

function sortByBits(ids: usize, count: u32, sorted: usize, bits: usize, summary: usize): void {
  let least: u32 = 0xffff_ffff;
  let most: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const id = u32At(ids, i);
    const word = id >> 5;
    setU32(bits, word, u32At(bits, word) | (<u32>1 << (id & 31)));
    setU32(summary, word >> 5, u32At(summary, word >> 5) | (<u32>1 << (word & 31)));
    least = min(least, id);
    most = max(most, id);
  }
  let at: u32 = 0;
  const last = most >> 10;
  for (let group = least >> 10; group <= last; group++) {
    let words = u32At(summary, group);
    setU32(summary, group, 0);
    for (; words != 0; words &= words - 1) {
      const word = (group << 5) + ctz<u32>(words);
      let found = u32At(bits, word);
      setU32(bits, word, 0);
      for (; found != 0; found &= found - 1) setU32(sorted, at++, (word << 5) + ctz<u32>(found));
    }
  }
}
