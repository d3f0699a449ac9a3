import { zEigenvectorTask } from '../kernels/centrality-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import type { EigenvectorValues } from './clique-eigenvector.js';
import { type ConvergenceParameters, convergenceParameters } from './convergence.js';
import { factorial, uniformEigenvector } from './uniform-eigenvector.js';

/**
 * Z-eigenvector centrality (ZEC) of a hypergraph whose hyperedges all have r different members: T x^(r-1) = λ x, where T
 * has 1 for every ordering of every hyperedge. Scores sum to 1; `values.eigenvalue` is λ of the vector of Euclidean
 * length 1. There can be several such vectors: this is the one that the dynamics of Benson and Gleich (2019) reach
 * from the even vector; scores can tend to 0 on a part of the vertices. On a hypergraph that is not connected, scores
 * are of its largest component and 0 elsewhere, with a warning; without hyperedges all are 0. Multi-edges count each.
 * Benson, "Three hypergraph eigenvector centralities", SIAM J. Math. Data Sci. 1 (2019), section 2.3.
 * @throws AnantError `E_GRAPH_INVALID` when hyperedges have different numbers of members
 */
export const zEigenvector = defineAlgorithm<ConvergenceParameters, EigenvectorValues>({
  name: 'z-eigenvector',
  description: 'Z-eigenvector centrality of vertices of a uniform hypergraph (ZEC).',
  parameters: convergenceParameters({ tolerance: 1e-10, iterationsMax: 10_000 }),
  compute: (run, limits) =>
    uniformEigenvector(run, {
      name: 'z-eigenvector',
      title: 'The Z-eigenvector',
      task: zEigenvectorTask,
      limits,
      eigenvalueOf: unitEigenvalue,
    }),
});

/** The eigenvalue at Euclidean length 1, from the factor at the length of `scores`: T x^(r-1) is of degree r - 1. */
function unitEigenvalue({
  scores,
  factor,
  size,
}: {
  readonly scores: Float64Array;
  readonly factor: number;
  readonly size: number;
}): number {
  const length = Math.sqrt(scores.reduce((sum, score) => sum + score * score, 0));
  if (length === 0) return 0;
  let eigenvalue = factor * factorial(size - 2);
  for (let power = 2; power < size; power++) eigenvalue /= length;
  return eigenvalue;
}
