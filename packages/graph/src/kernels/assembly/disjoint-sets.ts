import { setU32, u32At } from './array';

/**
 * Disjoint sets over dense ids whose root is always the smallest id of its set, which makes labels canonical: they
 * do not depend on the order of joins. Path halving as in Tarjan and van Leeuwen, "Worst-case analysis of set union
 * algorithms", J. ACM 31 (1984).
 */

// @ts-ignore: decorator
@inline
export function findRoot(parents: usize, start: u32): u32 {
  let id = start;
  let parent = u32At(parents, id);
  while (parent != id) {
    const above = u32At(parents, parent);
    setU32(parents, id, above);
    id = above;
    parent = u32At(parents, id);
  }
  return id;
}

/** Joins two roots and returns the root of both, the smaller one. */
// @ts-ignore: decorator
@inline
export function joinRoots(parents: usize, one: u32, other: u32): u32 {
  // Without a branch: which is smaller cannot be predicted.
  const root = min(one, other);
  setU32(parents, max(one, other), root);
  return root;
}

/** `findRoot` beside other threads: nothing is written where nothing changes, so that they keep what they have read. */
// @ts-ignore: decorator
@inline
export function findShared(parents: usize, start: u32): u32 {
  let id = start;
  let parent = u32At(parents, id);
  while (parent != id) {
    const above = u32At(parents, parent);
    if (above == parent) return parent;
    setU32(parents, id, above);
    id = above;
    parent = u32At(parents, id);
  }
  return id;
}

/**
 * `joinRoots` while other threads join in the same forest. Only a root gets a parent, by one thread; what is no root any more,
 * or never was the root of its set for long, is looked for again. Parents stay smaller than their children, so there is no
 * circle, and halving a path may run beside it: it only ever writes ancestors into what is no root. @returns The root of
 * both, as far as this thread knows. Anderson and Woll, "Wait-free parallel algorithms for the union-find problem", STOC 1991.
 */
export function joinShared(parents: usize, one: u32, other: u32): u32 {
  let low = min(one, other);
  let high = max(one, other);
  while (low != high) {
    if (atomic.cmpxchg<u32>(parents + (<usize>high << 2), high, low) == high) break;
    const first = findShared(parents, low);
    const second = findShared(parents, high);
    low = min(first, second);
    high = max(first, second);
  }
  return low;
}
