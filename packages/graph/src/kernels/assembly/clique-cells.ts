import { f64At, setF64, setU32, u32Address, u32At } from './array';
import { PAIR_ONE, PAIR_SHARE, expandCliques } from './clique';
import { requireIncidence } from './incidence';

/** Hyperedges per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_HYPEREDGES: u32 = 4096;
const BLOCK_VERTICES: u32 = 64;

/**
 * `expandCliques` with a cell for every pair of vertices, `cellCount` of them, or as it is where that is 0. One pass over
 * the members adds up the weights, in the same order and to the same bits, and equal hyperedges meet in the cells; rows
 * come out rising. It pays where vertices are few beside the incidences.
 */
export function expandPairs(
  edgeOffsets: usize,
  hyperedgeCount: u32,
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
  cells: usize,
  cellCount: u32,
): void {
  if (cellCount == 0) {
    expandCliques(
      edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, vertexCount, sizeMax, weighting, sums, touched, offsets,
      neighbours, weights, arcsMax,
    );
    return;
  }
  if (!areAllPairs(vertexCount, cellCount)) unreachable();
  const rows = touched;
  startRows(vertexCount, rows);
  memory.fill(offsets, 0, <usize>(vertexCount + 1) << 2);
  for (let from: u32 = 0; from < hyperedgeCount; from += BLOCK_HYPEREDGES) {
    addPairs(
      edgeOffsets, edgeMembers, from, min(from + BLOCK_HYPEREDGES, hyperedgeCount), sizeMax, weighting, rows, cells,
      offsets,
    );
  }
  let arcs: u64 = 0;
  for (let vertex: u32 = 0; vertex <= vertexCount; vertex++) {
    const count = u32At(offsets, vertex);
    setU32(offsets, vertex, <u32>arcs);
    arcs += count;
  }
  if (arcs > arcsMax) unreachable();
  for (let from: u32 = 0; from < vertexCount; from += BLOCK_VERTICES) {
    fillCells(
      from, min(from + BLOCK_VERTICES, vertexCount), vertexCount, weighting, rows, cells, offsets, neighbours, weights,
    );
  }
  // Filling moved every start to the end of its row, which is the start of the next.
  memory.copy(offsets + 4, offsets, <usize>vertexCount << 2);
  setU32(offsets, 0, 0);
}

/** Adds the pairs of the hyperedges from `from` to `to` of 2 to `sizeMax` members, and counts the neighbours of each vertex. */
export function addPairs(
  edgeOffsets: usize,
  edgeMembers: usize,
  from: u32,
  to: u32,
  sizeMax: u32,
  weighting: u32,
  rows: usize,
  cells: usize,
  counts: usize,
): void {
  let first = u32Address(edgeMembers, u32At(edgeOffsets, from));
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    const start = first;
    const end = u32Address(edgeMembers, u32At(edgeOffsets, hyperedge + 1));
    first = end;
    const size = <u32>(end - start) >> 2;
    if (size < 2 || size > sizeMax) continue;
    const share = weighting == PAIR_SHARE ? 1.0 / <f64>(size - 1) : 1.0;
    if (size == 2) {
      addPair(load<u32>(start), load<u32>(start, 4), share, rows, cells, counts);
      continue;
    }
    if (size == 3) {
      addThree(load<u32>(start), load<u32>(start, 4), load<u32>(start, 8), share, rows, cells, counts);
      continue;
    }
    if (size == 4) {
      const four = load<u32>(start, 12);
      addThree(load<u32>(start), load<u32>(start, 4), load<u32>(start, 8), share, rows, cells, counts);
      addPair(load<u32>(start), four, share, rows, cells, counts);
      addPair(load<u32>(start, 4), four, share, rows, cells, counts);
      addPair(load<u32>(start, 8), four, share, rows, cells, counts);
      continue;
    }
    for (let i = start; i < end; i += 4) {
      const one = load<u32>(i);
      for (let j = i + 4; j < end; j += 4) addPair(one, load<u32>(j), share, rows, cells, counts);
    }
  }
}

