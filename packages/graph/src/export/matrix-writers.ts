/** The formats of numbered vertices: hMETIS and Matrix Market. */
import type { Hypergraph } from '../hypergraph.js';
import { type GraphWriter, inPieces } from './export-format.js';
import { whyNotPairs } from './losses.js';
import { memberRows } from './rows.js';

/** Vertices from 1, in their order. Weights of hyperedges and vertices are written as they are. */
export const hmetisWriter: GraphWriter = {
  keeps: { loneVertices: true, properties: ['hyperedges.weight', 'vertices.weight'] },
  pieces: (graph) => inPieces(hmetisLines(graph)),
};

function* hmetisLines(graph: Hypergraph): Generator<string> {
  const { members, offsets } = graph.edgeToNodes;
  const hyperedgeWeights = graph.properties.hyperedges.weight?.values;
  const vertexWeights = graph.properties.vertices.weight?.values;
  let count = 0;
  for (let e = 0; e < graph.hyperedgeCount; e++) if (offsets[e + 1]! > offsets[e]!) count += 1;
  const format = `${vertexWeights ? '1' : ''}${hyperedgeWeights ? '1' : vertexWeights ? '0' : ''}`;
  yield `${count} ${graph.vertexCount}${format && ` ${format}`}\n`;
  for (const { hyperedge, from, to } of memberRows(graph)) {
    if (from === to) continue;
    const ids = Array.from(members.subarray(from, to), (member) => member + 1);
    yield `${hyperedgeWeights ? `${hyperedgeWeights[hyperedge]} ` : ''}${ids.join(' ')}\n`;
  }
  for (const weight of vertexWeights ?? []) yield `${weight}\n`;
}

/** The incidence matrix: rows are vertices, columns hyperedges, both from 1. */
export const matrixMarketWriter: GraphWriter = {
  keeps: { loneVertices: true, emptyHyperedges: true, properties: ['incidences.weight'] },
  pieces: (graph) => inPieces(incidenceMatrix(graph)),
};

function* incidenceMatrix(graph: Hypergraph): Generator<string> {
  const weights = graph.properties.incidences.weight?.values;
  yield `%%MatrixMarket matrix coordinate ${weights ? 'real' : 'pattern'} general\n`;
  yield `${graph.vertexCount} ${graph.hyperedgeCount} ${graph.incidenceCount}\n`;
  const { members } = graph.edgeToNodes;
  for (const { hyperedge, from, to } of memberRows(graph)) {
    for (let i = from; i < to; i++) {
      yield `${members[i]! + 1} ${hyperedge + 1}${weights ? ` ${weights[i]}` : ''}\n`;
    }
  }
}

/** The adjacency matrix of a graph of pairs; symmetric, lower triangle, unless the graph is directed. */
export const adjacencyMatrixWriter: GraphWriter = {
  keeps: { loneVertices: true, properties: ['hyperedges.weight'] },
  unfit: whyNotPairs,
  pieces: (graph) => inPieces(adjacencyMatrix(graph)),
};

function* adjacencyMatrix(graph: Hypergraph): Generator<string> {
  const weights = graph.properties.hyperedges.weight?.values;
  const isDirected = graph.kind === 'directed';
  yield `%%MatrixMarket matrix coordinate ${weights ? 'real' : 'pattern'} ${isDirected ? 'general' : 'symmetric'}\n`;
  yield `${graph.vertexCount} ${graph.vertexCount} ${graph.hyperedgeCount}\n`;
  const { members } = graph.edgeToNodes;
  for (const { hyperedge, from, to } of memberRows(graph)) {
    const [source, target] = [members[from]! + 1, members[to - 1]! + 1];
    const swap = !isDirected && source < target;
    const ends = swap ? `${target} ${source}` : `${source} ${target}`;
    yield `${ends}${weights ? ` ${weights[hyperedge]}` : ''}\n`;
  }
}
