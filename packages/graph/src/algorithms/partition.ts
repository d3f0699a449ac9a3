import { type Partition, runPartitioner } from '../partition/partitioner.js';
import { hashPartitioner, multilevelPartitioner, streamPartitioner } from '../partition/partitioners.js';
import { type Computed, defineAlgorithm } from './algorithm.js';
import { rounded, SEED } from './communities.js';
import { percent } from './groups.js';

export interface PartitionParameters {
  /** Number of parts; from 1 to the number of vertices. @default 2 */
  readonly k?: number;
  /** How much larger than V / k a part may be, as a share of it. @default 0.03 */
  readonly imbalance?: number;
  /** @default 'multilevel' */
  readonly method?: 'hash' | 'stream' | 'multilevel';
  /** Runs of `multilevel`, of which the best is given; 1 to 1000. @default 4 */
  readonly restarts?: number;
  /** Decides what is left to chance; 0 to 4,294,967,295. @default 0 */
  readonly seed?: number;
}

/** The part of every vertex, from 0 to k - 1; the vertices of each part; cut hyperedges and connectivity less one. */
export interface PartitionValues {
  readonly [name: string]: Uint32Array;
  readonly parts: Uint32Array;
  readonly sizes: Uint32Array;
  readonly totals: Uint32Array;
}

/**
 * Divides the vertices into `k` parts of nearly equal size so that few hyperedges have members in several. `values.totals`
 * are the number of those hyperedges and the sum over all of parts less one, which `multilevel` keeps small. Parts have at
 * most max(ceil(V / k), floor((1 + imbalance) V / k)) vertices, except with `hash`. `multilevel` as Karypis,
 * Aggarwal, Kumar and Shekhar, "Multilevel hypergraph partitioning", IEEE Trans. VLSI 7 (1999); `stream` as Eyubov, Fonseca Faraj and
 * Schulz, "FREIGHT: fast streaming hypergraph partitioning" (SEA 2023).
 * @throws AnantError `E_GRAPH_INVALID` with more parts than vertices
 */
export const partition = defineAlgorithm<PartitionParameters, PartitionValues>({
  name: 'partition',
  description: 'Divides vertices into k parts of nearly equal size that few hyperedges connect.',
  parameters: {
    k: { type: 'integer', description: 'number of parts', default: 2, minimum: 1, maximum: 0xffff_ffff },
    imbalance: {
      type: 'number',
      description: 'how much larger than V / k a part may be, as a share of it',
      default: 0.03,
      minimum: 0,
      maximum: 1e6,
    },
    method: {
      type: 'choice',
      description: 'by hash, in one pass by connectivity, or by levels with refinement',
      default: 'multilevel',
      choices: ['hash', 'stream', 'multilevel'],
    },
    restarts: {
      type: 'integer',
      description: 'runs of multilevel, of which the best is given',
      default: 4,
      minimum: 1,
      maximum: 1000,
    },
    seed: { ...SEED, description: 'decides what is left to chance' },
  },
  async compute(run, { k, imbalance, method, restarts, seed }) {
    const partitioners = {
      hash: hashPartitioner,
      stream: streamPartitioner,
      multilevel: multilevelPartitioner(restarts),
    };
    return describePartition(
      await runPartitioner(run, partitioners[method], { k, imbalance, seed }),
      run.graph.hyperedgeCount,
    );
  },
});

/** What a division cuts, for people. */
export function describePartition(
  { parts, sizes, cut, connectivity, imbalance }: Partition,
  hyperedgeCount: number,
): Computed<PartitionValues> {
  return {
    values: { parts, sizes, totals: Uint32Array.of(cut, connectivity) },
    summary: [
      { name: 'parts', value: sizes.length },
      { name: 'cut hyperedges', value: `${cut} (${percent(cut, hyperedgeCount)})` },
      { name: 'connectivity less one', value: connectivity },
      { name: 'imbalance', value: rounded(imbalance) },
    ],
    table: (count) => ({
      columns: ['part', 'vertices'],
      rows: [...sizes.subarray(0, count)].map((size, part) => [part, size]),
    }),
  };
}
