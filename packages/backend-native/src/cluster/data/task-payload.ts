/** The part of a task that the head carries unread: its input, and where its references lie. */
import type { EncodedValue } from '@anant/core/codec';
import { encodedBytes } from '@anant/core/codec';
import { WireReader } from '../control/wire/wire-reader.js';
import { bytesTag, numberTag, WireWriter } from '../control/wire/wire-writer.js';
import { INPUT_INLINE_BYTES_MAX } from '../limits.js';
import { ObjectLocation, TaskPayload } from '../proto/anant/v1/common.js';

const FIELD = {
  number: numberTag(1),
  input: bytesTag(2),
  bufferBytes: bytesTag(3),
  inputBytes: numberTag(4),
  references: bytesTag(5),
} as const;

const writer = new WireWriter();

export interface PayloadParts {
  /** Names the attempt on the data plane. */
  readonly number: number;
  readonly input: EncodedValue;
  readonly references: readonly ObjectLocation[];
}

export interface PackedPayload {
  readonly bytes: Buffer;
  /** The input is too large to travel inside: the worker will ask for it. */
  readonly isHeldBack: boolean;
}

export function packPayload({ number, input, references }: PayloadParts): PackedPayload {
  const { body, buffers } = input;
  const inputBytes = buffers.length === 0 ? body.byteLength : encodedBytes(input);
  const isHeldBack = inputBytes > INPUT_INLINE_BYTES_MAX;
  writer.restart();
  writer.number(FIELD.number, number);
  if (isHeldBack) writer.number(FIELD.inputBytes, inputBytes);
  else {
    writer.bytes(FIELD.input, buffers.length === 0 ? body : Buffer.concat([body, ...buffers]));
    if (buffers.length > 0) writeSizes(buffers);
  }
  for (const reference of references)
    writer.message(FIELD.references, ObjectLocation.encode(reference).finish());
  return { bytes: writer.take(), isHeldBack };
}

function writeSizes(buffers: readonly Uint8Array[]): void {
  const start = writer.begin(FIELD.bufferBytes);
  for (const { byteLength } of buffers) writer.element(byteLength);
  writer.end(start);
}

const NO_BYTES: Buffer = Buffer.alloc(0);
const NO_SIZES: number[] = [];
const NO_REFERENCES: ObjectLocation[] = [];

/** The lists of the payload must not be changed. @throws TypeError, RangeError when it is malformed */
export function readPayload(bytes: Buffer): TaskPayload {
  const reader = new WireReader(bytes);
  let number = 0;
  let input = NO_BYTES;
  while (reader.position < reader.length) {
    const tag = reader.number();
    if (tag === FIELD.number) number = reader.number();
    else if (tag === FIELD.input) input = reader.bytes();
    // Whatever else it has is rare.
    else return TaskPayload.decode(bytes);
  }
  return { number, input, bufferBytes: NO_SIZES, inputBytes: 0, references: NO_REFERENCES };
}

/** The input inside a payload. @throws TypeError when the sizes do not add up */
export function inlineInput({ input, bufferBytes }: TaskPayload): EncodedValue {
  if (bufferBytes.length === 0) return { body: input, buffers: [] };
  let end = input.byteLength - bufferBytes.reduce((sum, bytes) => sum + bytes, 0);
  if (end < 0) throw new TypeError('An input is shorter than its buffers.');
  const body = input.subarray(0, end);
  const buffers = bufferBytes.map((bytes) => {
    end += bytes;
    // A copy: typed arrays need their own alignment.
    return new Uint8Array(input.subarray(end - bytes, end));
  });
  return { body, buffers };
}
