import { conductancesTask } from '../kernels/community-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { rounded } from './communities.js';
import { groupSizes } from './groups.js';
import { PARTITION } from './modularity.js';
import type { PartNames } from './parameter.js';
import { EDGE_SIDE } from './run-kernel-task.js';

export interface ConductanceParameters {
  /** The name of the part of every vertex, in the order of indexes; on the command line a file, one per line. */
  readonly partition: PartNames;
}

/** Conductances of the parts `parts`, which are named by their smallest vertex and rise. */
export interface ConductanceValues {
  readonly [name: string]: Uint32Array | Float64Array;
  readonly parts: Uint32Array;
  readonly conductances: Float64Array;
}

/**
 * Conductance of every part of a given partition: the hyperedges with members inside and outside, divided by the smaller
 * of the volumes inside and outside, where a volume is the number of incidences with hyperedges of at least two members;
 * 0 for a part that no hyperedge leaves. At most 1. Chan, Louis, Tang and Zhang, "Spectral properties of hypergraph
 * Laplacian and approximation algorithms", J. ACM 65 (2018), section 1, with degrees as vertex weights.
 */
export const conductance = defineAlgorithm<ConductanceParameters, ConductanceValues>({
  name: 'conductance',
  description: 'Conductance of every part of a given partition.',
  parameters: { partition: PARTITION },
  async compute(run, { partition }) {
    const { graph } = run;
    const { values } = await run.call(conductancesTask, { ...EDGE_SIDE, labels: partition }, {});
    const parts = new Uint32Array(new Set(partition));
    const conductances = Float64Array.from(parts, (part) => values[part]!);
    const { sizes } = groupSizes(partition);
    const largest = conductances.reduce((most, value) => Math.max(most, value), 0);
    const mean = conductances.reduce((sum, value) => sum + value, 0) / Math.max(1, parts.length);
    return {
      values: { parts, conductances },
      summary: [
        { name: 'parts', value: parts.length },
        { name: 'largest conductance', value: rounded(largest) },
        { name: 'mean conductance', value: rounded(mean) },
      ],
      table: (count) => ({
        columns: ['part', 'vertices', 'conductance'],
        rows: [...parts.subarray(0, count)].map((part, index) => [
          graph.labelOf(part),
          sizes[part]!,
          conductances[index]!,
        ]),
      }),
    };
  },
});
