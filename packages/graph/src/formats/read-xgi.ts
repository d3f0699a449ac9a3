/** The JSON of XGI: `node-data`, `edge-data` and `edge-dict`, objects by id, in any order. */
import type { GraphDraft } from '../store/assemble.js';
import type { GraphKind } from '../store/graph-parts.js';
import { DIRECTION } from '../store/properties.js';
import { propertyValueOf } from '../store/value-columns.js';
import { openBytes } from './byte-source.js';
import { GraphCollector } from './graph-collector.js';
import { type JsonCursor, JsonFault } from './json-cursor.js';
import { type JsonSteps, parseJson } from './json-document.js';
import { idOf } from './parse-integer.js';
import type { ReadOptions } from './read-context.js';

const OPENING_BRACKET = 91;

/**
 * Ids that are written as integers are integers. The name of a node becomes its label; other
 * attributes that are numbers or texts become properties. A directed hypergraph has a pair of lists, tail and head, for each hyperedge.
 */
export async function readXgi(path: string, options: ReadOptions): Promise<GraphDraft> {
  const parser = new XgiParser(options.properties);
  await parseJson(await openBytes(path, options), parser, {
    name: 'XGI JSON',
    recordBytesMax: options.lineBytesMax,
  });
  return parser.collector.draft(options, {
    kind: parser.kind,
    source: { format: 'xgi', paths: [path], warnings: parser.warnings() },
  });
}

type State = 'start' | 'field' | 'after-field' | 'item' | 'after-item' | 'end';

/** Fields whose members are taken one by one; others are skipped. */
const SECTIONS = ['node-data', 'edge-data', 'edge-dict'] as const;
type SectionName = (typeof SECTIONS)[number];

class XgiParser implements JsonSteps {
  readonly collector = new GraphCollector();
  kind: GraphKind = 'undirected';
  #state: State = 'start';
  #section: SectionName = 'node-data';
  #hasEdges = false;
  #withAttributes = 0;
  readonly #properties: ReadOptions['properties'];

  constructor(properties: ReadOptions['properties']) {
    this.#properties = properties;
  }

  get isDone(): boolean {
    return this.#state === 'end';
  }

  step(cursor: JsonCursor): void {
    switch (this.#state) {
      case 'start':
        if (!cursor.startObject()) throw new JsonFault(NO_EDGES, cursor.at);
        this.#state = 'field';
        return;
      case 'field':
        this.#takeField(cursor);
        return;
      case 'item':
        this.#takeItem(cursor);
        this.#state = 'after-item';
        return;
      case 'after-item':
        this.#state = cursor.nextMember() ? 'item' : 'after-field';
        return;
      case 'after-field':
        if (cursor.nextMember()) this.#state = 'field';
        else if (this.#hasEdges) this.#state = 'end';
        else throw new JsonFault(NO_EDGES, cursor.at);
        return;
      case 'end':
        if (!cursor.isDone()) throw new JsonFault('something follows the end of the document', cursor.at);
    }
  }

  warnings(): string[] {
    return this.#withAttributes === 0
      ? []
      : [`The attributes of ${this.#withAttributes} nodes and edges were left out, or some of them.`];
  }

  #takeField(cursor: JsonCursor): void {
    const name = readName(cursor);
    const section = SECTIONS.find((known) => known === name);
    if (section === undefined) {
      cursor.skipValue();
      this.#state = 'after-field';
      return;
    }
    const hasMembers = cursor.startObject();
    this.#section = section;
    this.#hasEdges ||= section === 'edge-dict';
    this.#state = hasMembers ? 'item' : 'after-field';
  }

  #takeItem(cursor: JsonCursor): void {
    cursor.peek();
    const at = cursor.at;
    const name = readName(cursor);
    if (this.#section === 'edge-dict') this.#takeEdge(name, at, cursor);
    else this.#takeAttributes(name, cursor.readObject());
  }

  #takeAttributes(name: string, attributes: Readonly<Record<string, unknown>>): void {
    const isNode = this.#section === 'node-data';
    const label = isNode && typeof attributes.name === 'string' ? attributes.name : undefined;
    const rest = Object.entries(attributes).filter(([key]) => label === undefined || key !== 'name');
    const values = rest.flatMap(([key, value]) => {
      const plain = propertyValueOf(value);
      return plain === undefined ? [] : [[key, plain] as const];
    });
    const isKept = this.#properties === 'keep' && values.length === rest.length;
    if (rest.length > 0 && !isKept) this.#withAttributes += 1;
    if (isNode) this.collector.vertex(idOf(name), { label, values });
    else this.collector.hyperedgeValues(idOf(name), values);
  }

  #takeEdge(name: string, at: number, cursor: JsonCursor): void {
    const lists = readMembers(cursor);
    const isDirected = lists.length === 2;
    if (isDirected) this.kind = 'directed';
    const directions = isDirected
      ? [...lists[0]!.map(() => DIRECTION.tail), ...lists[1]!.map(() => DIRECTION.head)]
      : undefined;
    if (!this.collector.hyperedge({ id: idOf(name), members: lists.flat(), directions })) {
      throw new JsonFault(`the edge "${name}" comes twice`, at);
    }
  }
}

const NO_EDGES = 'the field "edge-dict" is missing';

function readName(cursor: JsonCursor): string {
  const name = cursor.readString();
  cursor.expect(':');
  return name;
}

/** One list of members, or a list of two lists: tail and head. */
function readMembers(cursor: JsonCursor): (string | number)[][] {
  const start = cursor.at;
  cursor.expect('[');
  if (cursor.takes(']')) return [[]];
  if (cursor.peek() !== OPENING_BRACKET) {
    const ids = [];
    do ids.push(readId(cursor));
    while (cursor.takes(','));
    cursor.expect(']');
    return [ids];
  }
  const lists = [];
  do lists.push(...readMembers(cursor));
  while (cursor.takes(','));
  cursor.expect(']');
  if (lists.length !== 2) throw new JsonFault('a directed edge has two lists, tail and head', start);
  return lists;
}

function readId(cursor: JsonCursor): string | number {
  if (cursor.peek() === 34) return idOf(cursor.readString());
  const at = cursor.at;
  const value = cursor.readNumber();
  if (!Number.isSafeInteger(value))
    throw new JsonFault(`an id must be a string or an integer, not ${value}`, at);
  return value;
}
