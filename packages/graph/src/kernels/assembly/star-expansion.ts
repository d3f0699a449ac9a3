import { setU32, u32At } from './array';
import { requireIncidence } from './incidence';

/** Pairs of vertex and hyperedge, hyperedges numbered after the vertices: `pairs[2 i]` and `pairs[2 i + 1]`. */
export function starExpansion(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  pairs: usize,
  pairsLength: u32,
): void {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  for (let hyperedge: u32 = 0; hyperedge + 1 < edgeOffsetsLength; hyperedge++) {
    const end = u32At(edgeOffsets, hyperedge + 1);
    for (let i = u32At(edgeOffsets, hyperedge); i < end; i++) {
      setU32(pairs, 2 * i, u32At(edgeMembers, i));
      setU32(pairs, 2 * i + 1, vertexCount + hyperedge);
    }
  }
}
