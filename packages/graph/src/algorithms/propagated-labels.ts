/** What both ways of label propagation have in common: how many iterations, and what is told of the result. */
import type { Hypergraph } from '../hypergraph.js';
import type { Computed } from './algorithm.js';
import { describeCommunities, rounded } from './communities.js';

/** Values of label propagation. */
export interface LabelPropagationValues {
  readonly [name: string]: Uint32Array | Float64Array;
  readonly labels: Uint32Array;
  readonly modularity: Float64Array;
}

export const ITERATIONS = {
  type: 'integer',
  description: 'most iterations',
  default: 1000,
  minimum: 1,
  maximum: 1_000_000,
} as const;

/** What the kernels give; `result` is the number of iterations, `changed[0]` what was left to move. */
export interface PropagatedLabels {
  readonly labels: Uint32Array;
  readonly modularity: Float64Array;
  readonly changed: Uint32Array;
  readonly result: number;
}

export function describePropagated(
  graph: Hypergraph,
  { labels, modularity, changed, result }: PropagatedLabels,
): Computed<LabelPropagationValues> {
  const left = changed[0]!;
  return {
    ...describeCommunities(graph, { labels, modularity }, [
      { name: 'strict modularity', value: rounded(modularity[0]!) },
      { name: 'iterations', value: result },
      { name: 'converged', value: left === 0 ? 'yes' : 'no' },
    ]),
    ...(left > 0 && {
      warnings: [
        `Label propagation did not converge: iteration ${result} still changed ${left} vertices; raise iterationsMax.`,
      ],
    }),
  };
}
