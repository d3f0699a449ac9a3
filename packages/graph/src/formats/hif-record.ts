/** One record of a HIF document: an incidence, a node or an edge, checked against the HIF schema. */
import { DIRECTION } from '../store/properties.js';
import { type JsonCursor, JsonFault, type JsonText } from './json-cursor.js';

export type HifPart = 'incidences' | 'nodes' | 'edges';

/** An id as it lies in the window (text without escapes), or as a value. */
export type HifId = JsonText | string | number;

export interface HifRecord {
  edge: HifId | undefined;
  node: HifId | undefined;
  weight: number | undefined;
  direction: number;
  /** Undefined where there are none, or where they are not read. */
  attributes: Readonly<Record<string, unknown>> | undefined;
  hasAttributes: boolean;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

const KEYS = ['edge', 'node', 'weight', 'direction', 'attrs'] as const;
const KEY_BYTES: readonly Uint8Array[] = KEYS.map((key) => Buffer.from(key));

const ALLOWED: Readonly<Record<HifPart, readonly (typeof KEYS)[number][]>> = {
  incidences: ['edge', 'node', 'weight', 'direction', 'attrs'],
  nodes: ['node', 'weight', 'attrs'],
  edges: ['edge', 'weight', 'attrs'],
};

const REQUIRED: Readonly<Record<HifPart, readonly ('edge' | 'node')[]>> = {
  incidences: ['edge', 'node'],
  nodes: ['node'],
  edges: ['edge'],
};

/** @throws JsonFault, or `NEED_MORE` when the record goes on past the window. */
export function readHifRecord(cursor: JsonCursor, part: HifPart, properties: 'drop' | 'keep'): HifRecord {
  const record: HifRecord = {
    edge: undefined,
    node: undefined,
    weight: undefined,
    direction: DIRECTION.none,
    attributes: undefined,
    hasAttributes: false,
  };
  if (cursor.peek() !== 123) throw new JsonFault(`every element of "${part}" must be an object`, cursor.at);
  const start = cursor.at;
  let seen = 0;
  for (let more = cursor.startObject(); more; more = cursor.nextMember()) {
    cursor.peek();
    const at = cursor.at;
    const index = cursor.readKey(KEY_BYTES);
    const key = KEYS[index];
    if (key === undefined || !ALLOWED[part].includes(key)) refuseKey(cursor, part, at);
    if ((seen & (1 << index)) !== 0) throw new JsonFault(`the key "${key}" comes twice`, at);
    seen |= 1 << index;
    if (key === 'edge' || key === 'node') record[key] = readId(cursor, key);
    else if (key === 'weight') record.weight = readWeight(cursor);
    else if (key === 'direction') record.direction = readDirection(cursor);
    else {
      record.attributes = readAttributes(cursor, properties);
      record.hasAttributes = true;
    }
  }
  for (const key of REQUIRED[part]) {
    if (record[key] === undefined) throw new JsonFault(`an element of "${part}" has no "${key}"`, start);
  }
  return record;
}

function refuseKey(cursor: JsonCursor, part: HifPart, at: number): never {
  cursor.at = at;
  const allowed = ALLOWED[part].join(', ');
  throw new JsonFault(
    `"${cursor.readString()}" is not a field of "${part}"; allowed are ${allowed} (others belong into attrs)`,
    at,
  );
}

function readId(cursor: JsonCursor, key: string): HifId {
  const first = cursor.peek();
  const at = cursor.at;
  if (first === 34) {
    const text = cursor.readText();
    if (!text.hasEscapes) return text;
    cursor.at = at;
    const unescaped = cursor.readString();
    if (LONE_SURROGATE.test(unescaped)) throw new JsonFault(`"${key}" holds half a surrogate pair`, at);
    return unescaped;
  }
  const isNumber = first === 45 || (first >= 48 && first <= 57);
  if (!isNumber) throw new JsonFault(`"${key}" must be a string or an integer`, at);
  const text = cursor.readNumber();
  const value = Number(text);
  if (!Number.isInteger(value))
    throw new JsonFault(`"${key}" must be a string or an integer, not ${text}`, at);
  if (!Number.isSafeInteger(value)) {
    throw new JsonFault(`"${key}" is an integer beyond 2^53 - 1: ${text}; write it as a string`, at);
  }
  return value;
}

function readWeight(cursor: JsonCursor): number {
  const first = cursor.peek();
  const at = cursor.at;
  const isNumber = first === 45 || (first >= 48 && first <= 57);
  const value = isNumber ? cursor.readNumber() : Number.NaN;
  if (!Number.isFinite(value)) throw new JsonFault('"weight" must be a finite number', at);
  return value;
}

function readDirection(cursor: JsonCursor): number {
  cursor.peek();
  const at = cursor.at;
  const value = cursor.peek() === 34 ? cursor.readString() : '';
  if (value === 'head') return DIRECTION.head;
  if (value === 'tail') return DIRECTION.tail;
  throw new JsonFault('"direction" must be "head" or "tail"', at);
}

function readAttributes(
  cursor: JsonCursor,
  properties: 'drop' | 'keep',
): Readonly<Record<string, unknown>> | undefined {
  if (cursor.peek() !== 123) throw new JsonFault('"attrs" must be an object', cursor.at);
  if (properties === 'keep') return cursor.readObject();
  cursor.skipValue();
  return undefined;
}
