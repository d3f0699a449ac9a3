import { NONE, clearU32, setU32, u32At } from './array';
import { distinctSets } from './distinct-sets';
import { requireIncidence } from './incidence';
import { sharedWith, stampMembers } from './shared-members';

/** Hyperedges per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_HYPEREDGES: u32 = 1024;

/**
 * Which hyperedges contain which: `containers` and `contained` are pairs of hyperedges, of different sets of members each the
 * first, rising by the one inside, then by the one around it. A hyperedge without members is inside all others. Returns the
 * number of pairs, of which those that fit into the arrays are written: with empty arrays they are counted. Candidates are
 * the hyperedges of the rarest member. LaRock and Lambiotte, "Encapsulation structure and dynamics in hypergraphs" (2023).
 */
export function encapsulation(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  pairsMax: u32,
  containers: usize,
  containersLength: u32,
  contained: usize,
  containedLength: u32,
  sets: usize,
  setsLength: u32,
  sizes: usize,
  sizesLength: u32,
  hashes: usize,
  table: usize,
  stamps: usize,
  seen: usize,
): f64 {
  const vertexCount = nodeOffsetsLength - 1;
  const hyperedgeCount = edgeOffsetsLength - 1;
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  requireIncidence(nodeOffsets, nodeOffsetsLength, nodeMembers, nodeMembersLength, hyperedgeCount);
  if (min(containersLength, containedLength) < pairsMax || min(setsLength, sizesLength) < hyperedgeCount) unreachable();
  distinctSets(edgeOffsets, edgeMembers, hyperedgeCount, sets, sizes, hashes, table, stamps);
  clearU32(stamps, vertexCount);
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) setU32(seen, vertex, NONE);
  let count: f64 = 0;
  for (let from: u32 = 0; from < hyperedgeCount; from += BLOCK_HYPEREDGES) {
    const to = min(from + BLOCK_HYPEREDGES, hyperedgeCount);
    count = findContainers(
      from, to, hyperedgeCount, edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, sets, sizes, stamps, seen, pairsMax,
      containers, contained, count,
    );
  }
  return count;
}

export function findContainers(
  from: u32,
  to: u32,
  hyperedgeCount: u32,
  edgeOffsets: usize,
  edgeMembers: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
  sets: usize,
  sizes: usize,
  stamps: usize,
  seen: usize,
  pairsMax: u32,
  containers: usize,
  contained: usize,
  before: f64,
): f64 {
  let count = before;
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    if (u32At(sets, hyperedge) != hyperedge) continue;
    const size = u32At(sizes, hyperedge);
    const mark = hyperedge + 1;
    const rarest = stampMembers(hyperedge, mark, edgeOffsets, edgeMembers, nodeOffsets, stamps);
    const first: u32 = rarest == NONE ? 0 : u32At(nodeOffsets, rarest);
    const last: u32 = rarest == NONE ? hyperedgeCount : u32At(nodeOffsets, rarest + 1);
    let previous = NONE;
    for (let i = first; i < last; i++) {
      const other = rarest == NONE ? i : u32At(nodeMembers, i);
      // A vertex that a hyperedge lists twice lists that hyperedge twice, one after the other.
      if (other == previous) continue;
      previous = other;
      if (u32At(sizes, other) <= size || u32At(sets, other) != other) continue;
      if (size > 0 && sharedWith(other, size, mark, edgeOffsets, edgeMembers, stamps, seen) < size) continue;
      if (count < <f64>pairsMax) {
        setU32(containers, <u32>count, other);
        setU32(contained, <u32>count, hyperedge);
      }
      count += 1;
    }
  }
  return count;
}
