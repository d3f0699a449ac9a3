/** The part of a task that the head carries unread: its input, and where its references lie. */
import type { EncodedValue } from '@anant/core/codec';
import { encodedBytes } from '@anant/core/codec';
import { INPUT_INLINE_BYTES_MAX } from '../limits.js';
import { type ObjectLocation, TaskPayload } from '../proto/anant/v1/common.js';

export interface PayloadParts {
  /** Names the attempt on the data plane. */
  readonly number: number;
  readonly input: EncodedValue;
  readonly references: readonly ObjectLocation[];
}

export interface PackedPayload {
  readonly bytes: Uint8Array;
  /** The input is too large to travel inside: the worker will ask for it. */
  readonly isHeldBack: boolean;
}

export function packPayload({ number, input, references }: PayloadParts): PackedPayload {
  const { body, buffers } = input;
  const inputBytes = buffers.length === 0 ? body.byteLength : encodedBytes(input);
  const isHeldBack = inputBytes > INPUT_INLINE_BYTES_MAX;
  const message: TaskPayload = {
    number,
    input: isHeldBack ? Buffer.alloc(0) : (flatten(input) as Buffer),
    bufferBytes: isHeldBack ? [] : buffers.map(({ byteLength }) => byteLength),
    inputBytes: isHeldBack ? inputBytes : 0,
    references: references as ObjectLocation[],
  };
  return { bytes: TaskPayload.encode(message).finish(), isHeldBack };
}

/** The input inside a payload. @throws TypeError when the sizes do not add up */
export function inlineInput({ input, bufferBytes }: TaskPayload): EncodedValue {
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

function flatten({ body, buffers }: EncodedValue): Uint8Array {
  return buffers.length === 0 ? body : Buffer.concat([body, ...buffers]);
}
