import { setU32, u32Address, u32At } from './array';
import { findRoot, joinRoots } from './disjoint-sets';
import { requireIncidence } from './incidence';

/** Hyperedges per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_HYPEREDGES: u32 = 8192;

/**
 * Connected components of vertices: two vertices are connected when some hyperedge holds both. `labels[v]` is the
 * smallest vertex of v's component; a vertex without hyperedges is its own component. Returns the number of
 * components. One pass over the incidences with disjoint sets.
 */
export function connectedComponents(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  labels: usize,
  labelsLength: u32,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) setU32(labels, vertex, vertex);
  const hyperedgeCount = edgeOffsetsLength - 1;
  for (let from: u32 = 0; from < hyperedgeCount; from += BLOCK_HYPEREDGES) {
    joinMembers(edgeOffsets, edgeMembers, from, min(from + BLOCK_HYPEREDGES, hyperedgeCount), labels);
  }
  return flatten(labels, vertexCount);
}

/** Joins the members of each hyperedge. Exported so that it stays a function of its own. */
export function joinMembers(
  edgeOffsets: usize,
  edgeMembers: usize,
  from: u32,
  to: u32,
  parents: usize,
): void {
  let at = u32Address(edgeMembers, u32At(edgeOffsets, from));
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    const end = u32Address(edgeMembers, u32At(edgeOffsets, hyperedge + 1));
    if (at == end) continue;
    let root = findRoot(parents, load<u32>(at));
    for (at += 4; at < end; at += 4) {
      const member = load<u32>(at);
      if (u32At(parents, member) == root) continue;
      const other = findRoot(parents, member);
      if (other != root) root = joinRoots(parents, root, other);
    }
  }
}

/** Points every id at its root, which is never larger than the id itself. Returns the number of roots. */
function flatten(parents: usize, count: u32): u32 {
  let roots: u32 = 0;
  for (let id: u32 = 0; id < count; id++) {
    const parent = u32At(parents, id);
    if (parent == id) roots++;
    else setU32(parents, id, u32At(parents, parent));
  }
  return roots;
}
