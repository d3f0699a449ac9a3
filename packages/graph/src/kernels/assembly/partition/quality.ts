import { clearU32, setU32, u32At } from '../array';
import { requireIncidence } from '../incidence';

/**
 * What a partition cuts: `totals[0]` hyperedges with members in several parts, `totals[1]` the sum over hyperedges of parts
 * less one, and `sizes` the vertices of each part. Parts are below `partBound`. Both totals are below 2^32.
 */
export function partitionCut(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  parts: usize,
  partsLength: u32,
  partBound: u32,
  totals: usize,
  totalsLength: u32,
  sizes: usize,
  sizesLength: u32,
  stamps: usize,
): void {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, partsLength);
  for (let vertex: u32 = 0; vertex < partsLength; vertex++) {
    const part = u32At(parts, vertex);
    if (part >= partBound) unreachable();
    setU32(sizes, part, u32At(sizes, part) + 1);
  }
  clearU32(stamps, partBound);
  let cut: u32 = 0;
  let connectivity: u32 = 0;
  for (let hyperedge: u32 = 0; hyperedge + 1 < edgeOffsetsLength; hyperedge++) {
    let met: u32 = 0;
    const end = u32At(edgeOffsets, hyperedge + 1);
    for (let i = u32At(edgeOffsets, hyperedge); i < end; i++) {
      const part = u32At(parts, u32At(edgeMembers, i));
      if (u32At(stamps, part) == hyperedge + 1) continue;
      setU32(stamps, part, hyperedge + 1);
      met++;
    }
    if (met < 2) continue;
    cut++;
    connectivity += met - 1;
  }
  setU32(totals, 0, cut);
  setU32(totals, 1, connectivity);
}
