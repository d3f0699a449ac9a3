import { NONE, clearU32, setU32, u32At } from './array';
import { distinctSets } from './distinct-sets';
import { requireIncidence } from './incidence';
import { sharedWith, stampMembers } from './shared-members';

const BLOCK_HYPEREDGES: u32 = 1024;

/**
 * Toplexes: `isToplex[e]` is 1 when no other hyperedge has all the members of e and more, and e is the smallest with its
 * members. Returns their number. Candidates are the hyperedges of the rarest member of each; time grows with their sizes.
 * Joslyn, Aksoy, Callahan, Hunter, Jefferson, Praggastis, Purvine and Tripodi, "Hypernetwork science: from
 * multidimensional networks to computational topology" (2020), section 2.
 */
export function toplexes(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  isToplex: usize,
  isToplexLength: u32,
  sets: usize,
  sizes: usize,
  hashes: usize,
  table: usize,
  stamps: usize,
  seen: usize,
): u32 {
  const vertexCount = nodeOffsetsLength - 1;
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  requireIncidence(nodeOffsets, nodeOffsetsLength, nodeMembers, nodeMembersLength, isToplexLength);
  distinctSets(edgeOffsets, edgeMembers, isToplexLength, sets, sizes, hashes, table, stamps);
  clearU32(stamps, vertexCount);
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) setU32(seen, vertex, NONE);
  let count: u32 = 0;
  for (let from: u32 = 0; from < isToplexLength; from += BLOCK_HYPEREDGES) {
    const to = min(from + BLOCK_HYPEREDGES, isToplexLength);
    count += findToplexes(
      from, to, edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, edgeMembersLength, isToplex, sets, sizes, stamps, seen,
    );
  }
  return count;
}

export function findToplexes(
  from: u32,
  to: u32,
  edgeOffsets: usize,
  edgeMembers: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
  memberCount: u32,
  isToplex: usize,
  sets: usize,
  sizes: usize,
  stamps: usize,
  seen: usize,
): u32 {
  let count: u32 = 0;
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    if (u32At(sets, hyperedge) != hyperedge) continue;
    const size = u32At(sizes, hyperedge);
    const isContained = size == 0
      ? memberCount > 0
      : findContainer(hyperedge, size, edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, sets, sizes, stamps, seen);
    if (isContained) continue;
    setU32(isToplex, hyperedge, 1);
    count++;
  }
  return count;
}

function findContainer(
  hyperedge: u32,
  size: u32,
  edgeOffsets: usize,
  edgeMembers: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
  sets: usize,
  sizes: usize,
  stamps: usize,
  seen: usize,
): bool {
  const mark = hyperedge + 1;
  const rarest = stampMembers(hyperedge, mark, edgeOffsets, edgeMembers, nodeOffsets, stamps);
  const last = u32At(nodeOffsets, rarest + 1);
  for (let i = u32At(nodeOffsets, rarest); i < last; i++) {
    const other = u32At(nodeMembers, i);
    if (u32At(sizes, other) <= size || u32At(sets, other) != other) continue;
    if (sharedWith(other, size, mark, edgeOffsets, edgeMembers, stamps, seen) == size) return true;
  }
  return false;
}
