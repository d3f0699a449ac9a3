import type { ExternalId } from '../ids/id-table.js';
import { bfsTask } from '../kernels/tasks.js';
import { selectParts } from '../store/select.js';
import { defineGraphAlgorithm } from './algorithm.js';
import { percent } from './groups.js';
import { BOTH_SIDES } from './run-kernel-task.js';
import { SOURCE } from './sources.js';

export interface NeighborhoodParameters {
  /** Id or label of the vertex in the middle. @default the vertex of highest degree, the smallest of several */
  readonly source?: ExternalId;
  /** How many hyperedges away a vertex may be; from 0. @default 1 */
  readonly hops?: number;
}

/**
 * The vertices within `hops` hyperedges of one, and the hyperedges among them: `values.vertices` are indexes, rising;
 * `graph()` has these vertices and the hyperedges all of whose members are among them, the sub-hypergraph that they induce: Bretto,
 * "Hypergraph theory" (2013), section 1.1. Hops are those of `bfs`.
 * @throws AnantError `E_GRAPH_INVALID` when the graph has no such vertex
 */
export const neighborhood = defineGraphAlgorithm<NeighborhoodParameters, { readonly vertices: Uint32Array }>({
  name: 'neighborhood',
  description: 'The sub-hypergraph within some hops of a vertex.',
  parameters: {
    source: SOURCE,
    hops: {
      type: 'integer',
      description: 'how many hyperedges away a vertex may be',
      default: 1,
      minimum: 0,
      maximum: 0x7fff_ffff,
    },
  },
  async compute(run, { source, hops }) {
    const { graph } = run;
    const { levels } = await run.call(bfsTask, BOTH_SIDES, { source });
    const vertices = Uint32Array.from(
      [...levels.keys()].filter((vertex) => levels[vertex]! >= 0 && levels[vertex]! <= hops),
    );
    return {
      values: { vertices },
      graph: () => graph.derive(selectParts(graph.parts(), { vertices })),
      summary: [
        { name: 'source', value: graph.labelOf(source) },
        { name: 'vertices', value: `${vertices.length} (${percent(vertices.length, graph.vertexCount)})` },
      ],
      table: (count) => ({
        columns: ['vertex', 'hops'],
        rows: [...vertices]
          .sort((one, other) => levels[one]! - levels[other]! || one - other)
          .slice(0, count)
          .map((vertex) => [graph.labelOf(vertex), levels[vertex]!]),
      }),
    };
  },
});
