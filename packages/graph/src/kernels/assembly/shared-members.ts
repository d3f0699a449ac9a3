import { NONE, setU32, u32At } from './array';

/**
 * How many different members of the hyperedge `other` have the stamp `mark`, up to `size`. `seen` is `NONE` for every vertex,
 * before and after.
 */
export function sharedWith(
  other: u32,
  size: u32,
  mark: u32,
  edgeOffsets: usize,
  edgeMembers: usize,
  stamps: usize,
  seen: usize,
): u32 {
  let shared: u32 = 0;
  const stop = u32At(edgeOffsets, other + 1);
  for (let j = u32At(edgeOffsets, other); j < stop && shared < size; j++) {
    const member = u32At(edgeMembers, j);
    // Members that are listed again count once.
    if (u32At(stamps, member) != mark || u32At(seen, member) == other) continue;
    setU32(seen, member, other);
    shared++;
  }
  // What was seen for one hyperedge must not count for the next that looks at the same one.
  for (let j = u32At(edgeOffsets, other); j < stop; j++) setU32(seen, u32At(edgeMembers, j), NONE);
  return shared;
}

/** Stamps the members of a hyperedge. Returns the one in fewest hyperedges, of several the first; `NONE` without members. */
export function stampMembers(
  hyperedge: u32,
  mark: u32,
  edgeOffsets: usize,
  edgeMembers: usize,
  nodeOffsets: usize,
  stamps: usize,
): u32 {
  let rarest = NONE;
  const end = u32At(edgeOffsets, hyperedge + 1);
  for (let i = u32At(edgeOffsets, hyperedge); i < end; i++) {
    const member = u32At(edgeMembers, i);
    setU32(stamps, member, mark);
    if (rarest == NONE || degreeOf(nodeOffsets, member) < degreeOf(nodeOffsets, rarest)) rarest = member;
  }
  return rarest;
}

// @ts-ignore: decorator
@inline
function degreeOf(offsets: usize, vertex: u32): u32 {
  return u32At(offsets, vertex + 1) - u32At(offsets, vertex);
}
