import { f64At, NONE, setF64, setU32, u32At } from './array';
import { isOpen, listEntered } from './direction';
import { raise, takeTop } from './heap';
import { requireIncidence } from './incidence';

const BLOCK_VERTICES: u32 = 512;

/**
 * Shortest paths from `source`, where passing through a hyperedge costs its weight: `distances[v]`, infinite where there
 * is no way; `parents[v]` the vertex before v and `through[v]` the hyperedge between them, NONE for the source and what is
 * not reached. `edgeWeights` has one weight per hyperedge, none negative, or is empty: then each costs 1. Returns the
 * number of vertices reached. Each hyperedge is passed once, from the first of its vertices that is settled: no other can
 * do better. Vertices are settled by rising distance, of equal ones by index. Dijkstra, Numer. Math. 1 (1959).
 */
export function shortestPaths(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  directions: usize,
  directionsLength: u32,
  edgeWeights: usize,
  edgeWeightsLength: u32,
  vertexCount: u32,
  way: u32,
  source: u32,
  distances: usize,
  distancesLength: u32,
  parents: usize,
  parentsLength: u32,
  through: usize,
  throughLength: u32,
  outOffsets: usize,
  outEdges: usize,
  heap: usize,
  places: usize,
  isPassed: usize,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  const hyperedgeCount = edgeOffsetsLength - 1;
  if (source >= vertexCount || (edgeWeightsLength != 0 && edgeWeightsLength != hyperedgeCount)) unreachable();
  for (let hyperedge: u32 = 0; hyperedge < edgeWeightsLength; hyperedge++) {
    if (!(f64At(edgeWeights, hyperedge) >= 0)) unreachable();
  }
  listEntered(
    edgeOffsets, hyperedgeCount, edgeMembers, edgeMembersLength, directions, directionsLength, way, vertexCount, outOffsets,
    outEdges,
  );
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    setF64(distances, vertex, Infinity);
    setU32(parents, vertex, NONE);
    setU32(through, vertex, NONE);
    setU32(places, vertex, NONE);
  }
  setF64(distances, source, 0);
  let size = raise(heap, places, distances, 0, source);
  let reached: u32 = 0;
  while (size > 0) {
    for (let turn: u32 = 0; turn < BLOCK_VERTICES && size > 0; turn++, reached++) {
      const vertex = takeTop(heap, places, distances, size--);
      size = relax(
        vertex, edgeOffsets, edgeMembers, directions, directionsLength, edgeWeights, edgeWeightsLength, way, distances,
        parents, through, outOffsets, outEdges, heap, places, isPassed, size,
      );
    }
  }
  return reached;
}

/** Passes through the hyperedges of a settled vertex. Returns the new size of the heap. */
export function relax(
  vertex: u32,
  edgeOffsets: usize,
  edgeMembers: usize,
  directions: usize,
  directionCount: u32,
  edgeWeights: usize,
  weightCount: u32,
  way: u32,
  distances: usize,
  parents: usize,
  through: usize,
  outOffsets: usize,
  outEdges: usize,
  heap: usize,
  places: usize,
  isPassed: usize,
  heapSize: u32,
): u32 {
  let size = heapSize;
  const distance = f64At(distances, vertex);
  const end = u32At(outOffsets, vertex + 1);
  for (let at = u32At(outOffsets, vertex); at < end; at++) {
    const hyperedge = u32At(outEdges, at);
    if (u32At(isPassed, hyperedge) != 0) continue;
    setU32(isPassed, hyperedge, 1);
    const reach = distance + (weightCount == 0 ? 1 : f64At(edgeWeights, hyperedge));
    const first = u32At(edgeOffsets, hyperedge);
    const last = u32At(edgeOffsets, hyperedge + 1);
    for (let place = first; place < last; place++) {
      const member = u32At(edgeMembers, place);
      if (!(reach < f64At(distances, member))) continue;
      if (!isOpen(directions, directionCount, place, first, way, false)) continue;
      setF64(distances, member, reach);
      setU32(parents, member, vertex);
      setU32(through, member, hyperedge);
      size = raise(heap, places, distances, size, member);
    }
  }
  return size;
}
