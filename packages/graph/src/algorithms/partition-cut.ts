import { measurePartition } from '../partition/partitioner.js';
import { defineAlgorithm } from './algorithm.js';
import { PARTITION } from './modularity.js';
import type { PartNames } from './parameter.js';
import { describePartition, type PartitionValues } from './partition.js';

export interface PartitionCutParameters {
  /** The name of the part of every vertex, in the order of indexes; on the command line a file, one per line. */
  readonly partition: PartNames;
}

/**
 * What a given partition cuts: `values.totals` are the hyperedges with members in several parts, and the sum over hyperedges
 * of parts less one; `values.parts` numbers the parts from 0 in order of appearance, `values.sizes` counts their vertices.
 * Objectives as in Heuer, Sanders and Schlag, "Network flow-based refinement for multilevel hypergraph partitioning", ACM J.
 * Exp. Algorithmics 24 (2019), section 2.
 */
export const partitionCut = defineAlgorithm<PartitionCutParameters, PartitionValues>({
  name: 'partition-cut',
  description: 'Hyperedges that a given partition cuts, and how balanced it is.',
  parameters: { partition: PARTITION },
  async compute(run, { partition }) {
    const numbers = new Map<number, number>();
    const parts = partition.map((label) => {
      const known = numbers.get(label);
      if (known !== undefined) return known;
      numbers.set(label, numbers.size);
      return numbers.size - 1;
    });
    return describePartition(await measurePartition(run, parts, numbers.size), run.graph.hyperedgeCount);
  },
});
