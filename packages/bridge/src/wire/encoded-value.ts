/** Encoded values inside messages: `[bytes, n]` in the body, `n` buffers beside it, in order of appearance. */
import type { EncodedValue } from '@anant/core/codec';

export type WireValue = readonly [body: Uint8Array, bufferCount: number];

/** Puts a value into a message: appends its buffers to `buffers` and returns what goes into the body. */
export function attachValue(value: EncodedValue, buffers: Uint8Array[]): WireValue {
  for (const buffer of value.buffers) buffers.push(buffer);
  return [value.body, value.buffers.length];
}

/** Takes values out of a message, in the order in which they appear in its body. */
export class ValueReader {
  #next = 0;

  constructor(readonly buffers: readonly Uint8Array[]) {}

  /** @throws TypeError when the shape is wrong or the message has too few buffers. */
  take(wire: unknown): EncodedValue {
    if (!Array.isArray(wire) || !(wire[0] instanceof Uint8Array) || !Number.isInteger(wire[1])) {
      throw new TypeError('An encoded value must be [bytes, number of buffers].');
    }
    const end = this.#next + (wire[1] as number);
    if (wire[1] < 0 || end > this.buffers.length) {
      throw new TypeError(`An encoded value claims ${wire[1]} buffers; ${this.buffers.length} came.`);
    }
    const buffers = this.buffers.slice(this.#next, end);
    this.#next = end;
    return { body: wire[0], buffers };
  }
}
