/** The beginning of a file as lines of text: what formats and separators are told by. */
import { openBytes } from './byte-source.js';

export interface Sample {
  readonly path: string;
  readonly compression: 'gzip' | 'none';
  /** Whole lines from the start, without their ends. */
  readonly lines: readonly string[];
  /** Whether the sample is the whole file. */
  readonly isWhole: boolean;
}

const SAMPLE_BYTES = 65_536;

/** Reads at most 64 KiB of a file. @throws AnantError `E_FILE_NOT_FOUND`, `E_FILE_FORMAT` */
export async function readSample(path: string, signal?: AbortSignal): Promise<Sample> {
  const source = await openBytes(path, { signal });
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of source.pieces()) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes >= SAMPLE_BYTES) break;
  }
  const isWhole = bytes < SAMPLE_BYTES;
  const text = Buffer.concat(pieces).subarray(0, SAMPLE_BYTES).toString();
  const lines = text.split(/\r?\n/);
  if (lines.length > 1 && (!isWhole || lines.at(-1) === '')) lines.pop();
  return { path, compression: source.compression, lines, isWhole };
}
