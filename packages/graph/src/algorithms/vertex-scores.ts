/** How scores of vertices are told to people. */
import type { Hypergraph } from '../hypergraph.js';
import type { ResultTable } from './result.js';
import { topIndexes } from './top-indexes.js';

/** The vertices of highest score. */
export function scoreTable(graph: Hypergraph, scores: Float64Array, count: number): ResultTable {
  return {
    columns: ['vertex', 'score', 'degree'],
    rows: topIndexes(scores, count).map((vertex) => [
      graph.labelOf(vertex),
      Number(scores[vertex]!.toPrecision(6)),
      graph.degreeOf(vertex),
    ]),
  };
}
