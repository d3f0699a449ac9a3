import { labelPropagationTask } from '../kernels/community-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { RESOLUTION, SEED } from './communities.js';
import { arcsBound, pairsRoom } from './pairs.js';
import { describePropagated, ITERATIONS, type LabelPropagationValues } from './propagated-labels.js';
import { BOTH_SIDES } from './run-kernel-task.js';

export interface LabelPropagationParameters {
  /** Gives the order of vertices (0: by index), and decides between labels of equal weight; 0 to 4,294,967,295. @default 0 */
  readonly seed?: number;
  /** Weight of the penalty on large labels; 0 for none, as in the first publication. @default 0.25 */
  readonly resolution?: number;
  /** Most iterations; 1 to 1,000,000. Stopping there without convergence is a warning. @default 1000 */
  readonly iterationsMax?: number;
}

/** The kernel expands hyperedges up to this size into pairs. */
const PAIRS_SIZE_MAX = 32;

/**
 * Communities of vertices by label propagation: in an order that `seed` gives (0: that of indexes), every vertex takes the label of greatest
 * score, where each other member of a hyperedge counts 1 / (size - 1) for its label, less what the label would get by
 * chance, times `resolution`; its own label stays when no other is better. Of hyperedges of more than 32 members the 8
 * most frequent labels count, so an iteration is linear in the incidences. `values.labels[v]` is the smallest vertex
 * of v's community, `values.modularity[0]` the strict hypergraph modularity of the communities. Raghavan, Albert and
 * Kumara, "Near linear time algorithm to detect community structures in large-scale networks", Physical Review E 76
 * (2007); the penalty is that of Barber and Clark, "Detecting network communities by propagating labels under
 * constraints", Physical Review E 80 (2009); modularity of Kamiński, Poulin, Prałat, Szufel and Théberge, "Clustering
 * via hypergraph modularity", PLoS ONE 14 (2019).
 */
export const labelPropagation = defineAlgorithm<LabelPropagationParameters, LabelPropagationValues>({
  name: 'label-propagation',
  description: 'Communities of vertices by label propagation, with their modularity.',
  parameters: {
    seed: SEED,
    resolution: { ...RESOLUTION, default: 0.25 },
    iterationsMax: ITERATIONS,
  },
  async compute(run, parameters) {
    const { graph } = run;
    const output = await run.call(labelPropagationTask, BOTH_SIDES, {
      ...parameters,
      arcsMax: arcsBound(graph, PAIRS_SIZE_MAX),
      pairsMax: pairsRoom(graph, PAIRS_SIZE_MAX),
      largeMembers: graph.incidenceCount * Number(largestSize(graph.edgeToNodes.offsets) > PAIRS_SIZE_MAX),
    });
    return describePropagated(graph, output);
  },
});

function largestSize(offsets: Uint32Array): number {
  let largest = 0;
  for (let list = 0; list + 1 < offsets.length; list++) {
    largest = Math.max(largest, offsets[list + 1]! - offsets[list]!);
  }
  return largest;
}
