import { f64At, setF64, u32At } from './array';
import { distinctMembers } from './distinct-members';
import { requireIncidence } from './incidence';
import { power, root } from './root';
import { addF64, clearF64, sumOf } from './spectral';

/** Hyperedges per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_HYPEREDGES: u32 = 1024;

/**
 * Node-edge centrality: vertices matter by their hyperedges, hyperedges by their members. With B the incidence,
 * f(y) = y^a, g its inverse, φ(x) = x^b and ψ its inverse: x ~ g(B f(y)) and y ~ ψ(Bᵀ φ(x)), both with sum 1. Starts
 * from `start` (sum 1), and evenly over the hyperedges with a member where that is not 0; never leaves these. Each step
 * takes the geometric mean of old and new. Ends when both change by less than `tolerance` in L1 together, or after
 * `iterationsMax`; returns the number of steps, `state` is the last change.
 * Tudisco and Higham, "Node and edge nonlinear eigenvector centrality for hypergraphs" (Communications Physics 4, 2021).
 */
export function nodeEdge(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  edgePower: u32,
  nodePower: u32,
  start: usize,
  startLength: u32,
  tolerance: f64,
  iterationsMax: u32,
  scores: usize,
  scoresLength: u32,
  edgeScores: usize,
  edgeScoresLength: u32,
  state: usize,
  stateLength: u32,
  starts: usize,
  members: usize,
  stamps: usize,
  powers: usize,
  sums: usize,
  edgeSums: usize,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  if (startLength != vertexCount || edgePower == 0 || nodePower == 0) unreachable();
  distinctMembers(edgeOffsets, edgeOffsetsLength, edgeMembers, vertexCount, starts, members, stamps);
  memory.copy(scores, start, <usize>vertexCount << 3);
  if (startEdges(starts, members, edgeScoresLength, scores, edgeScores) == 0) {
    clearF64(scores, vertexCount);
    return 0;
  }
  for (let iteration: u32 = 1; iteration <= iterationsMax; iteration++) {
    for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
      setF64(powers, vertex, power(f64At(scores, vertex), nodePower));
    }
    clearF64(sums, vertexCount);
    for (let from: u32 = 0; from < edgeScoresLength; from += BLOCK_HYPEREDGES) {
      const to = min(from + BLOCK_HYPEREDGES, edgeScoresLength);
      exchange(starts, members, from, to, edgePower, powers, edgeScores, sums, edgeSums);
    }
    const change =
      renew(vertexCount, edgePower, scores, sums) + renew(edgeScoresLength, nodePower, edgeScores, edgeSums);
    setF64(state, 0, change);
    if (change < tolerance) return iteration;
  }
  return iterationsMax;
}

/** Spreads 1 evenly over the hyperedges with a vertex that counts. Returns how many there are. */
function startEdges(starts: usize, members: usize, hyperedgeCount: u32, scores: usize, edgeScores: usize): u32 {
  let count: u32 = 0;
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const begin = u32At(starts, hyperedge);
    const counts = u32At(starts, hyperedge + 1) > begin && f64At(scores, u32At(members, begin)) > 0;
    setF64(edgeScores, hyperedge, counts ? 1 : 0);
    count += u32(counts);
  }
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    if (f64At(edgeScores, hyperedge) > 0) setF64(edgeScores, hyperedge, 1 / <f64>count);
  }
  return count;
}

/** What hyperedges get from their members, and members from them. */
export function exchange(
  starts: usize,
  members: usize,
  from: u32,
  to: u32,
  edgePower: u32,
  powers: usize,
  edgeScores: usize,
  sums: usize,
  edgeSums: usize,
): void {
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    const end = u32At(starts, hyperedge + 1);
    const given = power(f64At(edgeScores, hyperedge), edgePower);
    let taken: f64 = 0;
    for (let i = u32At(starts, hyperedge); i < end; i++) {
      const member = u32At(members, i);
      taken += f64At(powers, member);
      addF64(sums, member, given);
    }
    setF64(edgeSums, hyperedge, taken);
  }
}

/** The geometric mean of old values and roots of sums, made to sum to 1. Returns the L1 change. */
function renew(count: u32, degree: u32, values: usize, sums: usize): f64 {
  for (let i: u32 = 0; i < count; i++) {
    setF64(sums, i, Math.sqrt(f64At(values, i) * root(f64At(sums, i), degree)));
  }
  const total = sumOf(sums, count);
  let change: f64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const value = total > 0 ? f64At(sums, i) / total : 0;
    change += Math.abs(value - f64At(values, i));
    setF64(values, i, value);
  }
  return change;
}
