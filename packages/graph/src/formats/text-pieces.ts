/** A byte source as pieces of text. */
import type { ByteSource } from './byte-source.js';
import { fileFormatError } from './file-error.js';

/** @throws AnantError `E_FILE_FORMAT` when the bytes are not UTF-8. */
export async function* textPieces(source: ByteSource): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const piece of source.pieces()) yield decoder.decode(piece, { stream: true });
    yield decoder.decode();
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw fileFormatError(source, 'the text is not valid UTF-8', { cause });
  }
}
