import { modularitiesTask } from '../kernels/community-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { RESOLUTION, rounded } from './communities.js';
import { arcsRoom, PAIR_WEIGHTS, type PairWeights, WEIGHTINGS } from './pairs.js';
import { type PartNames, required } from './parameter.js';
import { BOTH_SIDES } from './run-kernel-task.js';

export interface ModularityParameters {
  /** The name of the part of every vertex, in the order of indexes; on the command line a file, one per line. */
  readonly partition: PartNames;
  /** Weight of what is expected by chance, in the clique modularity. @default 1 */
  readonly resolution?: number;
  /** How pairs of the clique expansion are weighted: docs/graph.md. @default 'share' */
  readonly weights?: PairWeights;
}

/** The parameter `partition` of what evaluates one. */
export const PARTITION = {
  type: 'partition',
  description:
    'the part of every vertex; on the command line a file with one per line, in the order of vertices',
  default: required('partition'),
  defaultText: 'must be given',
} as const;

const NAMES = ['clique', 'strict', 'majority', 'linear'] as const;

/**
 * Modularities of a given partition of the vertices: `values.modularities` are those of the clique expansion, strict,
 * majority and linear, in this order. Definitions: docs/graph.md. Newman and Girvan, Physical Review E 69 (2004);
 * Kamiński, Poulin, Prałat, Szufel and Théberge, "Clustering via hypergraph modularity", PLoS ONE 14 (2019); Kamiński,
 * Prałat and Théberge, "Community detection algorithm using hypergraph modularity" (Complex Networks 2020).
 */
export const modularity = defineAlgorithm<ModularityParameters, { readonly modularities: Float64Array }>({
  name: 'modularity',
  description: 'Modularities of a given partition: clique, strict, majority and linear.',
  parameters: { partition: PARTITION, resolution: RESOLUTION, weights: PAIR_WEIGHTS },
  async compute(run, { partition, resolution, weights }) {
    const { values } = await run.call(
      modularitiesTask,
      { ...BOTH_SIDES, labels: partition },
      {
        resolution,
        weighting: WEIGHTINGS[weights],
        arcsMax: await arcsRoom(run),
      },
    );
    const facts = NAMES.map((name, index) => ({
      name: `${name} modularity`,
      value: rounded(values[index]!),
    }));
    return {
      values: { modularities: values },
      summary: [{ name: 'parts', value: new Set(partition).size }, ...facts],
      table: (count) => ({
        columns: ['modularity', 'value'],
        rows: NAMES.slice(0, count).map((name, index) => [name, values[index]!]),
      }),
    };
  },
});
