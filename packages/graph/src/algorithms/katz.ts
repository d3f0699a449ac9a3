import { AnantError } from '@anant/core';
import type { Hypergraph } from '../hypergraph.js';
import { katzTask } from '../kernels/centrality-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { type ConvergenceParameters, convergenceOf, convergenceParameters } from './convergence.js';
import { EDGE_SIDE } from './run-kernel-task.js';
import { scoreTable } from './vertex-scores.js';

export interface KatzParameters extends ConvergenceParameters {
  /** Weight of a step; greater than 0 and below 1 / (largest eigenvalue of the clique expansion). @default 0.5 / largest row sum */
  readonly alpha?: number;
}

/**
 * Katz centrality of vertices on the clique expansion weighted by multiplicity: x = 1 + α W x, the number of walks that
 * end at a vertex, those of k steps weighted α^k. Scores sum to 1; a vertex that shares no hyperedge has the least.
 * Multi-edges count each, repeated members once. Katz, "A new status index derived from sociometric analysis",
 * Psychometrika 18 (1953).
 * @throws AnantError `E_GRAPH_INVALID` when `alpha` is so large that walks weigh more the longer they are
 */
export const katz = defineAlgorithm<KatzParameters, { readonly scores: Float64Array }>({
  name: 'katz',
  description: 'Walks to each vertex over shared hyperedges, long ones weighing less.',
  parameters: {
    alpha: {
      type: 'number',
      description: 'weight of a step',
      default: (graph) => defaultAlpha(graph.mostOtherMembers()),
      defaultText: '0.5 / largest row sum of the clique expansion',
      minimum: 0,
      bounds: 'exclusive',
    },
    ...convergenceParameters({ tolerance: 1e-12, iterationsMax: 10_000 }),
  },
  async compute(run, { alpha, tolerance, iterationsMax }) {
    const { graph } = run;
    const { scores, state, result } = await run.call(katzTask, EDGE_SIDE, {
      vertexCount: graph.vertexCount,
      ...{ alpha, tolerance, iterationsMax },
    });
    const last = state[0]!;
    if (last === Infinity) throw tooLarge(graph, alpha);
    const ended = convergenceOf('Katz centrality', { iterations: result, last, tolerance });
    return {
      values: { scores },
      summary: [{ name: 'alpha', value: Number(alpha.toPrecision(6)) }, ...ended.facts],
      table: (count) => scoreTable(graph, scores, count),
      warnings: ended.warnings,
    };
  },
});

/** Walks lose weight whatever the graph. */
export const defaultAlpha = (mostOtherMembers: number): number => 0.5 / mostOtherMembers;

function tooLarge(graph: Hypergraph, alpha: number): AnantError {
  const safe = (1 / graph.mostOtherMembers()).toPrecision(3);
  return new AnantError(
    'E_GRAPH_INVALID',
    `"alpha" ${alpha} is too large: longer walks weigh more than shorter ones, and there is no sum.`,
    {
      advice: `Below ${safe} there always is; the limit is 1 / (largest eigenvalue of the clique expansion).`,
    },
  );
}
