import { f64At, setF64 } from './array';
import { distinctMembers } from './distinct-members';
import { exactSum } from './exact-sum';
import { requireIncidence } from './incidence';
import { BLOCK_HYPEREDGES, addOthers, clearF64 } from './spectral';

/**
 * Leading eigenvector of the clique expansion weighted by multiplicity: W x = λ x, where (W x)_v adds up x_u over all
 * hyperedges of v and their other members u. Starts from `start` (sum 1) and never leaves the vertices where that is
 * not 0. Each step takes the mean of x and W x, both with sum 1, so that it converges where W alone would alternate.
 * Sums over all vertices are exact, so that parts of a graph come to the same. Ends when the L1 change is below `tolerance` or after `iterationsMax`; returns the number of steps. `state` is the
 * last change and λ. Without any pair of members all scores are 0.
 * Bonacich, "Factoring and weighting approaches to status scores" (1972), on Benson's motif (2019), section 2.2.
 */
export function cliqueEigenvector(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
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
  sums: usize,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  if (startLength != vertexCount) unreachable();
  distinctMembers(edgeOffsets, edgeOffsetsLength, edgeMembers, vertexCount, starts, members, stamps);
  memory.copy(scores, start, <usize>vertexCount << 3);
  const hyperedgeCount = edgeOffsetsLength - 1;
  for (let iteration: u32 = 1; iteration <= iterationsMax; iteration++) {
    clearF64(sums, vertexCount);
    for (let from: u32 = 0; from < hyperedgeCount; from += BLOCK_HYPEREDGES) {
      addOthers(starts, members, from, min(from + BLOCK_HYPEREDGES, hyperedgeCount), scores, sums);
    }
    // Of a score that sums to 1 no hyperedge holds more.
    const total = exactSum(sums, vertexCount, <f64>hyperedgeCount);
    setF64(state, 1, total);
    if (!(total > 0)) {
      clearF64(scores, vertexCount);
      setF64(state, 0, 0);
      return iteration;
    }
    let change: f64 = 0;
    for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
      const old = f64At(scores, vertex);
      const score = (old + f64At(sums, vertex) / total) / 2;
      change += Math.abs(score - old);
      setF64(scores, vertex, score);
    }
    setF64(state, 0, change);
    if (change < tolerance) return iteration;
  }
  return iterationsMax;
}
