import { NONE, setU32, u32At } from './array';
import { isOpen, listEntered } from './direction';
import { requireIncidence } from './incidence';

const BLOCK_STEPS: u32 = 65536;
/** Slots of `state`: length of the path, and number of vertices reached. */
const PATH: u32 = 0;
const REACHED: u32 = 1;

/**
 * Depth-first search from `source`: `order` is the vertices in the order they are first met, `parents[v]` the one that v is
 * met from, NONE for the source and what is not reached. From a vertex the search goes through its hyperedges, rising, to
 * their members as listed. Every hyperedge keeps its place, so that time is linear. Returns the number of vertices reached.
 */
export function depthFirstSearch(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  directions: usize,
  directionsLength: u32,
  vertexCount: u32,
  way: u32,
  source: u32,
  order: usize,
  orderLength: u32,
  parents: usize,
  parentsLength: u32,
  outOffsets: usize,
  outEdges: usize,
  vertexPlaces: usize,
  edgePlaces: usize,
  path: usize,
  isMet: usize,
  state: usize,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  if (source >= vertexCount) unreachable();
  listEntered(
    edgeOffsets, edgeOffsetsLength - 1, edgeMembers, edgeMembersLength, directions, directionsLength, way, vertexCount,
    outOffsets, outEdges,
  );
  memory.copy(vertexPlaces, outOffsets, <usize>vertexCount << 2);
  memory.copy(edgePlaces, edgeOffsets, <usize>(edgeOffsetsLength - 1) << 2);
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    setU32(parents, vertex, NONE);
    setU32(order, vertex, NONE);
  }
  setU32(order, 0, source);
  setU32(path, 0, source);
  setU32(isMet, source, 1);
  setU32(state, PATH, 1);
  setU32(state, REACHED, 1);
  while (u32At(state, PATH) > 0) {
    searchDeeper(
      BLOCK_STEPS, edgeOffsets, edgeMembers, directions, directionsLength, way, order, parents, outOffsets, outEdges,
      vertexPlaces, edgePlaces, path, isMet, state,
    );
  }
  return u32At(state, REACHED);
}

export function searchDeeper(
  steps: u32,
  edgeOffsets: usize,
  edgeMembers: usize,
  directions: usize,
  directionCount: u32,
  way: u32,
  order: usize,
  parents: usize,
  outOffsets: usize,
  outEdges: usize,
  vertexPlaces: usize,
  edgePlaces: usize,
  path: usize,
  isMet: usize,
  state: usize,
): void {
  let length = u32At(state, PATH);
  let reached = u32At(state, REACHED);
  for (let step: u32 = 0; step < steps && length > 0; step++) {
    const vertex = u32At(path, length - 1);
    const at = u32At(vertexPlaces, vertex);
    if (at == u32At(outOffsets, vertex + 1)) {
      length--;
      continue;
    }
    const hyperedge = u32At(outEdges, at);
    const place = u32At(edgePlaces, hyperedge);
    if (place == u32At(edgeOffsets, hyperedge + 1)) {
      setU32(vertexPlaces, vertex, at + 1);
      continue;
    }
    setU32(edgePlaces, hyperedge, place + 1);
    const member = u32At(edgeMembers, place);
    if (u32At(isMet, member) != 0) continue;
    if (!isOpen(directions, directionCount, place, u32At(edgeOffsets, hyperedge), way, false)) continue;
    setU32(isMet, member, 1);
    setU32(parents, member, vertex);
    setU32(order, reached++, member);
    setU32(path, length++, member);
  }
  setU32(state, PATH, length);
  setU32(state, REACHED, reached);
}
