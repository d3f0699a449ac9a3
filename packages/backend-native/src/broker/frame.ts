/** What brokers say to each other: a small head in JSON and a payload of bytes. The same on every transport. */
import { AnantError } from '@anant/core';
import { SUBJECT_CHARACTERS_MAX } from './limits.js';

export const FRAME_KINDS = [
  'join',
  'leave',
  'joined',
  'request',
  'answer',
  'error',
  'event',
  'work',
  'open',
  'chunk',
  'end',
  'credit',
  'ping',
  'cancel',
] as const;
export type FrameKind = (typeof FRAME_KINDS)[number];

/** `endpoint`: one broker. `one`: any broker that joined the subject. `all`: every one. `hub`: the hub itself. */
export const TARGETS = ['endpoint', 'one', 'all', 'hub'] as const;
export type TargetType = (typeof TARGETS)[number];

export interface Frame {
  readonly to: TargetType;
  /** An endpoint or a subject. */
  readonly name: string;
  /** The sender's endpoint; a hub fills in the one it knows. */
  readonly from: string;
  readonly kind: FrameKind;
  /** Correlates frames of one request or stream. */
  readonly id: string;
  /** Number of a chunk, limit of a credit, or milliseconds of a request. */
  readonly number: number;
  /** Code and message of an error; `more` or `last` of a chunk. */
  readonly text: string;
  readonly payload: Uint8Array;
}

const VERSION = 1;
const PREFIX_BYTES = 3;
const HEAD_BYTES_MAX = 8 * 1024;
const ID_CHARACTERS_MAX = 100;
export const NO_BYTES: Uint8Array = new Uint8Array(0);

export function encodeFrame(frame: Frame): Buffer {
  const { to, name, from, kind, id, number, text, payload } = frame;
  const head = Buffer.from(JSON.stringify([to, name, from, kind, id, number, text]));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix[0] = VERSION;
  prefix.writeUInt16BE(head.length, 1);
  return Buffer.concat([prefix, head, payload]);
}

/** @throws AnantError `E_PROTOCOL` saying what cannot be read. */
export function decodeFrame(bytes: Uint8Array): Frame {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < PREFIX_BYTES || buffer[0] !== VERSION) throw malformed('it has no known version');
  const headBytes = buffer.readUInt16BE(1);
  if (headBytes > HEAD_BYTES_MAX || buffer.length < PREFIX_BYTES + headBytes)
    throw malformed('its head is cut');
  const head = parseHead(buffer.toString('utf8', PREFIX_BYTES, PREFIX_BYTES + headBytes));
  return { ...head, payload: buffer.subarray(PREFIX_BYTES + headBytes) };
}

function parseHead(text: string): Omit<Frame, 'payload'> {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    throw malformed('its head is no JSON');
  }
  if (!Array.isArray(fields) || fields.length !== 7) throw malformed('its head has not seven fields');
  const [to, name, from, kind, id, number, note] = fields as unknown[];
  if (!isOneOf(to, TARGETS)) throw malformed('it has no known target');
  if (!isOneOf(kind, FRAME_KINDS)) throw malformed('it has no known kind');
  if (
    !isText(name, SUBJECT_CHARACTERS_MAX) ||
    !isText(from, ID_CHARACTERS_MAX) ||
    !isText(id, ID_CHARACTERS_MAX)
  )
    throw malformed('its names are too long or no text');
  if (typeof number !== 'number' || !Number.isFinite(number)) throw malformed('its number is none');
  if (!isText(note, HEAD_BYTES_MAX)) throw malformed('its text is none');
  return { to, name, from, kind, id, number, text: note };
}

function isOneOf<Value extends string>(value: unknown, all: readonly Value[]): value is Value {
  return (all as readonly unknown[]).includes(value);
}

const isText = (value: unknown, charactersMax: number): value is string =>
  typeof value === 'string' && value.length <= charactersMax;

const malformed = (problem: string): AnantError =>
  new AnantError('E_PROTOCOL', `A message cannot be read: ${problem}.`);

/** @throws TypeError for an empty or too long subject, or one with a zero character. */
export function checkSubject(subject: string): string {
  if (subject !== '' && subject.length <= SUBJECT_CHARACTERS_MAX && !/[\0{}]/.test(subject)) return subject;
  throw new TypeError(
    `"${subject}" cannot be a subject: 1 to ${SUBJECT_CHARACTERS_MAX} characters, no braces.`,
  );
}
