import { parallelLabelsTask } from '../kernels/community-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { SEED } from './communities.js';
import { describePropagated, ITERATIONS, type LabelPropagationValues } from './propagated-labels.js';
import { BOTH_SIDES } from './run-kernel-task.js';

export interface ParallelLabelPropagationParameters {
  /** Chooses who moves in an iteration, and decides between labels of equal weight; 0 to 4,294,967,295. @default 0 */
  readonly seed?: number;
  /** Most iterations; 1 to 1,000,000. Stopping there without convergence is a warning. @default 1000 */
  readonly iterationsMax?: number;
}

/**
 * Communities of vertices by label propagation whose vertices move at the same time, so that it runs on parts of a graph with
 * the same result. In each iteration every vertex looks for the label of greatest score, where each other member of a hyperedge
 * counts 1 / (size - 1) for its label, the 8 most frequent of a hyperedge only; its own stays when no other is better. Half of
 * those that find a better one take it, by hashes of `seed`, vertex and iteration: were it all, neighbours could exchange labels for
 * ever. `values.labels[v]` is the smallest vertex of v's community, `values.modularity[0]` the strict modularity. Raghavan,
 * Albert and Kumara, "Near linear time algorithm to detect community structures in large-scale networks", Physical Review E 76
 * (2007), without the penalty of `label-propagation`, which needs the sizes of all communities at every move.
 */
export const parallelLabelPropagation = defineAlgorithm<
  ParallelLabelPropagationParameters,
  LabelPropagationValues
>({
  name: 'parallel-label-propagation',
  description: 'Communities of vertices by label propagation that moves half of them at a time.',
  parameters: { seed: SEED, iterationsMax: ITERATIONS },
  async compute(run, parameters) {
    return describePropagated(run.graph, await run.call(parallelLabelsTask, BOTH_SIDES, parameters));
  },
});
