/** GraphML. A hyperedge of two is an `edge`, any other a `hyperedge` with its endpoints in order. */
import type { Hypergraph } from '../hypergraph.js';
import { DIRECTION } from '../store/properties.js';
import { type GraphWriter, inPieces } from './export-format.js';
import { memberRows } from './rows.js';

export const graphmlWriter: GraphWriter = {
  keeps: {
    loneVertices: true,
    emptyHyperedges: true,
    hyperedgeIds: true,
    vertexIds: true,
    labels: true,
    properties: ['vertices.weight', 'hyperedges.weight', 'hyperedges.relation', 'incidences.direction'],
  },
  unfit: (graph) => findForbidden(graph),
  pieces: (graph) => inPieces(graphmlTexts(graph)),
};

const KEYS = `<key id="label" for="node" attr.name="label" attr.type="string"/>
<key id="node-weight" for="node" attr.name="weight" attr.type="double"/>
<key id="weight" for="edge" attr.name="weight" attr.type="double"/>
<key id="relation" for="edge" attr.name="relation" attr.type="string"/>
<key id="hyperedge-weight" for="hyperedge" attr.name="weight" attr.type="double"/>
<key id="hyperedge-relation" for="hyperedge" attr.name="relation" attr.type="string"/>
`;

const ENDPOINT_TYPES: Readonly<Record<number, string>> = {
  [DIRECTION.head]: ' type="in"',
  [DIRECTION.tail]: ' type="out"',
};

function* graphmlTexts(graph: Hypergraph): Generator<string> {
  const { properties, vertices } = graph;
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n';
  yield KEYS;
  yield `<graph edgedefault="${graph.kind === 'directed' ? 'directed' : 'undirected'}">\n`;
  const weights = properties.vertices.weight?.values;
  const labels = graph.parts().labels.vertices;
  for (let vertex = 0; vertex < graph.vertexCount; vertex++) {
    const label = labels?.externalOf(vertex);
    const data = dataOf('label', label === '' ? undefined : label) + dataOf('node-weight', weights?.[vertex]);
    yield element('node', `id="${escapeXml(vertices.externalOf(vertex))}"`, data);
  }
  yield* edgeTexts(graph);
  yield '</graph>\n</graphml>\n';
}

function* edgeTexts(graph: Hypergraph): Generator<string> {
  const { properties, vertices, hyperedges } = graph;
  const weights = properties.hyperedges.weight?.values;
  const relation = properties.hyperedges.relation;
  const directions = properties.incidences.direction?.values;
  const { members } = graph.edgeToNodes;
  for (const { hyperedge, from, to } of memberRows(graph)) {
    const id = `id="${escapeXml(hyperedges.externalOf(hyperedge))}"`;
    const name = relation?.dictionary?.externalOf(relation.values[hyperedge]!);
    const isPair = to - from === 2 && !directions;
    const prefix = isPair ? '' : 'hyperedge-';
    const data = dataOf(`${prefix}weight`, weights?.[hyperedge]) + dataOf(`${prefix}relation`, name);
    const ends = Array.from(members.subarray(from, to), (member) => escapeXml(vertices.externalOf(member)));
    if (isPair) yield element('edge', `${id} source="${ends[0]}" target="${ends[1]}"`, data);
    else {
      const typeOf = (index: number) => ENDPOINT_TYPES[directions?.[from + index] ?? DIRECTION.none] ?? '';
      const endpoints = ends.map((end, index) => `<endpoint node="${end}"${typeOf(index)}/>`);
      yield element('hyperedge', id, endpoints.join('') + data);
    }
  }
}

const element = (name: string, attributes: string, content: string): string =>
  content === '' ? `<${name} ${attributes}/>\n` : `<${name} ${attributes}>${content}</${name}>\n`;

const dataOf = (key: string, value: number | string | undefined): string =>
  value === undefined ? '' : `<data key="${key}">${escapeXml(value)}</data>`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

export const escapeXml = (value: number | string): string =>
  String(value).replace(/[&<>"\t\n\r]/g, (character) => ENTITIES[character]!);

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML 1.0 has no way to write.
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

function findForbidden(graph: Hypergraph): string | undefined {
  for (const table of [graph.vertices, graph.hyperedges]) {
    for (let index = 0; index < table.size; index++) {
      const id = table.externalOf(index);
      if (typeof id === 'string' && FORBIDDEN.test(id)) {
        return `the id ${JSON.stringify(id)} holds a character that XML cannot`;
      }
    }
  }
  return undefined;
}
