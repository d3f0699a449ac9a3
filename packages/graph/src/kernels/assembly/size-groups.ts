import { u32At } from './array';

/**
 * The lists of a block by size, each group in rising order. Loops over lists of one size end where the processor expects
 * it: with sizes mixed, most short lists cost a mispredicted branch, which takes longer than the list itself.
 */

/** Most lists of a block. */
export const BLOCK_LISTS: u32 = 1024;
/** Lists from this size on are one group, the last. */
export const LARGE: u32 = 9;
/** Words of scratch that the groups take: a count for each, then room for all lists in each, 2 bytes a list. */
export const GROUP_WORDS: u32 = 5136;
const COUNT_BYTES: usize = 64;

/**
 * Groups the lists from `from` to `to`, at most `BLOCK_LISTS`. Traps where offsets fall, or end beyond `membersLength`.
 */
// @ts-ignore: decorator
@inline
export function groupBySize(offsets: usize, from: u32, to: u32, membersLength: u32, groups: usize): void {
  memory.fill(groups, 0, COUNT_BYTES);
  let fallen: u32 = 0;
  let start = u32At(offsets, from);
  for (let list = from; list < to; list++) {
    const end = u32At(offsets, list + 1);
    fallen |= <u32>(end < start);
    const group = min(end - start, LARGE);
    const counter = groups + (<usize>group << 2);
    const count = load<u32>(counter);
    store<u16>(placeOf(groups, group, count), list - from);
    store<u32>(counter, count + 1);
    start = end;
  }
  if (fallen != 0 || start > membersLength) unreachable();
}

/** How many lists a group has. */
// @ts-ignore: decorator
@inline
export function groupLength(groups: usize, group: u32): u32 {
  return load<u32>(groups + (<usize>group << 2));
}

/** The list at `index` of a group, counted from the start of the block. */
// @ts-ignore: decorator
@inline
export function listAt(groups: usize, group: u32, index: u32): u32 {
  return load<u16>(placeOf(groups, group, index));
}

// @ts-ignore: decorator
@inline
function placeOf(groups: usize, group: u32, index: u32): usize {
  return groups + COUNT_BYTES + ((<usize>group * BLOCK_LISTS + index) << 1);
}
