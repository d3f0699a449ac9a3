import type { Hypergraph } from '../hypergraph.js';
import { RangeIds } from '../ids/range-ids.js';
import { textIds } from '../ids/select-ids.js';
import { starExpansionTask } from '../kernels/structure-tasks.js';
import { deriveParts } from '../store/derive.js';
import { defineGraphAlgorithm } from './algorithm.js';
import { EDGE_SIDE } from './run-kernel-task.js';

/**
 * The star expansion: the bipartite graph of vertices and hyperedges, with a pair for every incidence, as listed.
 * `values.pairs` are vertex and hyperedge by turns, hyperedges numbered after the vertices. In `graph()` the id of a vertex
 * follows `v:` and that of a hyperedge `e:`. Agarwal, Branson and Belongie, "Higher order learning with graphs" (ICML
 * 2006), section 3.
 */
export const starExpansion = defineGraphAlgorithm<Record<never, never>, { readonly pairs: Uint32Array }>({
  name: 'star-expansion',
  description: 'The bipartite graph of vertices and hyperedges.',
  parameters: {},
  async compute(run) {
    const { graph } = run;
    const { pairs } = await run.call(starExpansionTask, EDGE_SIDE, { vertexCount: graph.vertexCount });
    return {
      values: { pairs },
      graph: () => bipartiteGraph(graph, pairs),
      summary: [
        { name: 'vertices', value: graph.vertexCount + graph.hyperedgeCount },
        { name: 'pairs', value: graph.incidenceCount },
      ],
      table: (count) => ({
        columns: ['vertex', 'hyperedge'],
        rows: Array.from({ length: Math.min(count, graph.incidenceCount) }, (_, pair) => [
          graph.labelOf(pairs[2 * pair]!),
          String(graph.hyperedges.externalOf(pairs[2 * pair + 1]! - graph.vertexCount)),
        ]),
      }),
    };
  },
});

function bipartiteGraph(graph: Hypergraph, pairs: Uint32Array): Hypergraph {
  const names = [
    ...Array.from({ length: graph.vertexCount }, (_, vertex) => `v:${graph.vertices.externalOf(vertex)}`),
    ...Array.from({ length: graph.hyperedgeCount }, (_, edge) => `e:${graph.hyperedges.externalOf(edge)}`),
  ];
  return graph.derive(
    deriveParts({
      edgeToNodes: {
        offsets: Uint32Array.from({ length: graph.incidenceCount + 1 }, (_, pair) => 2 * pair),
        members: pairs,
      },
      vertices: textIds(names),
      hyperedges: new RangeIds(0, graph.incidenceCount),
      format: 'star-expansion',
    }),
  );
}
