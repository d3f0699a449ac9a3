import { clearU32, setU32, u32At } from './array';

/**
 * The members of each hyperedge without repetitions, in the order of their first appearance: those of hyperedge e at
 * `members[starts[e]]` to `members[starts[e + 1] - 1]`. `stamps` must be zero and is left zero.
 */
export function distinctMembers(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  vertexCount: u32,
  starts: usize,
  members: usize,
  stamps: usize,
): void {
  let total: u32 = 0;
  for (let hyperedge: u32 = 0; hyperedge < edgeOffsetsLength - 1; hyperedge++) {
    setU32(starts, hyperedge, total);
    const end = u32At(edgeOffsets, hyperedge + 1);
    for (let i = u32At(edgeOffsets, hyperedge); i < end; i++) {
      const member = u32At(edgeMembers, i);
      if (u32At(stamps, member) == hyperedge + 1) continue;
      setU32(stamps, member, hyperedge + 1);
      setU32(members, total++, member);
    }
  }
  setU32(starts, edgeOffsetsLength - 1, total);
  clearU32(stamps, vertexCount);
}
