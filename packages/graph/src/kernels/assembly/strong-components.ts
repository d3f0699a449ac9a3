import { NONE, setU32, u32At } from './array';
import { isOpen, listEntered, WAY_FORWARD } from './direction';
import { requireIncidence } from './incidence';

/** Steps per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_STEPS: u32 = 65536;

/** Slots of `state`. */
const NEXT: u32 = 0;
const PATH: u32 = 1;
const OPEN: u32 = 2;
const PARTS: u32 = 3;

/**
 * Strongly connected components of vertices: two are in one when each can be reached from the other through
 * hyperedges, from tails to heads. `labels[v]` is the smallest vertex of v's component. Returns their number. Runs on
 * vertices and hyperedges as nodes of one directed graph, hyperedges after vertices, without recursion. `vertexSlots` and
 * `edgeSlots` have six slots per vertex and hyperedge. Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1 (1972).
 */
export function strongComponents(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  directions: usize,
  directionsLength: u32,
  vertexCount: u32,
  labels: usize,
  labelsLength: u32,
  outOffsets: usize,
  outEdges: usize,
  vertexSlots: usize,
  edgeSlots: usize,
  state: usize,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  const hyperedgeCount = edgeOffsetsLength - 1;
  listEntered(
    edgeOffsets, hyperedgeCount, edgeMembers, edgeMembersLength, directions, directionsLength, WAY_FORWARD, vertexCount,
    outOffsets, outEdges,
  );
  setU32(state, NEXT, 1);
  for (let root: u32 = 0; root < vertexCount; root++) {
    if (u32At(vertexSlots, root) != 0) continue;
    enter(root, vertexCount, edgeOffsets, outOffsets, vertexSlots, edgeSlots, hyperedgeCount, state);
    while (u32At(state, PATH) > 0) {
      searchStrong(
        BLOCK_STEPS, edgeOffsets, hyperedgeCount, edgeMembers, directions, directionsLength, vertexCount, outOffsets,
        outEdges, vertexSlots, edgeSlots, state,
      );
    }
  }
  return nameParts(vertexCount, vertexSlots, hyperedgeCount, edgeSlots, u32At(state, PARTS), labels);
}

/*
 * Per node, in blocks of `vertexCount` and `hyperedgeCount` slots: 0 the order of discovery, 1 the least order that it
 * reaches, 2 the next place to look at, 3 its component plus one. Blocks 4 and 5 together hold the path and the open nodes.
 */
// @ts-ignore: decorator
@inline
function slotOf(node: u32, block: u32, vertexCount: u32, vertexSlots: usize, hyperedgeCount: u32, edgeSlots: usize): usize {
  return node < vertexCount
    ? vertexSlots + ((<usize>block * <usize>vertexCount + <usize>node) << 2)
    : edgeSlots + ((<usize>block * <usize>hyperedgeCount + <usize>(node - vertexCount)) << 2);
}

/** Discovers a node: it goes on the path and is open until its component is known. */
// @ts-ignore: decorator
@inline
function enter(
  node: u32,
  vertexCount: u32,
  edgeOffsets: usize,
  outOffsets: usize,
  vertexSlots: usize,
  edgeSlots: usize,
  hyperedgeCount: u32,
  state: usize,
): void {
  const order = u32At(state, NEXT);
  setU32(state, NEXT, order + 1);
  store<u32>(slotOf(node, 0, vertexCount, vertexSlots, hyperedgeCount, edgeSlots), order);
  store<u32>(slotOf(node, 1, vertexCount, vertexSlots, hyperedgeCount, edgeSlots), order);
  const start = node < vertexCount ? u32At(outOffsets, node) : u32At(edgeOffsets, node - vertexCount);
  store<u32>(slotOf(node, 2, vertexCount, vertexSlots, hyperedgeCount, edgeSlots), start);
  const path = u32At(state, PATH);
  const open = u32At(state, OPEN);
  store<u32>(slotOf(path, 4, vertexCount, vertexSlots, hyperedgeCount, edgeSlots), node);
  store<u32>(slotOf(open, 5, vertexCount, vertexSlots, hyperedgeCount, edgeSlots), node);
  setU32(state, PATH, path + 1);
  setU32(state, OPEN, open + 1);
}

