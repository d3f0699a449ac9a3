/** Reads a JSON document as a stream, step by step, and says at which line it is not what was expected. */
import type { ByteSource } from './byte-source.js';
import { fileFormatError } from './file-error.js';
import { JsonCursor, JsonFault, NEED_MORE } from './json-cursor.js';

export interface JsonSteps {
  /** Takes the next step: one record or one field. @throws JsonFault, or `NEED_MORE` */
  step(cursor: JsonCursor): void;
  readonly isDone: boolean;
}

export interface JsonDocumentOptions {
  /** Of the format, for errors. */
  readonly name: string;
  /** A longer record is refused. */
  readonly recordBytesMax: number;
}

/** @throws AnantError `E_FILE_FORMAT` */
export async function parseJson(
  source: ByteSource,
  parser: JsonSteps,
  { name, recordBytesMax }: JsonDocumentOptions,
): Promise<void> {
  const cursor = new JsonCursor();
  for await (const piece of source.pieces()) {
    const rest = cursor.bytes.subarray(cursor.at);
    if (rest.length > recordBytesMax) {
      throw fileFormatError(source, `one record is longer than ${recordBytesMax} bytes (lineBytesMax)`, {
        advice: `Check that the file is ${name}; if it is, raise lineBytesMax.`,
      });
    }
    cursor.bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    cursor.at = 0;
    takeSteps(source, parser, cursor, name);
  }
  cursor.isLast = true;
  takeSteps(source, parser, cursor, name);
}

/** Steps until the window is used up; what is left of it stays at `cursor.at`. */
function takeSteps(source: ByteSource, parser: JsonSteps, cursor: JsonCursor, name: string): void {
  let counted = cursor.at;
  const countLines = (to: number) => {
    for (let at = counted; at < to; at++) if (cursor.bytes[at] === 10) source.line += 1;
    counted = to;
  };
  for (;;) {
    const start = cursor.at;
    try {
      parser.step(cursor);
      if (parser.isDone && cursor.isDone()) {
        countLines(cursor.at);
        return;
      }
    } catch (error) {
      cursor.at = start;
      if (error === NEED_MORE) {
        countLines(start);
        return;
      }
      if (!(error instanceof JsonFault)) throw error;
      countLines(Math.min(error.at, cursor.bytes.length));
      throw fileFormatError(source, `not valid ${name}: ${error.reason}`);
    }
  }
}
