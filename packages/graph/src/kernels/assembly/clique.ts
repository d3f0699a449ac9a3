import { clearU32, f64At, setF64, setU32, u32At } from './array';

/** Vertices per call of the inner loops: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_VERTICES: u32 = 512;

/** What a hyperedge adds to the weight of each pair of its members. */
export const PAIR_ONE: u32 = 0;
export const PAIR_COUNT: u32 = 1;
export const PAIR_SHARE: u32 = 2;

/**
 * Rows of the clique expansion: `neighbours[offsets[v] ..]` are the other members of v's hyperedges of 2 to `sizeMax`
 * members, each once, in order of first appearance, with the `weights` of the pairs. `sums` and `touched` have one slot
 * per vertex; `sums` is zero before and after. Pairs count as listed, none is a vertex with itself; weights are
 * added over rising hyperedges, so that both directions of a pair have the same bits. Traps when the rows do not fit
 * into `arcsMax`.
 */
export function expandCliques(
  edgeOffsets: usize,
  edgeMembers: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
  vertexCount: u32,
  sizeMax: u32,
  weighting: u32,
  sums: usize,
  touched: usize,
  offsets: usize,
  neighbours: usize,
  weights: usize,
  arcsMax: u32,
): void {
  setU32(offsets, 0, 0);
  for (let from: u32 = 0; from < vertexCount; from += BLOCK_VERTICES) {
    const to = min(from + BLOCK_VERTICES, vertexCount);
    expandRows(
      edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, from, to, sizeMax, weighting, sums, touched, offsets,
      neighbours, weights, arcsMax,
    );
  }
}

export function expandRows(
  edgeOffsets: usize,
  edgeMembers: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
  from: u32,
  to: u32,
  sizeMax: u32,
  weighting: u32,
  sums: usize,
  touched: usize,
  offsets: usize,
  neighbours: usize,
  weights: usize,
  arcsMax: u32,
): void {
  let arc = u32At(offsets, from);
  for (let vertex = from; vertex < to; vertex++) {
    let touches: u32 = 0;
    const end = u32At(nodeOffsets, vertex + 1);
    for (let i = u32At(nodeOffsets, vertex); i < end; i++) {
      const hyperedge = u32At(nodeMembers, i);
      const first = u32At(edgeOffsets, hyperedge);
      const last = u32At(edgeOffsets, hyperedge + 1);
      const size = last - first;
      if (size < 2 || size > sizeMax) continue;
      const share = weighting == PAIR_SHARE ? 1.0 / <f64>(size - 1) : 1.0;
      for (let j = first; j < last; j++) {
        const member = u32At(edgeMembers, j);
        if (member == vertex) continue;
        const sum = f64At(sums, member);
        if (sum == 0) setU32(touched, touches++, member);
        setF64(sums, member, sum + share);
      }
    }
    if (touches > arcsMax - arc) unreachable();
    for (let i: u32 = 0; i < touches; i++, arc++) {
      const member = u32At(touched, i);
      setU32(neighbours, arc, member);
      setF64(weights, arc, weighting == PAIR_ONE ? 1.0 : f64At(sums, member));
      setF64(sums, member, 0);
    }
    setU32(offsets, vertex + 1, arc);
  }
}

/** Counts the neighbours of every vertex: the lengths of the rows of the expansion. `stamps` is zero before. */
export function countNeighbors(
  edgeOffsets: usize,
  edgeMembers: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
  vertexCount: u32,
  stamps: usize,
  degrees: usize,
): void {
  clearU32(stamps, vertexCount);
  for (let from: u32 = 0; from < vertexCount; from += BLOCK_VERTICES) {
    const to = min(from + BLOCK_VERTICES, vertexCount);
    countRows(edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, from, to, stamps, degrees);
  }
}

export function countRows(
  edgeOffsets: usize,
  edgeMembers: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
  from: u32,
  to: u32,
  stamps: usize,
  degrees: usize,
): void {
  for (let vertex = from; vertex < to; vertex++) {
    const mark = vertex + 1;
    let count: u32 = 0;
    setU32(stamps, vertex, mark);
    const end = u32At(nodeOffsets, vertex + 1);
    for (let i = u32At(nodeOffsets, vertex); i < end; i++) {
      const hyperedge = u32At(nodeMembers, i);
      const last = u32At(edgeOffsets, hyperedge + 1);
      for (let j = u32At(edgeOffsets, hyperedge); j < last; j++) {
        const member = u32At(edgeMembers, j);
        if (u32At(stamps, member) == mark) continue;
        setU32(stamps, member, mark);
        count++;
      }
    }
    setU32(degrees, vertex, count);
  }
}
