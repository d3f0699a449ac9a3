import { labelPropagationTask } from '../kernels/tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { firstOfGroup, groupSizes, largestGroups, percent } from './groups.js';
import { BOTH_SIDES } from './run-kernel-task.js';

export interface LabelPropagationParameters {
  /** Gives the order of vertices, and decides between labels of equal weight; 0 to 4,294,967,295. @default 0 */
  readonly seed?: number;
  /** Most iterations; 1 to 1,000,000. Stopping there without convergence is a warning. @default 1000 */
  readonly iterationsMax?: number;
}

const EXAMPLES = 5;

/**
 * Communities of vertices by label propagation: in an order shuffled by `seed`, every vertex takes the label of greatest
 * weight around it, where each other member of a hyperedge counts 1 / (size - 1); its own label stays when it is one
 * of several, else `seed` decides. `values.labels[v]` is the smallest vertex of v's community, `values.modularity[0]`
 * the strict hypergraph modularity of the communities. Raghavan, Albert and Kumara, "Near linear time algorithm to
 * detect community structures in large-scale networks", Physical Review E 76 (2007); modularity of Kamiński, Poulin,
 * Prałat, Szufel and Théberge, "Clustering via hypergraph modularity", PLoS ONE 14 (2019).
 */
export const labelPropagation = defineAlgorithm<
  LabelPropagationParameters,
  { readonly labels: Uint32Array; readonly modularity: Float64Array }
>({
  name: 'label-propagation',
  description: 'Communities of vertices by label propagation, with their modularity.',
  parameters: {
    seed: {
      type: 'integer',
      description: 'gives the order of vertices and decides between equal labels',
      default: 0,
      minimum: 0,
      maximum: 0xffff_ffff,
    },
    iterationsMax: {
      type: 'integer',
      description: 'most iterations',
      default: 1000,
      minimum: 1,
      maximum: 1_000_000,
    },
  },
  async compute(run, parameters) {
    const { graph } = run;
    const output = await run.call(labelPropagationTask, BOTH_SIDES, parameters);
    const { labels, modularity, changed, result } = output;
    const left = changed[0]!;
    const groups = groupSizes(labels);
    const communities = groups.sizes.reduce((count, size) => count + (size > 0 ? 1 : 0), 0);
    return {
      values: { labels, modularity },
      summary: [
        { name: 'communities', value: communities },
        { name: 'largest', value: `${groups.largest} vertices (${percent(groups.largest, labels.length)})` },
        { name: 'single vertices', value: groups.singletons },
        { name: 'strict modularity', value: Number(modularity[0]!.toPrecision(6)) },
        { name: 'iterations', value: result },
        { name: 'converged', value: left === 0 ? 'yes' : 'no' },
      ],
      table: (count) => ({
        columns: ['community', 'vertices', 'examples'],
        rows: largestGroups(groups, count).map((label) => [
          graph.labelOf(label),
          groups.sizes[label]!,
          firstOfGroup(labels, label, EXAMPLES)
            .map((vertex) => graph.labelOf(vertex))
            .join(', '),
        ]),
      }),
      ...(left > 0 && {
        warnings: [
          `Label propagation did not converge: iteration ${result} still changed ${left} vertices; raise iterationsMax.`,
        ],
      }),
    };
  },
});
