import type { ExternalId } from '../ids/id-table.js';
import { depthFirstTask } from '../kernels/traversal-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { directionsOf, WAY, WAYS, type Way } from './directions.js';
import { NO_GROUP, percent } from './groups.js';
import { EDGE_SIDE } from './run-kernel-task.js';
import { SOURCE } from './sources.js';

export interface DfsParameters {
  /** Id or label of the vertex to start from. @default the vertex of highest degree, the smallest of several */
  readonly source?: ExternalId;
  /** Which way hyperedges are passed. @default 'both' */
  readonly way?: Way;
}

/** Vertices reached, in order; the vertex that each was met from, 4294967295 for the source and what is not reached. */
export interface DfsValues {
  readonly [name: string]: Uint32Array;
  readonly order: Uint32Array;
  readonly parents: Uint32Array;
}

/**
 * Depth-first search from one vertex: `values.order` is the vertices reached in the order they are first met,
 * `values.parents[v]` where v was met from. From a vertex it goes through its hyperedges, rising, to their members as
 * listed. Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1 (1972), section 1.
 */
export const dfs = defineAlgorithm<DfsParameters, DfsValues>({
  name: 'dfs',
  description: 'Vertices in the order of a depth-first search from one.',
  parameters: { source: SOURCE, way: WAY },
  async compute(run, { source, way }) {
    const { graph } = run;
    const { order, parents, result } = await run.call(depthFirstTask, EDGE_SIDE, {
      directions: directionsOf(graph),
      vertexCount: graph.vertexCount,
      way: WAYS[way],
      source,
    });
    const reached = order.slice(0, result);
    return {
      values: { order: reached, parents },
      summary: [
        { name: 'source', value: graph.labelOf(source) },
        { name: 'vertices reached', value: `${result} (${percent(result, graph.vertexCount)})` },
      ],
      table: (count) => ({
        columns: ['place', 'vertex', 'met from'],
        rows: [...reached.subarray(0, count)].map((vertex, place) => [
          place,
          graph.labelOf(vertex),
          parents[vertex] === NO_GROUP ? '-' : graph.labelOf(parents[vertex]!),
        ]),
      }),
    };
  },
});
