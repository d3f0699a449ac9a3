/**
 * The fast way through rows that hold nothing but integers: digits, separators and line ends in one pass over the
 * bytes. A line that is anything else is left to the reader of any row, which also has the errors.
 */
import type { ByteSource } from './byte-source.js';

/** Takes the integers of one row. @returns `false`, having kept nothing, when the row does not have the right shape. */
export type TakeIntegers = (values: Float64Array, count: number) => boolean;

const LF = 10;
const CR = 13;
const SPACE = 32;
const ZERO = 48;
/** More digits may not be a safe integer. */
const DIGITS_MAX = 15;
/** Rows with more fields are read the other way. */
const FIELDS_MAX = 4_096;

export class IntegerRows {
  /** Rows taken. */
  rows = 0;
  readonly #separator: number;
  readonly #lineBytesMax: number;
  readonly #take: TakeIntegers;
  readonly #values = new Float64Array(FIELDS_MAX);

  /**
   * @param separator The byte between fields; spaces may repeat, others may not.
   * @param lineBytesMax Longer lines are not taken.
   */
  constructor(separator: number, lineBytesMax: number, take: TakeIntegers) {
    this.#separator = separator;
    this.#lineBytesMax = lineBytesMax;
    this.#take = take;
  }

  /** Takes whole lines of `bytes` from `start`. @returns Where the first line starts that was not taken. */
  advance(source: ByteSource, bytes: Uint8Array, start: number): number {
    for (let lineStart = start; ; ) {
      const end = this.#line(bytes, lineStart);
      if (end < 0) return lineStart;
      lineStart = end;
      source.line += 1;
      this.rows += 1;
    }
  }

  /** @returns Where the next line starts, or -1 when this one was not taken. */
  #line(bytes: Uint8Array, start: number): number {
    const values = this.#values;
    const separator = this.#separator;
    let count = 0;
    let value = 0;
    let first = start;
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at]!;
      const digit = byte - ZERO;
      if (digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
        continue;
      }
      const digits = at - first;
      if (digits === 0 && byte === SPACE && separator === SPACE) {
        first = at + 1;
        continue;
      }
      const isInteger = digits > 0 && digits <= DIGITS_MAX && (digits === 1 || bytes[first] !== ZERO);
      if (!isInteger || count === FIELDS_MAX) return -1;
      values[count++] = value;
      value = 0;
      first = at + 1;
      if (byte === separator) continue;
      const end = byte === LF ? at : byte === CR && bytes[at + 1] === LF ? at + 1 : -1;
      if (end < 0 || end - start > this.#lineBytesMax) return -1;
      return this.#take(values, count) ? end + 1 : -1;
    }
    return -1;
  }
}
