import { f64At, setF64 } from './array';
import { distinctMembers } from './distinct-members';
import { exactSum, largestOf } from './exact-sum';
import { requireSize } from './h-eigenvector';
import { requireIncidence } from './incidence';
import { BLOCK_HYPEREDGES, addDerivatives, clearF64 } from './spectral';

/** Step of the Euler method, as in the paper. */
const STEP: f64 = 0.5;

/**
 * A Z-eigenvector of a hypergraph whose hyperedges have `size` (from 2) different members each: T x^(r-1) = λ x. Follows
 * dx/dt = v(x) - x with Euler steps of a half, where v(x) is the leading eigenvector of the matrix T x^(r-2); v goes
 * along by one step of the power method, averaged with itself so that it does not alternate. Both have sum 1. Starts
 * from `start` (sum 1) and never leaves the vertices where that is not 0. Ends when v, x and the next v differ by
 * less than `tolerance` in L1, or after `iterationsMax`; returns the number of steps. `state` is that difference, and
 * the factor of T x^(r-2) on x short of (r - 2)!. The sum over all vertices is exact, so that parts of a graph come to the same.
 * Benson and Gleich, "Computing tensor Z-eigenvectors with dynamical systems" (SIAM J. Matrix Anal. Appl. 40, 2019), as
 * in Benson, "Three hypergraph eigenvector centralities" (2019), section 2.3.
 */
export function zEigenvector(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  size: u32,
  start: usize,
  startLength: u32,
  tolerance: f64,
  iterationsMax: u32,
  scores: usize,
  scoresLength: u32,
  state: usize,
  stateLength: u32,
  starts: usize,
  members: usize,
  stamps: usize,
  direction: usize,
  sums: usize,
  before: usize,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  if (startLength != vertexCount || size < 2) unreachable();
  distinctMembers(edgeOffsets, edgeOffsetsLength, edgeMembers, vertexCount, starts, members, stamps);
  const hyperedgeCount = edgeOffsetsLength - 1;
  requireSize(starts, hyperedgeCount, size);
  memory.copy(scores, start, <usize>vertexCount << 3);
  memory.copy(direction, start, <usize>vertexCount << 3);
  for (let iteration: u32 = 1; iteration <= iterationsMax; iteration++) {
    clearF64(sums, vertexCount);
    for (let from: u32 = 0; from < hyperedgeCount; from += BLOCK_HYPEREDGES) {
      const to = min(from + BLOCK_HYPEREDGES, hyperedgeCount);
      addDerivatives(starts, members, from, to, scores, direction, sums, before);
    }
    const total = exactSum(sums, vertexCount, largestOf(sums, vertexCount));
    setF64(state, 1, total);
    if (!(total > 0)) {
      // No hyperedge, or products below the smallest number: nothing to follow.
      setF64(state, 0, hyperedgeCount == 0 ? 0 : Infinity);
      clearF64(scores, vertexCount);
      return iteration;
    }
    setF64(state, 0, follow(vertexCount, total, scores, direction, sums));
    if (f64At(state, 0) < tolerance) return iteration;
  }
  return iterationsMax;
}

/** One step of direction and scores. Returns how far they are from standing still. */
function follow(vertexCount: u32, total: f64, scores: usize, direction: usize, sums: usize): f64 {
  let turn: f64 = 0;
  let gap: f64 = 0;
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    const old = f64At(direction, vertex);
    const next = (old + f64At(sums, vertex) / total) / 2;
    const score = f64At(scores, vertex);
    turn += Math.abs(next - old);
    gap += Math.abs(next - score);
    setF64(direction, vertex, next);
    setF64(scores, vertex, score + STEP * (next - score));
  }
  return turn + gap;
}
