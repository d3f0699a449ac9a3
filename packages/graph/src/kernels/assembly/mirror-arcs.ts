import { setU32, u32At } from './array';
import { requireIncidence } from './incidence';

/** Nodes per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_NODES: u32 = 256;

/**
 * Both directions of the edges of a graph. Given are, by node, the neighbours after it, rising; `arcOffsets` and `arcs`
 * list all neighbours of each node, rising. Traps on a neighbour that is not after its node, or on another length.
 */
export function mirrorArcs(
  offsets: usize,
  offsetsLength: u32,
  neighbours: usize,
  neighboursLength: u32,
  arcOffsets: usize,
  arcOffsetsLength: u32,
  arcs: usize,
  arcsLength: u32,
  ends: usize,
): void {
  requireIncidence(offsets, offsetsLength, neighbours, neighboursLength, offsetsLength - 1);
  const count = offsetsLength - 1;
  for (let i: u32 = 0; i < neighboursLength; i++) {
    const node = u32At(neighbours, i);
    setU32(ends, node, u32At(ends, node) + 1);
  }
  let at: u32 = 0;
  for (let node: u32 = 0; node < count; node++) {
    const earlier = u32At(ends, node);
    setU32(arcOffsets, node, at);
    setU32(ends, node, at);
    at += earlier + (u32At(offsets, node + 1) - u32At(offsets, node));
  }
  if (at != arcsLength) unreachable();
  setU32(arcOffsets, count, at);
  for (let from: u32 = 0; from < count; from += BLOCK_NODES) {
    mirrorRows(from, min(from + BLOCK_NODES, count), offsets, neighbours, arcs, ends);
  }
}

/** The rows of the nodes from `from` to `to` behind what is earlier than they, and they in the rows of the later ones. */
export function mirrorRows(from: u32, to: u32, offsets: usize, neighbours: usize, arcs: usize, ends: usize): void {
  for (let node = from; node < to; node++) {
    const end = u32At(offsets, node + 1);
    let own = u32At(ends, node);
    for (let i = u32At(offsets, node); i < end; i++) {
      const later = u32At(neighbours, i);
      // A later node has not placed its own neighbours yet, so its earlier ones stay in front of them.
      if (later <= node) unreachable();
      setU32(arcs, own++, later);
      const place = u32At(ends, later);
      setU32(arcs, place, node);
      setU32(ends, later, place + 1);
    }
  }
}
