import { hEigenvectorTask } from '../kernels/centrality-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import type { EigenvectorValues } from './clique-eigenvector.js';
import { type ConvergenceParameters, convergenceParameters } from './convergence.js';
import { factorial, uniformEigenvector } from './uniform-eigenvector.js';

/**
 * H-eigenvector centrality (HEC) of a hypergraph whose hyperedges all have r different members: T x^(r-1) = λ x^[r-1]
 * with positive x, where T has 1 for every ordering of every hyperedge. Scores sum to 1; `values.eigenvalue` is λ. The
 * iteration ends when the ratios of both sides, between which λ lies, differ by less than `tolerance` relative to the
 * least. On a hypergraph that is not connected, scores are of its largest component and 0 elsewhere, with a warning;
 * without hyperedges all are 0. Multi-edges count each. Benson, "Three hypergraph eigenvector centralities", SIAM J.
 * Math. Data Sci. 1 (2019), section 2.4, by the method of Ng, Qi and Zhou (2009).
 * @throws AnantError `E_GRAPH_INVALID` when hyperedges have different numbers of members
 */
export const hEigenvector = defineAlgorithm<ConvergenceParameters, EigenvectorValues>({
  name: 'h-eigenvector',
  description: 'H-eigenvector centrality of vertices of a uniform hypergraph (HEC).',
  parameters: convergenceParameters({ tolerance: 1e-10, iterationsMax: 10_000 }),
  compute: (run, limits) =>
    uniformEigenvector(run, {
      name: 'h-eigenvector',
      title: 'The H-eigenvector',
      task: hEigenvectorTask,
      limits,
      eigenvalueOf: ({ factor, size }) => factor * factorial(size - 1),
    }),
});
