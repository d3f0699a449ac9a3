import { kCoreTask } from '../kernels/tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { percent } from './groups.js';
import { CORE_SIZE, NO_CORE } from './k-core.js';
import { BOTH_SIDES } from './run-kernel-task.js';

export interface HypercoreParameters {
  /** Fewest hyperedges of the core that each of its vertices is in; from 0. @default 2 */
  readonly k?: number;
  /** Fewest members that each of its hyperedges keeps; from 1. @default 2 */
  readonly s?: number;
}

/** Indexes of the vertices and hyperedges of the core, rising. */
export interface HypercoreValues {
  readonly [name: string]: Uint32Array;
  readonly vertices: Uint32Array;
  readonly hyperedges: Uint32Array;
}

/**
 * The (k, s)-hypercore: the largest sub-hypergraph whose vertices are in at least `k` of its hyperedges and whose
 * hyperedges have at least `s` different members in it. Hyperedges lose the members outside. `values.vertices` and
 * `values.hyperedges` are the indexes that are in it, rising; both are empty when there is no such core. With k = 0
 * all vertices are. Limnios, Dasoulas, Thilikos and Vazirgiannis, "Hcore-Init: neural network initialization based
 * on graph degeneracy" (ICPR 2020); see `k-core` for the peeling.
 */
export const hypercore = defineAlgorithm<HypercoreParameters, HypercoreValues>({
  name: 'hypercore',
  description: 'The (k, s)-hypercore: vertices in k hyperedges that keep s members each.',
  parameters: {
    k: {
      type: 'integer',
      description: 'fewest hyperedges of the core that each of its vertices is in',
      default: 2,
      minimum: 0,
      maximum: 0xffff_fffe,
    },
    s: CORE_SIZE,
  },
  async compute(run, { k, s }) {
    const { graph } = run;
    const { cores, edgeCores } = await run.call(kCoreTask, BOTH_SIDES, { s });
    const vertices = indexesWhere(cores, (core) => core >= k);
    const hyperedges = indexesWhere(edgeCores, (core) => core !== NO_CORE && core >= k);
    return {
      values: { vertices, hyperedges },
      summary: [
        { name: 'k', value: k },
        { name: 's', value: s },
        { name: 'vertices', value: `${vertices.length} (${percent(vertices.length, graph.vertexCount)})` },
        {
          name: 'hyperedges',
          value: `${hyperedges.length} (${percent(hyperedges.length, graph.hyperedgeCount)})`,
        },
      ],
      table: (count) => ({
        columns: ['vertex', 'coreness', 'degree'],
        rows: [...vertices.subarray(0, count)].map((vertex) => [
          graph.labelOf(vertex),
          cores[vertex]!,
          graph.degreeOf(vertex),
        ]),
      }),
    };
  },
});

function indexesWhere(values: Uint32Array, isWanted: (value: number) => boolean): Uint32Array {
  const indexes = new Uint32Array(values.length);
  let count = 0;
  for (let index = 0; index < values.length; index++) {
    if (isWanted(values[index]!)) indexes[count++] = index;
  }
  return indexes.slice(0, count);
}
