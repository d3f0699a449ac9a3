/** The JSON formats: HIF, and the JSON of XGI. */
import type { Hypergraph } from '../hypergraph.js';
import { DIRECTION } from '../store/properties.js';
import { type GraphWriter, inPieces } from './export-format.js';
import { idReader, memberRows } from './rows.js';

const DIRECTION_NAMES: Readonly<Record<number, string>> = {
  [DIRECTION.head]: 'head',
  [DIRECTION.tail]: 'tail',
};

/** Hypergraph Interchange Format, with every vertex and hyperedge listed in order. */
export const hifWriter: GraphWriter = {
  keeps: {
    loneVertices: true,
    emptyHyperedges: true,
    hyperedgeIds: true,
    vertexIds: true,
    properties: ['vertices.weight', 'hyperedges.weight', 'incidences.weight', 'incidences.direction'],
  },
  pieces: (graph) => inPieces(hifTexts(graph)),
};

function* hifTexts(graph: Hypergraph): Generator<string> {
  const { properties } = graph;
  const [vertexOf, hyperedgeOf] = [idReader(graph.vertices), idReader(graph.hyperedges)];
  yield `{"network-type":"${graph.kind}",\n"nodes":[`;
  const vertexWeights = properties.vertices.weight?.values;
  for (let v = 0; v < graph.vertexCount; v++) {
    yield `${v > 0 ? ',\n' : '\n'}${JSON.stringify({ node: vertexOf(v), weight: vertexWeights?.[v] })}`;
  }
  yield '],\n"edges":[';
  const hyperedgeWeights = properties.hyperedges.weight?.values;
  for (let e = 0; e < graph.hyperedgeCount; e++) {
    yield `${e > 0 ? ',\n' : '\n'}${JSON.stringify({ edge: hyperedgeOf(e), weight: hyperedgeWeights?.[e] })}`;
  }
  yield '],\n"incidences":[';
  const weights = properties.incidences.weight?.values;
  const directions = properties.incidences.direction?.values;
  const { members } = graph.edgeToNodes;
  let separator = '\n';
  for (const { hyperedge, from, to } of memberRows(graph)) {
    const edge = hyperedgeOf(hyperedge);
    for (let i = from; i < to; i++) {
      const direction = DIRECTION_NAMES[directions?.[i] ?? DIRECTION.none];
      const record = { edge, node: vertexOf(members[i]!), weight: weights?.[i], direction };
      yield separator + JSON.stringify(record);
      separator = ',\n';
    }
  }
  yield ']}\n';
}

/** JSON of XGI: ids become strings, as that format has them. */
export const xgiWriter: GraphWriter = {
  keeps: { loneVertices: true, emptyHyperedges: true, hyperedgeIds: true, vertexIds: true, labels: true },
  pieces: (graph) => inPieces(xgiTexts(graph)),
};

function* xgiTexts(graph: Hypergraph): Generator<string> {
  const [vertexOf, hyperedgeOf] = [idReader(graph.vertices), idReader(graph.hyperedges)];
  const labels = graph.parts().labels.vertices;
  yield '{"hypergraph-data":{},\n"node-data":{';
  for (let v = 0; v < graph.vertexCount; v++) {
    const label = labels?.externalOf(v);
    const data = label === undefined || label === '' ? {} : { name: label };
    yield `${v > 0 ? ',\n' : '\n'}${JSON.stringify(String(vertexOf(v)))}:${JSON.stringify(data)}`;
  }
  yield '},\n"edge-data":{},\n"edge-dict":{';
  const { members } = graph.edgeToNodes;
  for (const { hyperedge, from, to } of memberRows(graph)) {
    const ids = Array.from(members.subarray(from, to), (member) => String(vertexOf(member)));
    const key = JSON.stringify(String(hyperedgeOf(hyperedge)));
    yield `${hyperedge > 0 ? ',\n' : '\n'}${key}:${JSON.stringify(ids)}`;
  }
  yield '}}\n';
}
