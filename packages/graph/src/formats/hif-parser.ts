/** The structure of a HIF document, step by step: each step takes one record or one top-level field. */
import type { GraphKind } from '../store/graph-parts.js';
import { type HifPart, type HifRecord, readHifRecord } from './hif-record.js';
import { type JsonCursor, JsonFault } from './json-cursor.js';

export interface HifHandler {
  /** Texts in the record are ranges of `bytes`. */
  record(part: HifPart, record: HifRecord, bytes: Uint8Array): void;
}

const KINDS: readonly GraphKind[] = ['undirected', 'directed', 'asc'];
const PARTS: readonly HifPart[] = ['incidences', 'nodes', 'edges'];

type State = 'start' | 'field' | 'first-item' | 'item' | 'after-item' | 'after-field' | 'end';

export class HifParser {
  kind: GraphKind = 'undirected';
  hasMetadata = false;
  #state: State = 'start';
  #part: HifPart = 'incidences';
  readonly #seen = new Set<string>();
  readonly #handler: HifHandler;
  readonly #properties: 'drop' | 'keep';

  /** @param properties Whether the attributes of records are read, or checked only. */
  constructor(handler: HifHandler, properties: 'drop' | 'keep') {
    this.#handler = handler;
    this.#properties = properties;
  }

  get isDone(): boolean {
    return this.#state === 'end';
  }

  /**
   * Takes the next step. When it throws `NEED_MORE`, nothing has happened and it must be taken again from the same
   * byte with a longer window. @throws JsonFault
   */
  step(cursor: JsonCursor): void {
    switch (this.#state) {
      case 'start':
        if (cursor.peek() !== 123) throw new JsonFault('a HIF document must be a JSON object', cursor.at);
        cursor.at += 1;
        this.#state = 'field';
        return;
      case 'field':
        this.#readField(cursor);
        return;
      case 'first-item':
        this.#state = cursor.takes(']') ? 'after-field' : 'item';
        return;
      case 'item': {
        const record = readHifRecord(cursor, this.#part, this.#properties);
        this.#handler.record(this.#part, record, cursor.bytes);
        this.#state = 'after-item';
        return;
      }
      case 'after-item':
        if (cursor.takes(',')) this.#state = 'item';
        else {
          cursor.expect(']');
          this.#state = 'after-field';
        }
        return;
      case 'after-field':
        this.#endField(cursor);
        return;
      case 'end':
        if (!cursor.isDone()) throw new JsonFault('something follows the end of the document', cursor.at);
    }
  }

  #readField(cursor: JsonCursor): void {
    if (this.#seen.size === 0 && cursor.peek() === 125) {
      this.#endField(cursor);
      return;
    }
    cursor.peek();
    const at = cursor.at;
    const key = cursor.readString();
    cursor.expect(':');
    if (this.#seen.has(key)) throw new JsonFault(`the field "${key}" comes twice`, at);
    const part = PARTS.find((name) => name === key);
    if (part) {
      if (cursor.peek() !== 91) throw new JsonFault(`"${key}" must be an array`, cursor.at);
      cursor.at += 1;
      this.#part = part;
      this.#state = 'first-item';
    } else {
      this.#readScalarField(cursor, key, at);
      this.#state = 'after-field';
    }
    this.#seen.add(key);
  }

  #readScalarField(cursor: JsonCursor, key: string, at: number): void {
    if (key === 'network-type') {
      const value = cursor.peek() === 34 ? cursor.readString() : '';
      const kind = KINDS.find((name) => name === value);
      if (!kind) throw new JsonFault(`"network-type" must be one of ${KINDS.join(', ')}`, at);
      this.kind = kind;
    } else if (key === 'metadata') {
      if (cursor.peek() !== 123) throw new JsonFault('"metadata" must be an object', cursor.at);
      cursor.skipValue();
      this.hasMetadata = true;
    } else {
      const known = ['network-type', 'metadata', ...PARTS].join(', ');
      throw new JsonFault(`"${key}" is not a field of HIF; the fields are ${known}`, at);
    }
  }

  #endField(cursor: JsonCursor): void {
    if (this.#seen.size > 0 && cursor.takes(',')) {
      // A field must follow: an empty set of seen fields would allow "}" here.
      this.#state = 'field';
      return;
    }
    const at = cursor.at;
    cursor.expect('}');
    if (!this.#seen.has('incidences')) throw new JsonFault('the field "incidences" is missing', at);
    this.#state = 'end';
  }
}
