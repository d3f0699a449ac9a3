/** GraphML: nodes, edges and hyperedges of one graph, and their data; ports of endpoints are roles. */
import type { SaxesTagPlain } from 'saxes';
import type { GraphDraft } from '../store/assemble.js';
import type { GraphKind } from '../store/graph-parts.js';
import { DIRECTION } from '../store/properties.js';
import { openBytes } from './byte-source.js';
import { fileFormatError } from './file-error.js';
import { GraphCollector, type NamedValues } from './graph-collector.js';
import { idOf } from './parse-integer.js';
import type { ReadOptions } from './read-context.js';
import { textPieces } from './text-pieces.js';

const NUMBER_TYPES: readonly string[] = ['int', 'long', 'float', 'double'];
const DIRECTION_OF: Readonly<Record<string, number>> = { in: DIRECTION.head, out: DIRECTION.tail };

/** Data declared as numbers become numbers, all other texts. Nested graphs are refused. */
export async function readGraphml(path: string, options: ReadOptions): Promise<GraphDraft> {
  const { SaxesParser } = await import('saxes');
  const source = await openBytes(path, options);
  const parser = new SaxesParser();
  const reader = new GraphmlReader();
  const guarded = (take: () => void) => {
    source.line = parser.line;
    try {
      take();
    } catch (fault) {
      throw fault instanceof GraphmlFault ? fileFormatError(source, fault.message) : fault;
    }
  };
  parser.on('opentag', (tag) => guarded(() => reader.open(tag as SaxesTagPlain)));
  parser.on('closetag', (tag) => guarded(() => reader.close(tag.name)));
  parser.on('text', (text) => reader.text(text));
  parser.on('cdata', (text) => reader.text(text));
  parser.on('error', (cause) => {
    source.line = parser.line;
    throw fileFormatError(source, `not well-formed XML: ${cause.message.replace(/^\d+:\d+: /, '')}`);
  });
  for await (const text of textPieces(source)) parser.write(text);
  parser.close();
  if (reader.graphs === 0) throw fileFormatError(source, 'there is no element "graph"');
  return reader.collector.draft(options, {
    kind: reader.kind,
    source: { format: 'graphml', paths: [path], warnings: [] },
  });
}

class GraphmlFault extends Error {}

interface Element {
  readonly tag: SaxesTagPlain;
  readonly data: Map<string, string>;
  readonly members: string[];
  readonly roles: string[];
  readonly directions: number[];
}

class GraphmlReader {
  readonly collector = new GraphCollector();
  graphs = 0;
  kind: GraphKind = 'undirected';
  /** Names of data by key. */
  readonly #keys = new Map<string, string>();
  /** Names of data that are numbers, with what they are of. */
  readonly #numbers = new Set<string>();
  #element: Element | undefined;
  #key: string | undefined;
  #text = '';
  #hasDirectedEdge = false;

  open(tag: SaxesTagPlain): void {
    switch (localName(tag.name)) {
      case 'graph':
        this.graphs += 1;
        if (this.graphs > 1) throw new GraphmlFault('several or nested graphs are not read');
        this.kind = tag.attributes.edgedefault === 'directed' ? 'directed' : 'undirected';
        break;
      case 'key':
        this.#keys.set(required(tag, 'id'), tag.attributes['attr.name'] ?? '');
        if (NUMBER_TYPES.includes(tag.attributes['attr.type'] ?? '')) {
          this.#numbers.add(`${tag.attributes.for ?? 'all'} ${tag.attributes['attr.name'] ?? ''}`);
        }
        break;
      case 'node':
      case 'edge':
      case 'hyperedge':
        this.#element = { tag, data: new Map(), members: [], roles: [], directions: [] };
        break;
      case 'endpoint':
        this.#element?.members.push(required(tag, 'node'));
        this.#element?.roles.push(tag.attributes.port ?? '');
        this.#element?.directions.push(DIRECTION_OF[tag.attributes.type ?? ''] ?? DIRECTION.none);
        break;
      case 'data':
        this.#key = this.#keys.get(required(tag, 'key')) ?? tag.attributes.key;
        this.#text = '';
        break;
    }
  }

  text(text: string): void {
    if (this.#key !== undefined) this.#text += text;
  }

  close(name: string): void {
    const local = localName(name);
    if (local === 'data') {
      if (this.#key !== undefined) this.#element?.data.set(this.#key, this.#text);
      this.#key = undefined;
    } else if (this.#element && localName(this.#element.tag.name) === local) {
      this.#take(this.#element, local);
      this.#element = undefined;
    }
  }

  /** What is said of an element besides weight, label and relation. */
  #valuesOf(data: ReadonlyMap<string, string>, local: string): NamedValues {
    const own = local === 'node' ? 'label' : 'relation';
    return [...data].flatMap(([name, text]) => {
      if (name === 'weight' || name === own) return [];
      const isNumber = this.#numbers.has(`${local} ${name}`) || this.#numbers.has(`all ${name}`);
      const value = isNumber ? numberOf(name, text) : text;
      return value === undefined || value === '' ? [] : [[name, value] as const];
    });
  }

  #take({ tag, data, members, roles, directions }: Element, local: string): void {
    const values = this.#valuesOf(data, local);
    const weight = numberOf('weight', data.get('weight'));
    if (local === 'node') {
      this.collector.vertex(idOf(required(tag, 'id')), { label: data.get('label'), weight, values });
      return;
    }
    const isEdge = local === 'edge';
    const ends = isEdge ? [required(tag, 'source'), required(tag, 'target')] : members;
    const { id } = tag.attributes;
    const isKept = this.collector.hyperedge({
      id: id === undefined ? undefined : idOf(id),
      members: ends.map(idOf),
      directions: isEdge ? undefined : directions,
      weight,
      relation: data.get('relation'),
      roles: isEdge ? undefined : roles,
      values,
    });
    if (!isKept) throw new GraphmlFault(`the ${local} id "${id}" is used twice`);
    if (isEdge && tag.attributes.directed === 'true') this.#hasDirectedEdge = true;
    if (this.#hasDirectedEdge) this.kind = 'directed';
  }
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

function required(tag: SaxesTagPlain, attribute: string): string {
  const value = tag.attributes[attribute];
  if (value === undefined)
    throw new GraphmlFault(`the element "${tag.name}" has no attribute "${attribute}"`);
  return value;
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new GraphmlFault(`the ${name} "${text}" is not a finite number`);
  return value;
}