export function searchStrong(
  steps: u32,
  edgeOffsets: usize,
  hyperedgeCount: u32,
  edgeMembers: usize,
  directions: usize,
  directionCount: u32,
  vertexCount: u32,
  outOffsets: usize,
  outEdges: usize,
  vertexSlots: usize,
  edgeSlots: usize,
  state: usize,
): void {
  for (let step: u32 = 0; step < steps; step++) {
    const path = u32At(state, PATH);
    if (path == 0) return;
    const node = load<u32>(slotOf(path - 1, 4, vertexCount, vertexSlots, hyperedgeCount, edgeSlots));
    const cursor = slotOf(node, 2, vertexCount, vertexSlots, hyperedgeCount, edgeSlots);
    const place = load<u32>(cursor);
    const isVertex = node < vertexCount;
    const end = isVertex ? u32At(outOffsets, node + 1) : u32At(edgeOffsets, node - vertexCount + 1);
    if (place == end) {
      leave(node, vertexCount, vertexSlots, hyperedgeCount, edgeSlots, state);
      continue;
    }
    store<u32>(cursor, place + 1);
    if (!isVertex) {
      const first = u32At(edgeOffsets, node - vertexCount);
      if (!isOpen(directions, directionCount, place, first, WAY_FORWARD, false)) continue;
    }
    const next = isVertex ? u32At(outEdges, place) + vertexCount : u32At(edgeMembers, place);
    const order = load<u32>(slotOf(next, 0, vertexCount, vertexSlots, hyperedgeCount, edgeSlots));
    if (order == 0) {
      enter(next, vertexCount, edgeOffsets, outOffsets, vertexSlots, edgeSlots, hyperedgeCount, state);
    } else if (load<u32>(slotOf(next, 3, vertexCount, vertexSlots, hyperedgeCount, edgeSlots)) == 0) {
      const least = slotOf(node, 1, vertexCount, vertexSlots, hyperedgeCount, edgeSlots);
      store<u32>(least, min(load<u32>(least), order));
    }
  }
}

/** Ends a node: closes its component when nothing before it is reached, and tells the one it was entered from. */
// @ts-ignore: decorator
@inline
function leave(
  node: u32,
  vertexCount: u32,
  vertexSlots: usize,
  hyperedgeCount: u32,
  edgeSlots: usize,
  state: usize,
): void {
  const path = u32At(state, PATH) - 1;
  setU32(state, PATH, path);
  const least = load<u32>(slotOf(node, 1, vertexCount, vertexSlots, hyperedgeCount, edgeSlots));
  if (least == load<u32>(slotOf(node, 0, vertexCount, vertexSlots, hyperedgeCount, edgeSlots))) {
    const part = u32At(state, PARTS) + 1;
    setU32(state, PARTS, part);
    let open = u32At(state, OPEN);
    let member: u32;
    do {
      member = load<u32>(slotOf(--open, 5, vertexCount, vertexSlots, hyperedgeCount, edgeSlots));
      store<u32>(slotOf(member, 3, vertexCount, vertexSlots, hyperedgeCount, edgeSlots), part);
    } while (member != node);
    setU32(state, OPEN, open);
  }
  if (path == 0) return;
  const parent = load<u32>(slotOf(path - 1, 4, vertexCount, vertexSlots, hyperedgeCount, edgeSlots));
  const above = slotOf(parent, 1, vertexCount, vertexSlots, hyperedgeCount, edgeSlots);
  store<u32>(above, min(load<u32>(above), least));
}

/** Labels vertices by the smallest of their component; the first blocks of slots are used for the names. */
function nameParts(
  vertexCount: u32,
  vertexSlots: usize,
  hyperedgeCount: u32,
  edgeSlots: usize,
  partCount: u32,
  labels: usize,
): u32 {
  let count: u32 = 0;
  for (let part: u32 = 0; part < partCount; part++) {
    store<u32>(slotOf(part, 0, vertexCount, vertexSlots, hyperedgeCount, edgeSlots), NONE);
  }
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    const part = load<u32>(slotOf(vertex, 3, vertexCount, vertexSlots, hyperedgeCount, edgeSlots)) - 1;
    const name = slotOf(part, 0, vertexCount, vertexSlots, hyperedgeCount, edgeSlots);
    if (load<u32>(name) == NONE) {
      store<u32>(name, vertex);
      count++;
    }
    setU32(labels, vertex, load<u32>(name));
  }
  return count;
}
