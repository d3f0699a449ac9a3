import { clearU32, setU32, u32At } from './array';

/** Ways through a hyperedge: between all its members, from tails to heads, or from heads to tails. */
export const WAY_BOTH: u32 = 0;
export const WAY_FORWARD: u32 = 1;
export const WAY_BACKWARD: u32 = 2;

const HEAD: u32 = 1;
const TAIL: u32 = 2;

/**
 * Whether the incidence at `place` of a hyperedge that begins at `first` may be entered from its vertex (`entering`) or
 * left to it. With no `directions` the first member is the tail and the others are heads; a direction that is neither
 * head nor tail counts as both.
 */
// @ts-ignore: decorator
@inline
export function isOpen(directions: usize, count: u32, place: u32, first: u32, way: u32, entering: bool): bool {
  if (way == WAY_BOTH) return true;
  const wantsTail = entering == (way == WAY_FORWARD);
  if (count == 0) return (place == first) == wantsTail;
  const direction = <u32>load<u8>(directions + <usize>place);
  return direction != (wantsTail ? HEAD : TAIL);
}

/**
 * Hyperedges that each vertex can enter, rising: `outEdges[outOffsets[v]] ..`. Traps when there are directions but not one
 * for every incidence. `outOffsets` has one slot per vertex and two more.
 */
export function listEntered(
  edgeOffsets: usize,
  hyperedgeCount: u32,
  edgeMembers: usize,
  memberCount: u32,
  directions: usize,
  directionCount: u32,
  way: u32,
  vertexCount: u32,
  outOffsets: usize,
  outEdges: usize,
): void {
  if (directionCount != 0 && directionCount != memberCount) unreachable();
  clearU32(outOffsets, vertexCount + 2);
  // Shifted by two while filling, so that every list ends where the next begins.
  const counts = outOffsets + 8;
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const first = u32At(edgeOffsets, hyperedge);
    const last = u32At(edgeOffsets, hyperedge + 1);
    for (let place = first; place < last; place++) {
      if (!isOpen(directions, directionCount, place, first, way, true)) continue;
      const vertex = u32At(edgeMembers, place);
      if (vertex + 1 < vertexCount) setU32(counts, vertex, u32At(counts, vertex) + 1);
    }
  }
  for (let vertex: u32 = 2; vertex <= vertexCount; vertex++) {
    setU32(outOffsets, vertex, u32At(outOffsets, vertex) + u32At(outOffsets, vertex - 1));
  }
  const places = outOffsets + 4;
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const first = u32At(edgeOffsets, hyperedge);
    const last = u32At(edgeOffsets, hyperedge + 1);
    for (let place = first; place < last; place++) {
      if (!isOpen(directions, directionCount, place, first, way, true)) continue;
      const vertex = u32At(edgeMembers, place);
      const at = u32At(places, vertex);
      setU32(places, vertex, at + 1);
      setU32(outEdges, at, hyperedge);
    }
  }
}
