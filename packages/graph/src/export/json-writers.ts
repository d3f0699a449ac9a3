/** The JSON formats: HIF, and the JSON of XGI. */
import type { Hypergraph } from '../hypergraph.js';
import { DIRECTION, DIRECTION_NAMES, type PropertyColumns, valueAt } from '../store/properties.js';
import { type GraphWriter, inPieces } from './export-format.js';
import { idReader, memberRows } from './rows.js';

/** Hypergraph Interchange Format, with every vertex and hyperedge listed in order. */
export const hifWriter: GraphWriter = {
  keeps: {
    loneVertices: true,
    emptyHyperedges: true,
    hyperedgeIds: true,
    vertexIds: true,
    idKinds: true,
    properties: ['vertices.*', 'hyperedges.*', 'incidences.*'],
  },
  pieces: (graph) => inPieces(hifTexts(graph)),
};

/** What is said of one thing, by name; undefined when nothing is. @param except Names that are told elsewhere. */
function attributesOf(
  columns: PropertyColumns,
  index: number,
  except: readonly string[],
): Record<string, number | string> | undefined {
  const entries = Object.entries<PropertyColumns[string]>(columns).flatMap(([name, column]) => {
    const value = except.includes(name) ? undefined : valueAt(column, index);
    return value === undefined ? [] : [[name, value] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

const weightAt = ({ weight }: PropertyColumns, index: number) => weight && valueAt(weight, index);
const WEIGHT = ['weight'];
const WEIGHT_AND_DIRECTION = ['weight', 'direction'];

function* hifTexts(graph: Hypergraph): Generator<string> {
  const { properties } = graph;
  const [vertexOf, hyperedgeOf] = [idReader(graph.vertices), idReader(graph.hyperedges)];
  yield `{"network-type":"${graph.kind}",\n"nodes":[`;
  for (let v = 0; v < graph.vertexCount; v++) {
    const [weight, attrs] = [weightAt(properties.vertices, v), attributesOf(properties.vertices, v, WEIGHT)];
    yield `${v > 0 ? ',\n' : '\n'}${JSON.stringify({ node: vertexOf(v), weight, attrs })}`;
  }
  yield '],\n"edges":[';
  for (let e = 0; e < graph.hyperedgeCount; e++) {
    const [weight, attrs] = [
      weightAt(properties.hyperedges, e),
      attributesOf(properties.hyperedges, e, WEIGHT),
    ];
    yield `${e > 0 ? ',\n' : '\n'}${JSON.stringify({ edge: hyperedgeOf(e), weight, attrs })}`;
  }
  yield '],\n"incidences":[';
  const directions = properties.incidences.direction?.values;
  const { members } = graph.edgeToNodes;
  let separator = '\n';
  for (const { hyperedge, from, to } of memberRows(graph)) {
    const edge = hyperedgeOf(hyperedge);
    for (let i = from; i < to; i++) {
      const direction = DIRECTION_NAMES[directions?.[i] ?? DIRECTION.none];
      const weight = weightAt(properties.incidences, i);
      const attrs = attributesOf(properties.incidences, i, WEIGHT_AND_DIRECTION);
      const record = { edge, node: vertexOf(members[i]!), weight, direction, attrs };
      yield separator + JSON.stringify(record);
      separator = ',\n';
    }
  }
  yield ']}\n';
}

/** JSON of XGI: ids become strings, as that format has them. */
export const xgiWriter: GraphWriter = {
  keeps: {
    loneVertices: true,
    emptyHyperedges: true,
    hyperedgeIds: true,
    vertexIds: true,
    labels: true,
    properties: ['vertices.*', 'hyperedges.*'],
  },
  pieces: (graph) => inPieces(xgiTexts(graph)),
};

function* xgiTexts(graph: Hypergraph): Generator<string> {
  const [vertexOf, hyperedgeOf] = [idReader(graph.vertices), idReader(graph.hyperedges)];
  const labels = graph.parts().labels.vertices;
  yield '{"hypergraph-data":{},\n"node-data":{';
  for (let v = 0; v < graph.vertexCount; v++) {
    const label = labels?.externalOf(v);
    const name = label === undefined || label === '' ? {} : { name: label };
    const data = { ...attributesOf(graph.properties.vertices, v, []), ...name };
    yield `${v > 0 ? ',\n' : '\n'}${JSON.stringify(String(vertexOf(v)))}:${JSON.stringify(data)}`;
  }
  yield '},\n"edge-data":{';
  let separator = '\n';
  for (let e = 0; e < graph.hyperedgeCount; e++) {
    const data = attributesOf(graph.properties.hyperedges, e, []);
    if (data === undefined) continue;
    yield `${separator}${JSON.stringify(String(hyperedgeOf(e)))}:${JSON.stringify(data)}`;
    separator = ',\n';
  }
  yield '},\n"edge-dict":{';
  const { members } = graph.edgeToNodes;
  for (const { hyperedge, from, to } of memberRows(graph)) {
    const ids = Array.from(members.subarray(from, to), (member) => String(vertexOf(member)));
    const key = JSON.stringify(String(hyperedgeOf(hyperedge)));
    yield `${hyperedge > 0 ? ',\n' : '\n'}${key}:${JSON.stringify(ids)}`;
  }
  yield '}}\n';
}
