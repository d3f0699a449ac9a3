import { countTrianglesTask } from '../kernels/clustering-tasks.js';
import { closedTriplesTask } from '../kernels/counting-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { lineGraph, spread } from './line-graph.js';
import { BOTH_SIDES } from './run-kernel-task.js';
import { topIndexes } from './top-indexes.js';

/** By vertex; exact up to 2^53. */
export interface TrianglesValues {
  readonly [name: string]: Float64Array;
  readonly triangles: Float64Array;
  readonly closed: Float64Array;
}

/**
 * Triangles: three vertices of which every two share a hyperedge, that is triangles of the clique expansion. A triangle
 * is closed when one hyperedge holds all three, otherwise open. `values.triangles[v]` and `values.closed[v]` are how many
 * have v. Multi-edges and repeated members change nothing. Benson, Abebe, Schaub, Jadbabaie and Kleinberg, "Simplicial
 * closure and higher-order link prediction", PNAS 115 (2018); triangles as Latapy (TCS 407, 2008) counts them.
 * @throws AnantError `E_OUT_OF_MEMORY` when the clique expansion does not fit into one kernel memory
 */
export const triangles = defineAlgorithm<Record<never, never>, TrianglesValues>({
  name: 'triangles',
  description: 'Triangles of each vertex: open, and closed by a hyperedge.',
  parameters: {},
  async compute(run) {
    const { graph } = run;
    const line = await lineGraph(run, { s: 1, of: 'vertices', multiEdges: 'keep' });
    const { offsets, neighbours } = line;
    const counted = await run.call(countTrianglesTask, { offsets, neighbours }, {});
    const byVertex = spread(line, counted.triangles, 0);
    const { closed, result } = await run.call(closedTriplesTask, BOTH_SIDES, {});
    return {
      values: { triangles: byVertex, closed },
      summary: [
        { name: 'triangles', value: counted.result },
        { name: 'closed', value: result },
        { name: 'open', value: counted.result - result },
      ],
      table: (count) => ({
        columns: ['vertex', 'triangles', 'closed'],
        rows: topIndexes(byVertex, count).map((vertex) => [
          graph.labelOf(vertex),
          byVertex[vertex]!,
          closed[vertex]!,
        ]),
      }),
    };
  },
});
