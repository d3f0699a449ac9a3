/** METIS graphs: for each vertex its neighbours, every edge at both of its ends. */
import type { Hypergraph } from '../hypergraph.js';
import { type GraphWriter, inPieces } from './export-format.js';
import { whyNotPairs } from './losses.js';

/** Vertices from 1, in their order. */
export const metisWriter: GraphWriter = {
  keeps: { loneVertices: true, properties: ['hyperedges.weight', 'vertices.weight'] },
  unfit: whyNotMetis,
  pieces: (graph) => inPieces(metisLines(graph)),
};

function whyNotMetis(graph: Hypergraph): string | undefined {
  const notPairs = whyNotPairs(graph);
  if (notPairs !== undefined) return notPairs;
  if (graph.kind === 'directed') return 'its edges have directions';
  const name = (hyperedge: number) => String(graph.hyperedges.externalOf(hyperedge));
  const seen = new Uint32Array(graph.vertexCount);
  for (let vertex = 0; vertex < graph.vertexCount; vertex++) {
    for (const hyperedge of graph.hyperedgesOf(vertex)) {
      const other = otherEnd(graph, hyperedge, vertex);
      if (other === vertex) return `the edge ${name(hyperedge)} joins a vertex with itself`;
      if (seen[other] === vertex + 1) return `the edge ${name(hyperedge)} is there twice`;
      seen[other] = vertex + 1;
    }
  }
  for (const of of ['hyperedges', 'vertices'] as const) {
    const least = of === 'hyperedges' ? 1 : 0;
    for (const weight of graph.properties[of].weight?.values ?? []) {
      if (!Number.isInteger(weight) || weight < least) {
        return `weights of ${of === 'hyperedges' ? 'edges' : 'vertices'} are whole numbers from ${least}, not ${weight}`;
      }
    }
  }
  return undefined;
}

function* metisLines(graph: Hypergraph): Generator<string> {
  const weights = graph.properties.hyperedges.weight?.values;
  const vertexWeights = graph.properties.vertices.weight?.values;
  const format = vertexWeights || weights ? ` ${vertexWeights ? '1' : ''}${weights ? '1' : '0'}` : '';
  yield `${graph.vertexCount} ${graph.hyperedgeCount}${format}\n`;
  for (let vertex = 0; vertex < graph.vertexCount; vertex++) {
    const fields: number[] = vertexWeights ? [vertexWeights[vertex]!] : [];
    for (const hyperedge of graph.hyperedgesOf(vertex)) {
      fields.push(otherEnd(graph, hyperedge, vertex) + 1);
      if (weights) fields.push(weights[hyperedge]!);
    }
    yield `${fields.join(' ')}\n`;
  }
}

/** The other member of a pair; the vertex itself where it has no other. */
function otherEnd(graph: Hypergraph, hyperedge: number, vertex: number): number {
  for (const member of graph.membersOf(hyperedge)) if (member !== vertex) return member;
  return vertex;
}
