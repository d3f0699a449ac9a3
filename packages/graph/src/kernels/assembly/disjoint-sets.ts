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
