import { cliqueEigenvectorTask } from '../kernels/centrality-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { componentStart } from './component-start.js';
import { type ConvergenceParameters, convergenceOf, convergenceParameters } from './convergence.js';
import { EDGE_SIDE } from './run-kernel-task.js';
import { scoreTable } from './vertex-scores.js';

/** Scores of vertices, and the eigenvalue: one number. */
export interface EigenvectorValues {
  readonly [name: string]: Float64Array;
  readonly scores: Float64Array;
  readonly eigenvalue: Float64Array;
}

/**
 * Clique-expansion eigenvector centrality (CEC): the leading eigenvector of the matrix whose entry for two different
 * vertices is the number of hyperedges with both. Scores sum to 1. Multi-edges count each, repeated members once. On a
 * hypergraph that is not connected, scores are of its largest component and 0 elsewhere, with a warning; without a
 * hyperedge of two members all are 0. Benson, "Three hypergraph eigenvector centralities", SIAM J. Math. Data Sci. 1
 * (2019), section 2.2; for any sizes, as Bonacich (1972) on the weighted expansion.
 */
export const cliqueEigenvector = defineAlgorithm<ConvergenceParameters, EigenvectorValues>({
  name: 'clique-eigenvector',
  description: 'Eigenvector centrality of vertices on the weighted clique expansion (CEC).',
  parameters: convergenceParameters({ tolerance: 1e-12, iterationsMax: 10_000 }),
  async compute(run, { tolerance, iterationsMax }) {
    const { graph } = run;
    const { start, size, warnings } = await componentStart(run);
    const { scores, state, result } = await run.call(cliqueEigenvectorTask, EDGE_SIDE, {
      vertexCount: graph.vertexCount,
      ...{ start, tolerance, iterationsMax },
    });
    const ended = convergenceOf('The clique eigenvector', { iterations: result, last: state[0]!, tolerance });
    return {
      values: { scores, eigenvalue: state.slice(1) },
      summary: [
        ...ended.facts,
        { name: 'eigenvalue', value: Number(state[1]!.toPrecision(9)) },
        { name: 'vertices of the component', value: size },
      ],
      table: (count) => scoreTable(graph, scores, count),
      warnings: [...warnings, ...ended.warnings],
    };
  },
});
