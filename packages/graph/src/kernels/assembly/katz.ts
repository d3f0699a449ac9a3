import { f64At, setF64 } from './array';
import { distinctMembers } from './distinct-members';
import { requireIncidence } from './incidence';
import { BLOCK_HYPEREDGES, addOthers, clearF64, divideAll, sumOf } from './spectral';

/** Scores above this are taken as growing without bound. */
const DIVERGED: f64 = 1e200;

/**
 * Katz centrality on the clique expansion weighted by multiplicity: x = 1 + α W x, that is the sum over walks of every
 * length k of α^k. Iterates from x = 1 until the change, relative to the sum, is below `tolerance`, or `iterationsMax`;
 * returns the number of steps. `state` is the last relative change, Infinity when scores grow without bound, as they
 * do unless `alpha` is below 1 / (largest eigenvalue of W). Scores are divided by their sum.
 * Katz, "A new status index derived from sociometric analysis" (Psychometrika 18, 1953).
 */
export function katz(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  alpha: f64,
  tolerance: f64,
  iterationsMax: u32,
  scores: usize,
  scoresLength: u32,
  state: usize,
  stateLength: u32,
  starts: usize,
  members: usize,
  stamps: usize,
  sums: usize,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  if (vertexCount == 0) return 0;
  distinctMembers(edgeOffsets, edgeOffsetsLength, edgeMembers, vertexCount, starts, members, stamps);
  const hyperedgeCount = edgeOffsetsLength - 1;
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) setF64(scores, vertex, 1);
  let steps = iterationsMax;
  for (let iteration: u32 = 1; iteration <= iterationsMax; iteration++) {
    clearF64(sums, vertexCount);
    for (let from: u32 = 0; from < hyperedgeCount; from += BLOCK_HYPEREDGES) {
      addOthers(starts, members, from, min(from + BLOCK_HYPEREDGES, hyperedgeCount), scores, sums);
    }
    let change: f64 = 0;
    let total: f64 = 0;
    for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
      const score = 1 + alpha * f64At(sums, vertex);
      change += Math.abs(score - f64At(scores, vertex));
      total += score;
      setF64(scores, vertex, score);
    }
    if (!(total < DIVERGED)) {
      setF64(state, 0, Infinity);
      return iteration;
    }
    setF64(state, 0, change / total);
    if (change / total < tolerance) {
      steps = iteration;
      break;
    }
  }
  divideAll(scores, vertexCount, sumOf(scores, vertexCount));
  return steps;
}
