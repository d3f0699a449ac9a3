import { clearU32, setU32, u32At } from './array';
import { requireIncidence } from './incidence';
import { mix } from './hash';
import { shuffle } from './shuffle';

/**
 * A maximal independent set of vertices, taken greedily in an order shuffled by `seed`. `strong` 1: no two of the set share
 * a hyperedge. 0: no hyperedge has all its members in the set. Members count once. `isIn[v]` is 1 for those in it; returns
 * how many there are.
 */
export function independentSet(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  strong: u32,
  seed: u32,
  isIn: usize,
  isInLength: u32,
  order: usize,
  blocked: usize,
  missing: usize,
): u32 {
  const hyperedges = edgeOffsetsLength - 1;
  const vertices = nodeOffsetsLength - 1;
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertices);
  requireIncidence(nodeOffsets, nodeOffsetsLength, nodeMembers, nodeMembersLength, hyperedges);
  countMissing(edgeOffsets, edgeMembers, hyperedges, vertices, blocked, missing);
  shuffle(vertices, mix(seed), order);
  let count: u32 = 0;
  for (let turn: u32 = 0; turn < vertices; turn++) {
    const vertex = u32At(order, turn);
    const begin = u32At(nodeOffsets, vertex);
    const end = u32At(nodeOffsets, vertex + 1);
    let fits = strong == 0 || u32At(blocked, vertex) == 0;
    for (let i = begin; i < end && fits && strong == 0; i++) fits = u32At(missing, u32At(nodeMembers, i)) > 1;
    if (!fits) continue;
    count++;
    setU32(isIn, vertex, 1);
    for (let i = begin; i < end; i++) {
      const hyperedge = u32At(nodeMembers, i);
      // Lists rise, so a repetition follows what it repeats.
      if (i > begin && hyperedge == u32At(nodeMembers, i - 1)) continue;
      setU32(missing, hyperedge, u32At(missing, hyperedge) - 1);
      if (strong == 0) continue;
      const last = u32At(edgeOffsets, hyperedge + 1);
      for (let j = u32At(edgeOffsets, hyperedge); j < last; j++) setU32(blocked, u32At(edgeMembers, j), 1);
    }
  }
  return count;
}

/** How many different members each hyperedge has. `stamps` is 0 afterwards. */
function countMissing(
  edgeOffsets: usize,
  edgeMembers: usize,
  hyperedges: u32,
  vertices: u32,
  stamps: usize,
  missing: usize,
): void {
  clearU32(stamps, vertices);
  for (let hyperedge: u32 = 0; hyperedge < hyperedges; hyperedge++) {
    let different: u32 = 0;
    const end = u32At(edgeOffsets, hyperedge + 1);
    for (let i = u32At(edgeOffsets, hyperedge); i < end; i++) {
      const member = u32At(edgeMembers, i);
      if (u32At(stamps, member) == hyperedge + 1) continue;
      setU32(stamps, member, hyperedge + 1);
      different++;
    }
    setU32(missing, hyperedge, different);
  }
  clearU32(stamps, vertices);
}
