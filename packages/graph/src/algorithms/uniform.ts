/** Measures that are defined for uniform hypergraphs only, and the others refused. */
import { AnantError } from '@anant/core';
import type { Hypergraph } from '../hypergraph.js';

/**
 * The number of different members that every hyperedge has; 2 without hyperedges.
 * @throws AnantError `E_GRAPH_INVALID`, naming two hyperedges of different sizes, or one with fewer than two members.
 */
export function uniformSize(graph: Hypergraph, algorithm: string): number {
  if (graph.hyperedgeCount === 0) return 2;
  const stamps = new Uint32Array(graph.vertexCount);
  const { offsets, members } = graph.edgeToNodes;
  let size = 0;
  for (let hyperedge = 0; hyperedge < graph.hyperedgeCount; hyperedge++) {
    let own = 0;
    for (let i = offsets[hyperedge]!; i < offsets[hyperedge + 1]!; i++) {
      if (stamps[members[i]!] !== hyperedge + 1) own += 1;
      stamps[members[i]!] = hyperedge + 1;
    }
    if (hyperedge === 0) size = own;
    if (own !== size || own < 2) throw notUniform(graph, algorithm, { hyperedge, own, size });
  }
  return size;
}

function notUniform(
  graph: Hypergraph,
  algorithm: string,
  { hyperedge, own, size }: { readonly hyperedge: number; readonly own: number; readonly size: number },
): AnantError {
  const show = (index: number, count: number) =>
    `hyperedge ${graph.hyperedges.externalOf(index)} has ${count} different member${count === 1 ? '' : 's'}`;
  const found = own === size ? show(hyperedge, own) : `${show(0, size)}, ${show(hyperedge, own)}`;
  return new AnantError(
    'E_GRAPH_INVALID',
    `"${algorithm}" is defined only for hypergraphs whose hyperedges all have the same number of members, at least 2: ` +
      `${found}.`,
    {
      advice:
        'Take the hyperedges of one size, or an algorithm for any: clique-eigenvector, node-edge, pagerank.',
    },
  );
}
