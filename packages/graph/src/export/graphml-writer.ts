/** GraphML. A hyperedge of two is an `edge`, any other a `hyperedge` with its endpoints in order. */
import type { Hypergraph } from '../hypergraph.js';
import { DIRECTION, type PropertyColumns, valueAt } from '../store/properties.js';
import { type GraphWriter, inPieces } from './export-format.js';
import { memberRows } from './rows.js';

export const graphmlWriter: GraphWriter = {
  keeps: {
    loneVertices: true,
    emptyHyperedges: true,
    hyperedgeIds: true,
    vertexIds: true,
    labels: true,
    properties: ['vertices.*', 'hyperedges.*', 'incidences.direction', 'incidences.role'],
  },
  unfit: (graph) => findForbidden(graph),
  pieces: (graph) => inPieces(graphmlTexts(graph)),
};

const ELEMENTS = ['node', 'edge', 'hyperedge'] as const;
type ElementName = (typeof ELEMENTS)[number];

/** The label is not a property: it has a key of its own. */
const LABEL_KEY = '<key id="label" for="node" attr.name="label" attr.type="string"/>\n';

function* keyTexts({ properties }: Hypergraph): Generator<string> {
  yield LABEL_KEY;
  for (const element of ELEMENTS) {
    for (const [at, [name, { dictionary }]] of columnsOf(properties, element).entries()) {
      const type = dictionary ? 'string' : 'double';
      yield `<key id="${element}-${at}" for="${element}" attr.name="${escapeXml(name)}" attr.type="${type}"/>\n`;
    }
  }
}

const columnsOf = (properties: Hypergraph['properties'], element: ElementName) =>
  Object.entries<PropertyColumns[string]>(element === 'node' ? properties.vertices : properties.hyperedges);

/** All that is said of a vertex or a hyperedge, as elements. */
const dataTexts = (properties: Hypergraph['properties'], element: ElementName, index: number): string =>
  columnsOf(properties, element)
    .map(([, column], at) => dataOf(`${element}-${at}`, valueAt(column, index)))
    .join('');

const ENDPOINT_TYPES: Readonly<Record<number, string>> = {
  [DIRECTION.head]: ' type="in"',
  [DIRECTION.tail]: ' type="out"',
};

function* graphmlTexts(graph: Hypergraph): Generator<string> {
  const { properties, vertices } = graph;
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n';
  yield* keyTexts(graph);
  yield `<graph edgedefault="${graph.kind === 'directed' ? 'directed' : 'undirected'}">\n`;
  const labels = graph.parts().labels.vertices;
  for (let vertex = 0; vertex < graph.vertexCount; vertex++) {
    const label = labels?.externalOf(vertex);
    const data = dataOf('label', label === '' ? undefined : label) + dataTexts(properties, 'node', vertex);
    yield element('node', `id="${escapeXml(vertices.externalOf(vertex))}"`, data);
  }
  yield* edgeTexts(graph);
  yield '</graph>\n</graphml>\n';
}

function* edgeTexts(graph: Hypergraph): Generator<string> {
  const { properties, vertices, hyperedges } = graph;
  const { role } = properties.incidences;
  const directions = properties.incidences.direction?.values;
  const { members } = graph.edgeToNodes;
  for (const { hyperedge, from, to } of memberRows(graph)) {
    const id = `id="${escapeXml(hyperedges.externalOf(hyperedge))}"`;
    const isPair = to - from === 2 && !directions && !role;
    const data = dataTexts(properties, isPair ? 'edge' : 'hyperedge', hyperedge);
    const ends = Array.from(members.subarray(from, to), (member) => escapeXml(vertices.externalOf(member)));
    if (isPair) yield element('edge', `${id} source="${ends[0]}" target="${ends[1]}"`, data);
    else {
      const typeOf = (index: number) => ENDPOINT_TYPES[directions?.[from + index] ?? DIRECTION.none] ?? '';
      const portOf = (index: number) => {
        const name = role && valueAt(role, from + index);
        return name === undefined ? '' : ` port="${escapeXml(name)}"`;
      };
      const endpoints = ends.map((end, index) => `<endpoint node="${end}"${portOf(index)}${typeOf(index)}/>`);
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
  const { vertices, hyperedges, incidences } = graph.properties;
  const texts = [vertices, hyperedges, incidences].flatMap((columns) =>
    Object.values<PropertyColumns[string]>(columns).flatMap(({ dictionary }) =>
      dictionary ? [dictionary] : [],
    ),
  );
  for (const table of [graph.vertices, graph.hyperedges, ...texts]) {
    for (let index = 0; index < table.size; index++) {
      const id = table.externalOf(index);
      if (typeof id === 'string' && FORBIDDEN.test(id)) {
        return `the text ${JSON.stringify(id)} holds a character that XML cannot`;
      }
    }
  }
  return undefined;
}
