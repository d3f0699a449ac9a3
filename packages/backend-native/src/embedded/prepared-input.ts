/** A task's input as it was when it was submitted: checked, measured, and no longer the caller's to change. */
import { AnantError } from '@anant/core';
import { decodeValue, type EncodedValue, encodedBytes, encodeValue } from '@anant/core/codec';

/** Plain values skip the codec; large arrays stay where the caller has them. */
export type PreparedInput =
  | { readonly kind: 'plain'; readonly value: undefined | null | number | boolean }
  | { readonly kind: 'encoded'; readonly encoded: EncodedValue };

const UNDEFINED: PreparedInput = { kind: 'plain', value: undefined };
const NULL: PreparedInput = { kind: 'plain', value: null };

/** @throws AnantError `E_VALUE_NOT_PORTABLE`, `E_PAYLOAD_TOO_LARGE` */
export function prepareInput(value: unknown, payloadBytesMax: number): PreparedInput {
  if (value === undefined) return UNDEFINED;
  if (value === null) return NULL;
  if (typeof value === 'number' || typeof value === 'boolean') return { kind: 'plain', value };
  const encoded = encodeValue(value, 'input');
  checkBytes('input', encodedBytes(encoded), payloadBytesMax);
  return { kind: 'encoded', encoded };
}

/** The value that user code gets: a copy, but for large arrays, which are shared and must not be written. */
export function openInput(input: PreparedInput): unknown {
  return input.kind === 'plain' ? input.value : decodeValue(input.encoded.body, input.encoded.buffers);
}

/** The encoded form, for pipes and files. */
export function encodeInput(input: PreparedInput): EncodedValue {
  return input.kind === 'plain' ? encodeValue(input.value) : input.encoded;
}

/** @throws AnantError `E_PAYLOAD_TOO_LARGE` */
export function checkBytes(name: string, bytes: number, bytesMax: number): void {
  if (bytes <= bytesMax) return;
  throw new AnantError(
    'E_PAYLOAD_TOO_LARGE',
    `The ${name} takes ${bytes} bytes; at most ${bytesMax} can be carried.`,
    {
      advice: 'Pass less, store it with put and pass the reference, or raise payloadBytesMax.',
      details: { bytes, max: bytesMax },
    },
  );
}
