/** Files of one non-negative integer per line, read piece by piece without making lines or strings. */
import type { ByteSource } from './byte-source.js';
import { fileFormatError } from './file-error.js';
import { whyNotInteger } from './parse-integer.js';

/** Most bytes of a line, and so of a number. */
const LINE_BYTES_MAX = 4_096;
const LF = 10;
const CR = 13;

interface ColumnState {
  values: Float64Array;
  /** The first blank line, 0 while there is none. */
  blankLine: number;
}

/**
 * Calls `handle` with the next `count` values, in order. The array is reused.
 * @throws AnantError `E_FILE_FORMAT`, naming the line that is not an integer from 0 to 2^53 - 1.
 */
export async function readIntegerColumn(
  source: ByteSource,
  handle: (values: Float64Array, count: number) => void,
): Promise<void> {
  const state: ColumnState = { values: new Float64Array(16), blankLine: 0 };
  let rest: Uint8Array = new Uint8Array(0);
  for await (const piece of source.pieces()) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    if (state.values.length <= bytes.length / 2) state.values = new Float64Array(bytes.length);
    const end = bytes.lastIndexOf(LF) + 1;
    const count = parseLines(source, bytes, end, state);
    if (count > 0) handle(state.values, count);
    if (bytes.length - end > LINE_BYTES_MAX) refuse(source, bytes, end);
    rest = bytes.slice(end);
  }
  if (rest.length === 0) return;
  const last = Buffer.concat([rest, Uint8Array.of(LF)]);
  const count = parseLines(source, last, last.length, state);
  if (count > 0) handle(state.values, count);
}

/** Parses whole lines up to `end`. Blank lines may only stand at the end of the file. */
function parseLines(source: ByteSource, bytes: Uint8Array, end: number, state: ColumnState): number {
  const { values } = state;
  let count = 0;
  let start = 0;
  let value = 0;
  for (let at = 0; at < end; at++) {
    const byte = bytes[at]!;
    const digit = byte - 48;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      continue;
    }
    if (byte === CR && bytes[at + 1] === LF) continue;
    if (byte !== LF) refuse(source, bytes, start);
    if (at === start || bytes[start] === CR) {
      state.blankLine ||= source.line;
    } else {
      if (state.blankLine > 0) refuseBlank(source, state.blankLine);
      const hasLeadingZero = bytes[start] === 48 && bytes[start + 1]! >= 48;
      if (value > Number.MAX_SAFE_INTEGER || hasLeadingZero) refuse(source, bytes, start);
      values[count++] = value;
      value = 0;
    }
    start = at + 1;
    source.line += 1;
  }
  return count;
}

function refuseBlank(source: ByteSource, line: number): never {
  throw fileFormatError({ path: source.path, line }, 'the line is blank; one integer was expected');
}

function refuse(source: ByteSource, bytes: Uint8Array, start: number): never {
  const end = bytes.indexOf(LF, start);
  const bounded = Math.min(end < 0 ? bytes.length : end, start + LINE_BYTES_MAX);
  const text = Buffer.from(bytes.subarray(start, bounded)).toString().replace(/\r$/, '');
  const place = { path: source.path, line: source.line };
  if (text.length >= LINE_BYTES_MAX) {
    throw fileFormatError(place, `the line is longer than ${LINE_BYTES_MAX} bytes; one integer was expected`);
  }
  throw fileFormatError(place, `${whyNotInteger(text)}; each line must be one integer`);
}
