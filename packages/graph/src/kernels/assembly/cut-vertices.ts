import { setU32, u32At } from './array';
import { requireIncidence } from './incidence';

const BLOCK_STEPS: u32 = 65536;
/** Slots of `state`: next order of discovery, length of the path, children of the root that hold other vertices. */
const NEXT: u32 = 0;
const PATH: u32 = 1;
const BRANCHES: u32 = 2;

/**
 * Cut vertices: `isCut[v]` is 1 when the other vertices of v's component are no longer all connected once v is taken out
 * of its hyperedges, which stay for the others. Returns their number. Looks for the articulation points among the
 * vertices of the graph that joins vertices and hyperedges (nodes: hyperedges after vertices); what hangs on a vertex and
 * holds no other vertex does not count. `vertexSlots` and `edgeSlots` have four slots each.
 * Hopcroft and Tarjan, "Efficient algorithms for graph manipulation", Comm. ACM 16 (1973).
 */
export function cutVertices(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  isCut: usize,
  isCutLength: u32,
  vertexSlots: usize,
  edgeSlots: usize,
  state: usize,
): u32 {
  const vertexCount = isCutLength;
  const hyperedgeCount = edgeOffsetsLength - 1;
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  requireIncidence(nodeOffsets, nodeOffsetsLength, nodeMembers, nodeMembersLength, hyperedgeCount);
  setU32(state, NEXT, 1);
  let count: u32 = 0;
  for (let root: u32 = 0; root < vertexCount; root++) {
    if (u32At(vertexSlots, root) != 0) continue;
    setU32(state, BRANCHES, 0);
    discover(root, vertexCount, hyperedgeCount, edgeOffsets, nodeOffsets, vertexSlots, edgeSlots, state);
    while (u32At(state, PATH) > 0) {
      searchCuts(
        BLOCK_STEPS, vertexCount, hyperedgeCount, edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, vertexSlots, edgeSlots,
        isCut, state,
      );
    }
    setU32(isCut, root, <u32>(u32At(state, BRANCHES) > 1));
  }
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) count += u32At(isCut, vertex);
  return count;
}

/* Slots per node: 0 order of discovery, 1 least order reached, 2 next place to look at; block 3 holds the path. */
// @ts-ignore: decorator
@inline
function slotOf(node: u32, block: u32, vertexCount: u32, vertexSlots: usize, hyperedgeCount: u32, edgeSlots: usize): usize {
  return node < vertexCount
    ? vertexSlots + ((<usize>block * <usize>vertexCount + <usize>node) << 2)
    : edgeSlots + ((<usize>block * <usize>hyperedgeCount + <usize>(node - vertexCount)) << 2);
}

// @ts-ignore: decorator
@inline
function discover(
  node: u32,
  vertexCount: u32,
  hyperedgeCount: u32,
  edgeOffsets: usize,
  nodeOffsets: usize,
  vertexSlots: usize,
  edgeSlots: usize,
  state: usize,
): void {
  const order = u32At(state, NEXT);
  setU32(state, NEXT, order + 1);
  store<u32>(slotOf(node, 0, vertexCount, vertexSlots, hyperedgeCount, edgeSlots), order);
  store<u32>(slotOf(node, 1, vertexCount, vertexSlots, hyperedgeCount, edgeSlots), order);
  const start = node < vertexCount ? u32At(nodeOffsets, node) : u32At(edgeOffsets, node - vertexCount);
  store<u32>(slotOf(node, 2, vertexCount, vertexSlots, hyperedgeCount, edgeSlots), start);
  const path = u32At(state, PATH);
  store<u32>(slotOf(path, 3, vertexCount, vertexSlots, hyperedgeCount, edgeSlots), node);
  setU32(state, PATH, path + 1);
}

export function searchCuts(
  steps: u32,
  vertexCount: u32,
  hyperedgeCount: u32,
  edgeOffsets: usize,
  edgeMembers: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
  vertexSlots: usize,
  edgeSlots: usize,
  isCut: usize,
  state: usize,
): void {
  for (let step: u32 = 0; step < steps; step++) {
    const path = u32At(state, PATH);
    if (path == 0) return;
    const node = load<u32>(slotOf(path - 1, 3, vertexCount, vertexSlots, hyperedgeCount, edgeSlots));
    const cursor = slotOf(node, 2, vertexCount, vertexSlots, hyperedgeCount, edgeSlots);
    const place = load<u32>(cursor);
    const isVertex = node < vertexCount;
    const least = slotOf(node, 1, vertexCount, vertexSlots, hyperedgeCount, edgeSlots);
    const end = isVertex ? u32At(nodeOffsets, node + 1) : u32At(edgeOffsets, node - vertexCount + 1);
    if (place != end) {
      store<u32>(cursor, place + 1);
      const next = isVertex ? u32At(nodeMembers, place) + vertexCount : u32At(edgeMembers, place);
      const order = load<u32>(slotOf(next, 0, vertexCount, vertexSlots, hyperedgeCount, edgeSlots));
      if (order == 0) discover(next, vertexCount, hyperedgeCount, edgeOffsets, nodeOffsets, vertexSlots, edgeSlots, state);
      else store<u32>(least, min(load<u32>(least), order));
      continue;
    }
    setU32(state, PATH, path - 1);
    if (path == 1) return;
    const parent = load<u32>(slotOf(path - 2, 3, vertexCount, vertexSlots, hyperedgeCount, edgeSlots));
    const above = slotOf(parent, 1, vertexCount, vertexSlots, hyperedgeCount, edgeSlots);
    store<u32>(above, min(load<u32>(above), load<u32>(least)));
    const own = load<u32>(slotOf(node, 0, vertexCount, vertexSlots, hyperedgeCount, edgeSlots));
    // A branch of one node is a hyperedge without other vertices.
    if (parent >= vertexCount || u32At(state, NEXT) - own < 2) continue;
    if (load<u32>(least) < load<u32>(slotOf(parent, 0, vertexCount, vertexSlots, hyperedgeCount, edgeSlots))) continue;
    if (path == 2) setU32(state, BRANCHES, u32At(state, BRANCHES) + 1);
    else setU32(isCut, parent, 1);
  }
}
