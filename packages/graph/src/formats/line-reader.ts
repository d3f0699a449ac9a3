/** Lines of a byte source, as ranges of bytes: no string is made. LF and CRLF end a line; the last one needs neither. */
import type { ByteSource } from './byte-source.js';
import { fileFormatError } from './file-error.js';

/** Takes one line without its end, as bytes from `start` to `end`. The bytes are only good during the call. */
export type LineHandler = (bytes: Uint8Array, start: number, end: number, line: number) => void;

const LF = 10;
const CR = 13;

/**
 * Calls `handle` for every line, blank ones included, but for those that `advance` takes itself: whole lines of a
 * piece from `start` up to the one whose start it returns.
 * @param lineBytesMax A longer line is refused. @throws AnantError `E_FILE_FORMAT`
 */
export async function readLines(
  source: ByteSource,
  lineBytesMax: number,
  handle: LineHandler,
  advance: (bytes: Uint8Array, start: number) => number = (_, start) => start,
): Promise<void> {
  let carry = new Uint8Array(4_096);
  let carried = 0;
  for await (const piece of source.pieces()) {
    let start = carried > 0 ? 0 : advance(piece, 0);
    for (let end = piece.indexOf(LF, start); end >= 0; end = piece.indexOf(LF, start)) {
      checkLength(source, carried + end - start, lineBytesMax);
      if (carried > 0) {
        carry = append(carry, carried, piece, start, end);
        emit(source, handle, carry, 0, carried + end - start);
        carried = 0;
      } else {
        emit(source, handle, piece, start, end);
      }
      start = advance(piece, end + 1);
    }
    checkLength(source, carried + piece.length - start, lineBytesMax);
    carry = append(carry, carried, piece, start, piece.length);
    carried += piece.length - start;
  }
  if (carried > 0) emit(source, handle, carry, 0, carried);
}

function emit(source: ByteSource, handle: LineHandler, bytes: Uint8Array, start: number, end: number): void {
  handle(bytes, start, end > start && bytes[end - 1] === CR ? end - 1 : end, source.line);
  source.line += 1;
}

function checkLength(source: ByteSource, bytes: number, lineBytesMax: number): void {
  if (bytes <= lineBytesMax) return;
  throw fileFormatError(
    { path: source.path, line: source.line },
    `the line is longer than ${lineBytesMax} bytes (lineBytesMax)`,
    { advice: 'Check that the file is of this format; if it is, raise lineBytesMax.' },
  );
}

/** Copies a range behind the first `used` bytes of `target`, which is replaced by a longer one if need be. */
function append(
  target: Uint8Array<ArrayBuffer>,
  used: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array<ArrayBuffer> {
  const needed = used + end - start;
  let result = target;
  if (needed > target.length) {
    result = new Uint8Array(Math.max(needed, target.length * 2));
    result.set(target.subarray(0, used));
  }
  result.set(bytes.subarray(start, end), used);
  return result;
}