// @ts-ignore: decorator
@inline
function addThree(one: u32, two: u32, three: u32, share: f64, rows: usize, cells: usize, counts: usize): void {
  addPair(one, two, share, rows, cells, counts);
  addPair(one, three, share, rows, cells, counts);
  addPair(two, three, share, rows, cells, counts);
}

// @ts-ignore: decorator
@inline
function addPair(one: u32, other: u32, share: f64, rows: usize, cells: usize, counts: usize): void {
  if (one == other) return;
  const cell = u32At(rows, min(one, other)) + max(one, other);
  const sum = f64At(cells, cell);
  setF64(cells, cell, sum + share);
  if (sum != 0) return;
  setU32(counts, one, u32At(counts, one) + 1);
  setU32(counts, other, u32At(counts, other) + 1);
}

/** Whether four cells are 0. */
// @ts-ignore: decorator
@inline
function areUnused(cell: usize): bool {
  return !v128.any_true(v128.or(v128.load(cell), v128.load(cell, 16)));
}

/** Rows from the cells in use. Each vertex's `places` is where its row begins, and afterwards where it ends. */
export function fillCells(
  from: u32,
  to: u32,
  vertexCount: u32,
  weighting: u32,
  rows: usize,
  cells: usize,
  places: usize,
  neighbours: usize,
  weights: usize,
): void {
  for (let vertex = from; vertex < to; vertex++) {
    const row = u32At(rows, vertex);
    let place = u32At(places, vertex);
    for (let other = vertex + 1; other < vertexCount; other++) {
      const cell = cells + (<usize>(row + other) << 3);
      if (other + 4 <= vertexCount && areUnused(cell)) {
        other += 3;
        continue;
      }
      const sum = load<f64>(cell);
      if (sum == 0) continue;
      const weight = weighting == PAIR_ONE ? 1.0 : sum;
      setU32(neighbours, place, other);
      setF64(weights, place++, weight);
      const mirrored = u32At(places, other);
      setU32(neighbours, mirrored, vertex);
      setF64(weights, mirrored, weight);
      setU32(places, other, mirrored + 1);
    }
    setU32(places, vertex, place);
  }
}

/**
 * The number of pairs of vertices that share a hyperedge, in both directions: the arcs of the clique expansion. `marks` has
 * a byte for every pair of vertices, zero before.
 */
export function countArcs(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  cellCount: u32,
  rows: usize,
  marks: usize,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  if (!areAllPairs(vertexCount, cellCount)) unreachable();
  startRows(vertexCount, rows);
  for (let from: u32 = 0; from < edgeOffsetsLength - 1; from += BLOCK_HYPEREDGES) {
    markPairs(edgeOffsets, edgeMembers, from, min(from + BLOCK_HYPEREDGES, edgeOffsetsLength - 1), rows, marks);
  }
  let pairs: u32 = 0;
  for (let cell: u32 = 0; cell < cellCount; cell++) pairs += <u32>load<u8>(marks + cell);
  return 2 * pairs;
}

export function markPairs(edgeOffsets: usize, edgeMembers: usize, from: u32, to: u32, rows: usize, marks: usize): void {
  let i = u32Address(edgeMembers, u32At(edgeOffsets, from));
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    const end = u32Address(edgeMembers, u32At(edgeOffsets, hyperedge + 1));
    for (; i < end; i += 4) {
      const one = load<u32>(i);
      for (let j = i + 4; j < end; j += 4) {
        const other = load<u32>(j);
        if (one != other) store<u8>(marks + u32At(rows, min(one, other)) + max(one, other), 1);
      }
    }
  }
}

function areAllPairs(vertexCount: u32, cellCount: u32): bool {
  return <u64>vertexCount * <u64>(vertexCount - 1) == 2 * <u64>cellCount;
}

/** The cells of the pairs (u, v), u < v, begin at u + 1; rows are told by where (u, 0) would be. */
function startRows(vertexCount: u32, rows: usize): void {
  for (let vertex: u32 = 0, row: u32 = 0; vertex < vertexCount; vertex++) {
    setU32(rows, vertex, row - vertex - 1);
    row += vertexCount - vertex - 1;
  }
}
