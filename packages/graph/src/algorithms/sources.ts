/** The parameter `source` of searches, and its default. */
import { AnantError } from '@anant/core';
import type { Hypergraph } from '../hypergraph.js';

export const SOURCE = {
  type: 'vertex',
  description: 'id or label of the vertex to start from',
  default: highestDegree,
  defaultText: 'the vertex of highest degree',
} as const;

/** @throws AnantError `E_GRAPH_INVALID` when the graph has no vertex to start from. */
function highestDegree(graph: Hypergraph): number {
  if (graph.vertexCount === 0) {
    throw new AnantError('E_GRAPH_INVALID', 'The graph has no vertex to start a search from.');
  }
  const { offsets } = graph.nodeToEdges;
  let best = 0;
  let most = -1;
  for (let vertex = 0; vertex < graph.vertexCount; vertex++) {
    const degree = offsets[vertex + 1]! - offsets[vertex]!;
    if (degree > most) {
      most = degree;
      best = vertex;
    }
  }
  return best;
}
