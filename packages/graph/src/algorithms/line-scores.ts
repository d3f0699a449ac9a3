/** How scores of the nodes of an s-line graph are told to people. */
import type { Hypergraph } from '../hypergraph.js';
import type { Computed } from './algorithm.js';
import { columnOf, type LineNodes, nameOf, spread } from './line-graph.js';
import type { Fact } from './result.js';
import { topIndexes } from './top-indexes.js';

/** Scores by hyperedge (or vertex), 0 for what is no node; the table has every member set once. */
export function scoresByNode(
  graph: Hypergraph,
  line: LineNodes,
  byNode: Float64Array,
  column: string,
  facts: readonly Fact[] = [],
): Computed<{ readonly scores: Float64Array }> {
  const { side, nodes } = line;
  const sizeOf = (id: number) => (side === 'vertices' ? graph.degreeOf(id) : graph.sizeOf(id));
  return {
    values: { scores: spread(line, byNode, 0) },
    summary: [{ name: 'nodes of the line graph', value: nodes.length }, ...facts],
    table: (count) => ({
      columns: [columnOf(side), column, side === 'vertices' ? 'degree' : 'size'],
      rows: topIndexes(byNode, count).map((node) => {
        const id = nodes[node]!;
        return [nameOf(graph, side, id), Number(byNode[node]!.toPrecision(6)), sizeOf(id)];
      }),
    }),
  };
}
