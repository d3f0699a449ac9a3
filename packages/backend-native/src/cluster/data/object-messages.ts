/** What holders and readers of objects say to each other. */
import { decodeMessage, encodeMessage } from '@anant/core/codec';
import { FRAMES_MAX, OBJECT_BYTES_MAX } from '../limits.js';

export interface FetchMessage {
  /** The reader's own number; another one for every time it asks. */
  readonly request: number;
  /** Its last request for the same, which it has given up; 0 at first. */
  readonly replaces: number;
  /** The reader's endpoint, and what must be shown there. */
  readonly address: string;
  readonly secret: Uint8Array;
  readonly id: string;
  /** The first chunk it wants. */
  readonly chunk: number;
  readonly from: 'anyone' | 'holder';
  /** `keep`: it will have a copy for others. */
  readonly use: 'keep' | 'once';
}

export type ObjectMessage =
  | { readonly request: number; readonly answer: 'absent' }
  | { readonly request: number; readonly answer: 'refer'; readonly address: string }
  | {
      readonly request: number;
      readonly answer: 'object';
      readonly body: Uint8Array;
      /** Of every buffer; those too small for chunks are the frames of the message. */
      readonly sizes: readonly number[];
      /** Others that have it. */
      readonly others: readonly string[];
      /** Name of the file through which the chunks come; without one they are frames. */
      readonly ring: string | undefined;
    };

export interface ChunkMessage {
  readonly request: number;
  readonly index: number;
  /** Its CRC-32, wherever it lies. */
  readonly sum: number;
}

export interface MoreMessage {
  readonly request: number;
  readonly address: string;
  /** Every chunk before this one was read. */
  readonly position: number;
}

type Json = readonly unknown[];

export function encodeFetch(message: FetchMessage): Uint8Array {
  const { request, replaces, address, secret, id, chunk, from, use } = message;
  return encodeMessage([request, replaces, address, secret, id, chunk, from, use]);
}

/** @throws TypeError, AnantError when it is malformed */
export function decodeFetch(payload: Uint8Array): FetchMessage {
  const [request, replaces, address, secret, id, chunk, from, use] = decodeMessage(payload) as Json;
  if (!(secret instanceof Uint8Array)) throw new TypeError('A request for an object shows no secret.');
  return {
    request: whole(request),
    replaces: whole(replaces),
    address: String(address),
    secret,
    id: String(id),
    chunk: whole(chunk),
    from: from === 'anyone' ? 'anyone' : 'holder',
    use: use === 'keep' ? 'keep' : 'once',
  };
}

export function encodeObject(message: ObjectMessage): Uint8Array {
  const { request, answer } = message;
  if (answer === 'absent') return encodeMessage([request, answer]);
  if (answer === 'refer') return encodeMessage([request, answer, message.address]);
  const { body, sizes, others, ring } = message;
  return encodeMessage([request, answer, body, sizes, others, ring ?? '']);
}

/** @throws TypeError, AnantError when it is malformed */
export function decodeObject(payload: Uint8Array): ObjectMessage {
  const [number, answer, first, sizes, others, ring] = decodeMessage(payload) as Json;
  const request = whole(number);
  if (answer === 'absent') return { request, answer };
  if (answer === 'refer') return { request, answer, address: String(first) };
  if (answer !== 'object' || !(first instanceof Uint8Array))
    throw new TypeError('An answer holds no object.');
  const counted = list(sizes).map(whole);
  if (counted.reduce((sum, bytes) => sum + bytes, 0) > OBJECT_BYTES_MAX)
    throw new TypeError('An object is larger than any may be.');
  return {
    request,
    answer,
    body: first,
    sizes: counted,
    others: list(others).map(String),
    ring: ring === '' ? undefined : String(ring),
  };
}

export const encodeChunk = ({ request, index, sum }: ChunkMessage): Uint8Array =>
  encodeMessage([request, index, sum]);

/** @throws TypeError, AnantError when it is malformed */
export function decodeChunk(payload: Uint8Array): ChunkMessage {
  const [request, index, sum] = decodeMessage(payload) as Json;
  return { request: whole(request), index: whole(index), sum: whole(sum) };
}

export const encodeMore = ({ request, address, position }: MoreMessage): Uint8Array =>
  encodeMessage([request, address, position]);

/** @throws TypeError, AnantError when it is malformed */
export function decodeMore(payload: Uint8Array): MoreMessage {
  const [request, address, position] = decodeMessage(payload) as Json;
  return { request: whole(request), address: String(address), position: whole(position) };
}

function whole(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw new TypeError(`${String(value)} is no whole number.`);
  return value as number;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value) || value.length > FRAMES_MAX)
    throw new TypeError('A list is missing or too long.');
  return value;
}
