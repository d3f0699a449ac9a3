import { hEigenvectorTask } from '../kernels/centrality-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import type { EigenvectorValues } from './clique-eigenvector.js';
import { componentStart } from './component-start.js';
import { type ConvergenceParameters, convergenceOf, convergenceParameters } from './convergence.js';
import { EDGE_SIDE } from './run-kernel-task.js';
import { uniformSize } from './uniform.js';
import { scoreTable } from './vertex-scores.js';

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
  async compute(run, { tolerance, iterationsMax }) {
    const { graph } = run;
    const size = uniformSize(graph, 'h-eigenvector');
    const component = await componentStart(run);
    const { start } = component;
    const { scores, state, result } = await run.call(hEigenvectorTask, EDGE_SIDE, {
      vertexCount: graph.vertexCount,
      ...{ size, start, tolerance, iterationsMax },
    });
    const ended = convergenceOf('The H-eigenvector', { iterations: result, last: state[0]!, tolerance });
    const eigenvalue = state[1]! * factorial(size - 1);
    return {
      values: { scores, eigenvalue: Float64Array.of(eigenvalue) },
      summary: [
        ...ended.facts,
        { name: 'eigenvalue', value: Number(eigenvalue.toPrecision(9)) },
        { name: 'members of each hyperedge', value: size },
        { name: 'vertices of the component', value: component.size },
      ],
      table: (count) => scoreTable(graph, scores, count),
      warnings: [...component.warnings, ...ended.warnings],
    };
  },
});

export function factorial(n: number): number {
  let product = 1;
  for (let factor = 2; factor <= n; factor++) product *= factor;
  return product;
}
