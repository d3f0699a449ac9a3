import { kCoreTask } from '../kernels/tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { NO_GROUP } from './groups.js';
import { BOTH_SIDES } from './run-kernel-task.js';
import { topIndexes } from './top-indexes.js';

export interface KCoreParameters {
  /** Fewest members that a hyperedge of a core keeps; from 1. @default 2 */
  readonly s?: number;
}

/** Coreness of every vertex and of every hyperedge. */
export interface KCoreValues {
  readonly [name: string]: Uint32Array;
  readonly cores: Uint32Array;
  readonly edgeCores: Uint32Array;
}

/** Coreness of a hyperedge with fewer than s members, which is in no core. */
export const NO_CORE = NO_GROUP;

/** The parameter `s` of everything about cores. */
export const CORE_SIZE = {
  type: 'integer',
  description: 'fewest members that a hyperedge of a core keeps',
  default: 2,
  minimum: 1,
  maximum: 0xffff_fffe,
} as const;

/**
 * Coreness: the largest k for which a vertex is in the (k, s)-hypercore, the largest sub-hypergraph whose vertices
 * are in at least k of its hyperedges and whose hyperedges keep at least `s` different members. A hyperedge loses
 * removed members and counts while it keeps s. `values.cores[v]` is that of a vertex, 0 outside every hyperedge of s
 * members; `values.edgeCores[e]` that of a hyperedge, 4294967295 when it has fewer than s members. Multi-edges count
 * each, repeated members once. Peeling of Batagelj and Zaversnik, "An O(m) algorithm for cores decomposition of
 * networks" (2003); (k, s)-hypercores of Limnios, Dasoulas, Thilikos and Vazirgiannis, "Hcore-Init" (ICPR 2020).
 */
export const kCore = defineAlgorithm<KCoreParameters, KCoreValues>({
  name: 'k-core',
  description: 'Coreness of vertices and hyperedges, where hyperedges count while they keep s members.',
  parameters: { s: CORE_SIZE },
  async compute(run, { s }) {
    const { graph } = run;
    const { cores, edgeCores, result } = await run.call(kCoreTask, BOTH_SIDES, { s });
    return {
      values: { cores, edgeCores },
      summary: [
        { name: 's', value: s },
        { name: 'largest coreness', value: result },
        { name: 'vertices of largest coreness', value: cores.filter((core) => core === result).length },
        { name: 'hyperedges of largest coreness', value: edgeCores.filter((core) => core === result).length },
        {
          name: 'hyperedges with fewer than s members',
          value: edgeCores.filter((core) => core === NO_CORE).length,
        },
      ],
      table: (count) => ({
        columns: ['vertex', 'coreness', 'degree'],
        rows: topIndexes(cores, count).map((vertex) => [
          graph.labelOf(vertex),
          cores[vertex]!,
          graph.degreeOf(vertex),
        ]),
      }),
    };
  },
});
