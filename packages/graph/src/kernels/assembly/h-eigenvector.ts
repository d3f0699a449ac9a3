import { f64At, setF64, u32At } from './array';
import { distinctMembers } from './distinct-members';
import { exactSum, largestOf } from './exact-sum';
import { requireIncidence } from './incidence';
import { power, root } from './root';
import { BLOCK_HYPEREDGES, addProducts, clearF64, divideAll } from './spectral';

/**
 * Leading H-eigenvector of a hypergraph whose hyperedges have `size` (from 2) different members each: T x^(r-1) =
 * λ x^[r-1], where T x^(r-1) adds up, over the hyperedges of a vertex, the product of the values of the other members.
 * Starts from `start` (sum 1) and never leaves the vertices where that is not 0. Each step takes the root of degree
 * r - 1 of T x^(r-1); ends when the ratios of T x^(r-1) to x^[r-1], between which λ lies, differ by less than
 * `tolerance` relative to the least, or after `iterationsMax`. Returns the number of steps; `state` is that difference
 * and the least ratio. Sums over all vertices are exact, so that parts of a graph come to the same. With 2 members each, where the step could alternate, the mean of both sides is taken.
 * Ng, Qi and Zhou, "Finding the largest eigenvalue of a nonnegative tensor" (SIAM J. Matrix Anal. Appl. 31, 2009), as in
 * Benson, "Three hypergraph eigenvector centralities" (2019), section 2.4. Scores sum to 1.
 */
export function hEigenvector(
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
  sums: usize,
  before: usize,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  if (startLength != vertexCount || size < 2) unreachable();
  distinctMembers(edgeOffsets, edgeOffsetsLength, edgeMembers, vertexCount, starts, members, stamps);
  const hyperedgeCount = edgeOffsetsLength - 1;
  requireSize(starts, hyperedgeCount, size);
  memory.copy(scores, start, <usize>vertexCount << 3);
  multiply(starts, members, hyperedgeCount, vertexCount, scores, sums, before);
  for (let iteration: u32 = 1; iteration <= iterationsMax; iteration++) {
    if (!takeRoots(vertexCount, hyperedgeCount, size, scores, sums)) return iteration;
    multiply(starts, members, hyperedgeCount, vertexCount, scores, sums, before);
    measureRatios(vertexCount, size, start, scores, sums, state);
    if (f64At(state, 0) < tolerance) return iteration;
  }
  return iterationsMax;
}

/** Traps unless every hyperedge has `size` different members. */
export function requireSize(starts: usize, hyperedgeCount: u32, size: u32): void {
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    if (u32At(starts, hyperedge + 1) - u32At(starts, hyperedge) != size) unreachable();
  }
}

function multiply(
  starts: usize,
  members: usize,
  hyperedgeCount: u32,
  vertexCount: u32,
  scores: usize,
  sums: usize,
  before: usize,
): void {
  clearF64(sums, vertexCount);
  for (let from: u32 = 0; from < hyperedgeCount; from += BLOCK_HYPEREDGES) {
    addProducts(starts, members, from, min(from + BLOCK_HYPEREDGES, hyperedgeCount), scores, sums, before);
  }
}

/** The next scores, from the products. False, and all scores 0, when there are none. */
function takeRoots(vertexCount: u32, hyperedgeCount: u32, size: u32, scores: usize, sums: usize): bool {
  // No score is above 1, so no sum of products, and no root of one, above the number of hyperedges.
  const bound = <f64>hyperedgeCount;
  const total = size == 2 ? exactSum(sums, vertexCount, bound) : largestOf(sums, vertexCount);
  if (!(total > 0)) {
    clearF64(scores, vertexCount);
    return false;
  }
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    const product = f64At(sums, vertex);
    const score = size == 2 ? (f64At(scores, vertex) + product / total) / 2 : root(product, size - 1);
    setF64(scores, vertex, score);
  }
  divideAll(scores, vertexCount, exactSum(scores, vertexCount, bound));
  return true;
}

/** How far the ratios differ that bound the eigenvalue, and the least of them. */
function measureRatios(vertexCount: u32, size: u32, start: usize, scores: usize, sums: usize, state: usize): void {
  let least: f64 = Infinity;
  let most: f64 = 0;
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    if (f64At(start, vertex) == 0) continue;
    const scale = power(f64At(scores, vertex), size - 1);
    // A score so small that its power is 0 says nothing about the eigenvalue, and is not converged.
    const ratio = scale > 0 ? f64At(sums, vertex) / scale : Infinity;
    least = min(least, ratio);
    most = max(most, ratio);
  }
  setF64(state, 0, most < Infinity ? (most - least) / least : Infinity);
  setF64(state, 1, least < Infinity ? least : 0);
}
