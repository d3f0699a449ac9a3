/** Reads a file of rows: lines split into fields. Blank lines are skipped, comments too where a format has them. */
import type { ByteSource } from './byte-source.js';
import type { Fields } from './fields.js';
import { fileFormatError, LineFault } from './file-error.js';
import { IntegerRows, type TakeIntegers } from './integer-rows.js';
import { type LineHandler, readLines } from './line-reader.js';

export interface RowOptions {
  readonly fields: Fields;
  /** Lines that start with one of these bytes are skipped. */
  readonly commentBytes: readonly number[];
  readonly header: 'skip' | 'none';
  readonly lineBytesMax: number;
  readonly badLines: 'refuse' | 'skip';
}

export interface RowHandler {
  /** Checks a row and remembers it. @throws LineFault when it cannot be used. */
  read(fields: Fields): void;
  /** Keeps the row that was read last. @throws LineFault before anything is kept */
  keep(): void;
  /** Takes notice of a blank line, in formats where lines count. */
  blank?(): void;
  /** Takes a row of integers at once, where all rows are that; keeps nothing when it returns `false`. */
  takeIntegers?: TakeIntegers | undefined;
}

export interface RowReport {
  readonly rows: number;
  /** Lines that could not be used, with `badLines: 'skip'`. */
  readonly skipped: number;
  readonly firstSkipped: { readonly line: number; readonly reason: string } | undefined;
}

export const COMMENT_BYTES: readonly number[] = [35, 37];

/** @throws AnantError `E_FILE_FORMAT` */
export async function readRows(
  source: ByteSource,
  options: RowOptions,
  handler: RowHandler,
): Promise<RowReport> {
  const { fields, commentBytes } = options;
  let isHeader = options.header === 'skip';
  let rows = 0;
  let skipped = 0;
  let firstSkipped: RowReport['firstSkipped'];
  const integers =
    handler.takeIntegers && new IntegerRows(fields.separatorByte, options.lineBytesMax, handler.takeIntegers);
  const advance = (bytes: Uint8Array, start: number): number =>
    isHeader || !integers ? start : integers.advance(source, bytes, start);
  const readLine: LineHandler = (bytes, start, end, line) => {
    if (isBlank(bytes, start, end)) return handler.blank?.();
    if (commentBytes.includes(bytes[start]!)) return;
    if (isHeader) {
      isHeader = false;
      return;
    }
    try {
      fields.split(bytes, start, end);
      handler.read(fields);
      handler.keep();
      rows += 1;
    } catch (fault) {
      if (!(fault instanceof LineFault)) throw fault;
      const { reason, advice } = fault;
      if (options.badLines === 'refuse') {
        throw fileFormatError({ path: source.path, line }, reason, {
          ...(advice !== undefined && { advice }),
        });
      }
      skipped += 1;
      firstSkipped ??= { line, reason };
    }
  };
  await readLines(source, options.lineBytesMax, readLine, advance);
  return { rows: rows + (integers?.rows ?? 0), skipped, firstSkipped };
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte !== 32 && byte !== 9) return false;
  }
  return true;
}
