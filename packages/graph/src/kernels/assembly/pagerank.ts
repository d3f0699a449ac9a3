import { f64At, setF64, setU32, u32Address, u32At } from './array';
import { requireIncidence } from './incidence';

/** Hyperedges per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
export const BLOCK_HYPEREDGES: u32 = 8192;

/**
 * PageRank of vertices under the edge-then-vertex walk. A walker at vertex v picks one of v's hyperedges uniformly,
 * then one of its members uniformly (v included). With probability 1 - `damping` it jumps to a uniform vertex
 * instead; from a vertex without hyperedges it always jumps uniformly. Ranks sum to 1.
 *
 *   rank(u) = (1 - d) / V + d * ( sum over hyperedges e of u: share(e)  +  dangling / V )
 *   share(e) = ( sum over members v of e: rank(v) / degree(v) ) / size(e)
 *
 * Iterates from the uniform vector until the L1 change is below `tolerance` or `iterationsMax` is reached; returns
 * the number of iterations, `change[0]` is the last L1 change. Every sum runs in one fixed order (members as
 * listed, hyperedges and vertices ascending), so results are the same bits everywhere.
 * Page, Brin, Motwani and Winograd (1999); the walk is that of Zhou, Huang and Schölkopf, "Learning with
 * hypergraphs" (NIPS 2006), with unit weights.
 */
export function pagerank(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  damping: f64,
  tolerance: f64,
  iterationsMax: u32,
  ranks: usize,
  ranksLength: u32,
  change: usize,
  changeLength: u32,
  weights: usize,
  sums: usize,
  degrees: usize,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  if (vertexCount == 0) return 0;
  const hyperedgeCount = edgeOffsetsLength - 1;
  countDegrees(edgeMembers, edgeMembersLength, degrees);
  let dangling = startUniform(vertexCount, ranks, weights, degrees);
  for (let iteration: u32 = 1; iteration <= iterationsMax; iteration++) {
    for (let from: u32 = 0; from < hyperedgeCount; from += BLOCK_HYPEREDGES) {
      spreadRanks(edgeOffsets, edgeMembers, from, min(from + BLOCK_HYPEREDGES, hyperedgeCount), weights, sums);
    }
    const base = (1.0 - damping + damping * dangling) / <f64>vertexCount;
    dangling = collectRanks(vertexCount, base, damping, ranks, change, weights, sums, degrees);
    if (f64At(change, 0) < tolerance) return iteration;
  }
  return iterationsMax;
}

export function countDegrees(edgeMembers: usize, edgeMembersLength: u32, degrees: usize): void {
  for (let i: u32 = 0; i < edgeMembersLength; i++) {
    const member = u32At(edgeMembers, i);
    setU32(degrees, member, u32At(degrees, member) + 1);
  }
}

/** Every vertex gets the same rank. Returns the rank held by vertices without hyperedges. */
function startUniform(vertexCount: u32, ranks: usize, weights: usize, degrees: usize): f64 {
  const rank = 1.0 / <f64>vertexCount;
  let dangling: f64 = 0;
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    setF64(ranks, vertex, rank);
    const degree = u32At(degrees, vertex);
    if (degree == 0) dangling += rank;
    else setF64(weights, vertex, rank / <f64>degree);
  }
  return dangling;
}

/**
 * Adds each hyperedge's share to the sums of its members. The order of additions is that of a pull over ascending
 * hyperedges, so a parallel pull gives the same bits. Small sizes are unrolled: most hyperedges are small, and their
 * loops would mostly cost mispredicted branches.
 */
export function spreadRanks(
  edgeOffsets: usize,
  edgeMembers: usize,
  from: u32,
  to: u32,
  weights: usize,
  sums: usize,
): void {
  let at = u32Address(edgeMembers, u32At(edgeOffsets, from));
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    const end = u32Address(edgeMembers, u32At(edgeOffsets, hyperedge + 1));
    const size = <u32>(end - at) >> 2;
    if (size == 0) continue;
    const first = load<u32>(at);
    let sum = f64At(weights, first);
    if (size == 1) {
      add(sums, first, sum);
    } else if (size == 2) {
      const second = load<u32>(at, 4);
      const share = (sum + f64At(weights, second)) / 2;
      add(sums, first, share);
      add(sums, second, share);
    } else if (size == 3) {
      const second = load<u32>(at, 4);
      const third = load<u32>(at, 8);
      const share = (sum + f64At(weights, second) + f64At(weights, third)) / 3;
      add(sums, first, share);
      add(sums, second, share);
      add(sums, third, share);
    } else {
      for (let p = at + 4; p < end; p += 4) sum += f64At(weights, load<u32>(p));
      const share = sum / <f64>size;
      for (let p = at; p < end; p += 4) add(sums, load<u32>(p), share);
    }
    at = end;
  }
}

/** New ranks from the sums, which it clears. Returns the rank held by vertices without hyperedges. */
export function collectRanks(
  vertexCount: u32,
  base: f64,
  damping: f64,
  ranks: usize,
  change: usize,
  weights: usize,
  sums: usize,
  degrees: usize,
): f64 {
  let total: f64 = 0;
  let dangling: f64 = 0;
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    const rank = base + damping * f64At(sums, vertex);
    total += Math.abs(rank - f64At(ranks, vertex));
    setF64(ranks, vertex, rank);
    setF64(sums, vertex, 0);
    const degree = u32At(degrees, vertex);
    if (degree == 0) dangling += rank;
    else setF64(weights, vertex, rank / <f64>degree);
  }
  setF64(change, 0, total);
  return dangling;
}

// @ts-ignore: decorator
@inline
function add(sums: usize, vertex: u32, value: f64): void {
  setF64(sums, vertex, f64At(sums, vertex) + value);
}
