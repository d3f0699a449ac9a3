import { clearU32, f64At, setF64, setU32, u32Address, u32At } from './array';
import { PAIR_ONE, PAIR_SHARE, expandCliques } from './clique';

/** Hyperedges or vertices per call of the inner loops: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_HYPEREDGES: u32 = 4096;
const BLOCK_VERTICES: u32 = 64;
/** A pair takes 8 bytes in the list of its smaller vertex: the larger one, and the size of the hyperedge. */
const PAIR_SHIFT: usize = 3;

/**
 * `expandCliques` by a counting sort: the pairs of all hyperedges, `pairsMax` of them or fewer, are listed by their smaller
 * vertex, and then each list is added up, over rising hyperedges as there. Hyperedges are read once, in order, and equal
 * pairs meet where the sums of one vertex are in the nearest cache. With `pairsMax` 0 it is `expandCliques` itself, which
 * needs no room for pairs. `sums` and `touched` have one slot per vertex; `sums` is zero before and after.
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
  pairs: usize,
  pairsMax: u32,
): void {
  if (pairsMax == 0) {
    expandCliques(
      edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, vertexCount, sizeMax, weighting, sums, touched, offsets,
      neighbours, weights, arcsMax,
    );
    return;
  }
  const ends = touched;
  clearU32(ends, vertexCount);
  for (let from: u32 = 0; from < hyperedgeCount; from += BLOCK_HYPEREDGES) {
    countPairs(edgeOffsets, edgeMembers, from, min(from + BLOCK_HYPEREDGES, hyperedgeCount), sizeMax, ends);
  }
  toStarts(ends, vertexCount, pairsMax);
  for (let from: u32 = 0; from < hyperedgeCount; from += BLOCK_HYPEREDGES) {
    listPairs(edgeOffsets, edgeMembers, from, min(from + BLOCK_HYPEREDGES, hyperedgeCount), sizeMax, ends, pairs);
  }
  clearU32(offsets, vertexCount + 1);
  // The room of the sums serves as stamps first.
  for (let from: u32 = 0; from < vertexCount; from += BLOCK_VERTICES) {
    countPartners(from, min(from + BLOCK_VERTICES, vertexCount), ends, pairs, sums, offsets);
  }
  memory.fill(sums, 0, <usize>vertexCount << 3);
  toStarts(offsets, vertexCount + 1, arcsMax);
  for (let from: u32 = 0; from < vertexCount; from += BLOCK_VERTICES) {
    addPairs(from, min(from + BLOCK_VERTICES, vertexCount), weighting, ends, pairs, sums, offsets, neighbours, weights);
  }
  // Filling moved every start to the end of its row, which is the start of the next.
  memory.copy(offsets + 4, offsets, <usize>vertexCount << 2);
  setU32(offsets, 0, 0);
}

/** Turns counts into where each list begins. Traps when all of them together are more than `most`. */
function toStarts(counts: usize, length: u32, most: u32): void {
  let sum: u64 = 0;
  for (let i: u32 = 0; i < length; i++) {
    const count = u32At(counts, i);
    setU32(counts, i, <u32>sum);
    sum += count;
  }
  if (sum > most) unreachable();
}

/** Counts the pairs of the hyperedges from `from` to `to` of 2 to `sizeMax` members at the smaller vertex of each. */
export function countPairs(
  edgeOffsets: usize,
  edgeMembers: usize,
  from: u32,
  to: u32,
  sizeMax: u32,
  counts: usize,
): void {
  let end = u32Address(edgeMembers, u32At(edgeOffsets, from));
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    let i = end;
    end = u32Address(edgeMembers, u32At(edgeOffsets, hyperedge + 1));
    if (<u32>(end - i) >> 2 > sizeMax) continue;
    for (; i < end; i += 4) {
      const one = load<u32>(i);
      for (let j = i + 4; j < end; j += 4) {
        const other = load<u32>(j);
        const smaller = min(one, other);
        setU32(counts, smaller, u32At(counts, smaller) + <u32>(one != other));
      }
    }
  }
}

/** Lists what `countPairs` counted; `ends` are where each list begins, and afterwards where it ends. */
export function listPairs(
  edgeOffsets: usize,
  edgeMembers: usize,
  from: u32,
  to: u32,
  sizeMax: u32,
  ends: usize,
  pairs: usize,
): void {
  let end = u32Address(edgeMembers, u32At(edgeOffsets, from));
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    let i = end;
    end = u32Address(edgeMembers, u32At(edgeOffsets, hyperedge + 1));
    const size = <u32>(end - i) >> 2;
    if (size > sizeMax) continue;
    for (; i < end; i += 4) {
      const one = load<u32>(i);
      for (let j = i + 4; j < end; j += 4) {
        const other = load<u32>(j);
        if (one == other) continue;
        const smaller = min(one, other);
        const place = u32At(ends, smaller);
        setU32(ends, smaller, place + 1);
        store<u64>(pairs + (<usize>place << PAIR_SHIFT), (<u64>size << 32) | <u64>max(one, other));
      }
    }
  }
}

/** Counts the different partners of every vertex: smaller and larger ones. */
export function countPartners(from: u32, to: u32, ends: usize, pairs: usize, stamps: usize, counts: usize): void {
  let pair = startOf(pairs, ends, from);
  for (let vertex = from; vertex < to; vertex++) {
    const end = pairs + (<usize>u32At(ends, vertex) << PAIR_SHIFT);
    let count: u32 = 0;
    for (; pair < end; pair += 1 << PAIR_SHIFT) {
      const other = load<u32>(pair);
      const isNew = <u32>(u32At(stamps, other) != vertex + 1);
      setU32(stamps, other, vertex + 1);
      setU32(counts, other, u32At(counts, other) + isNew);
      count += isNew;
    }
    setU32(counts, vertex, u32At(counts, vertex) + count);
  }
}

/** Adds up the lists of some vertices into both rows of each pair; `places` are where rows begin, then where they end. */
export function addPairs(
  from: u32,
  to: u32,
  weighting: u32,
  ends: usize,
  pairs: usize,
  sums: usize,
  places: usize,
  neighbours: usize,
  weights: usize,
): void {
  let pair = startOf(pairs, ends, from);
  for (let vertex = from; vertex < to; vertex++) {
    const start = pair;
    const end = pairs + (<usize>u32At(ends, vertex) << PAIR_SHIFT);
    // Each partner once, over the pairs that were read.
    let last = start;
    for (; pair < end; pair += 1 << PAIR_SHIFT) {
      const other = load<u32>(pair);
      const share = weighting == PAIR_SHARE ? 1.0 / <f64>(load<u32>(pair, 4) - 1) : 1.0;
      const sum = f64At(sums, other);
      setF64(sums, other, sum + share);
      store<u32>(last, other);
      last += <usize>(sum == 0) << 2;
    }
    let place = u32At(places, vertex);
    for (let at = start; at < last; at += 4, place++) {
      const other = load<u32>(at);
      const weight = weighting == PAIR_ONE ? 1.0 : f64At(sums, other);
      setF64(sums, other, 0);
      const mirrored = u32At(places, other);
      setU32(places, other, mirrored + 1);
      setU32(neighbours, place, other);
      setF64(weights, place, weight);
      setU32(neighbours, mirrored, vertex);
      setF64(weights, mirrored, weight);
    }
    setU32(places, vertex, place);
  }
}

/** Where the list of a vertex begins: where the one before it ends. */
function startOf(pairs: usize, ends: usize, vertex: u32): usize {
  return vertex == 0 ? pairs : pairs + (<usize>u32At(ends, vertex - 1) << PAIR_SHIFT);
}
