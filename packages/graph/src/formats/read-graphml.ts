/** GraphML: nodes, edges and hyperedges of one graph; the data `weight`, `label` and `relation` of them. */
import type { SaxesTagPlain } from 'saxes';
import type { GraphDraft } from '../store/assemble.js';
import type { GraphKind } from '../store/graph-parts.js';
import { DIRECTION } from '../store/properties.js';
import { openBytes } from './byte-source.js';
import { fileFormatError } from './file-error.js';
import { GraphCollector } from './graph-collector.js';
import { idOf } from './parse-integer.js';
import type { ReadOptions } from './read-context.js';
import { textPieces } from './text-pieces.js';

const DIRECTION_OF: Readonly<Record<string, number>> = { in: DIRECTION.head, out: DIRECTION.tail };

/** Ports, nested graphs and other data are left out; nested graphs are refused. */
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
    source: { format: 'graphml', paths: [path], warnings: reader.warnings() },
  });
}

class GraphmlFault extends Error {}

interface Element {
  readonly tag: SaxesTagPlain;
  readonly data: Map<string, string>;
  readonly members: string[];
  readonly directions: number[];
}

class GraphmlReader {
  readonly collector = new GraphCollector();
  graphs = 0;
  kind: GraphKind = 'undirected';
  /** Names of data by key. */
  readonly #keys = new Map<string, string>();
  readonly #ignored = new Set<string>();
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
        break;
      case 'node':
      case 'edge':
      case 'hyperedge':
        this.#element = { tag, data: new Map(), members: [], directions: [] };
        break;
      case 'endpoint':
        this.#element?.members.push(required(tag, 'node'));
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

  warnings(): string[] {
    if (this.#ignored.size === 0) return [];
    return [`The data ${[...this.#ignored].map((name) => `"${name}"`).join(', ')} were left out.`];
  }

  #take({ tag, data, members, directions }: Element, local: string): void {
    for (const name of data.keys()) {
      const isKept = name === 'weight' || (local === 'node' ? name === 'label' : name === 'relation');
      if (!isKept) this.#ignored.add(name);
    }
    const weight = weightOf(data.get('weight'));
    if (local === 'node') {
      this.collector.vertex(idOf(required(tag, 'id')), { label: data.get('label'), weight });
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

function weightOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const weight = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(weight)) throw new GraphmlFault(`the weight "${text}" is not a finite number`);
  return weight;
}
