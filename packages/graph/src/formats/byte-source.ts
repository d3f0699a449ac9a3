/** The bytes of a file as a stream, decompressed when the file is gzip (told by its first bytes, never by its name). */
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { AnantError } from '@anant/core';
import { type FilePlace, fileAccessError, fileFormatError } from './file-error.js';

/** How far reading is, in bytes of the files as they lie on disk. */
export interface LoadProgress {
  readonly path: string;
  readonly bytesRead: number;
  readonly bytesTotal: number;
}

export interface ByteSourceOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once per piece read, and once at the end. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}

export interface ByteSource {
  readonly path: string;
  /** Size on disk. */
  readonly bytesTotal: number;
  readonly compression: 'gzip' | 'none';
  /** The pieces in order; a byte-order mark is left out. Can be read once. */
  pieces(): AsyncIterable<Uint8Array>;
  /** Tells the source which line is being read, for its own errors. */
  line: number;
}

const PIECE_BYTES = 262_144;
/** What compressions and encodings are told by. */
const MAGIC_BYTES = 6;
const OTHER_COMPRESSIONS: readonly (readonly [name: string, magic: readonly number[]])[] = [
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
];

/**
 * Opens a file for reading.
 * @throws AnantError `E_FILE_NOT_FOUND`, or `E_FILE_FORMAT` when it is empty, UTF-16 or compressed otherwise.
 */
export async function openBytes(path: string, options: ByteSourceOptions = {}): Promise<ByteSource> {
  const { head, bytesTotal } = await readHead(path, MAGIC_BYTES);
  const compression = startsWith(head, [0x1f, 0x8b]) ? 'gzip' : 'none';
  checkReadable(path, head, bytesTotal);
  const source: ByteSource = {
    path,
    bytesTotal,
    compression,
    line: 1,
    pieces: () => readPieces(source, options),
  };
  return source;
}

/**
 * The error of corrupt or truncated gzip data, if that is what a file has: such data can yield nonsense long before
 * its checksum fails, so a reader that met nonsense asks here first.
 */
export async function findGzipError(path: string, line: number): Promise<unknown> {
  try {
    const source = await openBytes(path);
    source.line = line;
    if (source.compression === 'none') return undefined;
    for await (const _piece of source.pieces());
    return undefined;
  } catch (error) {
    return AnantError.is(error, 'E_FILE_FORMAT') ? error : undefined;
  }
}

/** The first `length` bytes of a file, or as many as it has. @throws AnantError `E_FILE_NOT_FOUND` */
export async function readHead(
  path: string,
  length: number,
): Promise<{ head: Uint8Array; bytesTotal: number }> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const stat = await handle.stat();
    const head = new Uint8Array(length);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    return { head: head.subarray(0, bytesRead), bytesTotal: stat.size };
  } catch (cause) {
    throw fileAccessError(path, cause);
  } finally {
    await handle?.close();
  }
}

function checkReadable(path: string, head: Uint8Array, bytesTotal: number): void {
  if (bytesTotal === 0) throw fileFormatError({ path }, 'the file is empty');
  for (const [name, magic] of OTHER_COMPRESSIONS) {
    if (startsWith(head, magic)) {
      throw fileFormatError({ path }, `the file is compressed with ${name}, which is not read`, {
        advice: 'Decompress it, or compress it with gzip.',
      });
    }
  }
  if (startsWith(head, [0xff, 0xfe]) || startsWith(head, [0xfe, 0xff])) {
    throw fileFormatError({ path }, 'the file is UTF-16', { advice: 'Save it as UTF-8.' });
  }
}

async function* readPieces(source: ByteSource, options: ByteSourceOptions): AsyncGenerator<Uint8Array> {
  const { path, bytesTotal } = source;
  const raw = createReadStream(path, { highWaterMark: PIECE_BYTES });
  const gunzip = source.compression === 'gzip' ? createGunzip({ chunkSize: PIECE_BYTES }) : undefined;
  raw.on('error', (error) => gunzip?.destroy(error));
  const stream = gunzip ? raw.pipe(gunzip) : raw;
  let bytesOut = 0;
  try {
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      checkSignal(options.signal, path);
      const bytes = bytesOut === 0 && startsWith(piece, [0xef, 0xbb, 0xbf]) ? piece.subarray(3) : piece;
      bytesOut += piece.length;
      options.onProgress?.({ path, bytesRead: raw.bytesRead, bytesTotal });
      yield bytes;
    }
  } catch (cause) {
    throw readError(source, cause);
  } finally {
    raw.destroy();
    gunzip?.destroy();
  }
  if (bytesOut === 0) throw fileFormatError({ path }, 'the file is empty once decompressed');
  options.onProgress?.({ path, bytesRead: bytesTotal, bytesTotal });
}

/** @throws AnantError `E_CANCELLED` when the signal is aborted. */
export function checkSignal(signal: AbortSignal | undefined, path: string): void {
  if (signal?.aborted) {
    throw new AnantError('E_CANCELLED', `Reading ${path} was cancelled.`, { cause: signal.reason });
  }
}

const GZIP_REASONS: Readonly<Record<string, string>> = {
  Z_BUF_ERROR: 'the gzip data ends too early: the file is truncated',
  Z_DATA_ERROR: 'the gzip data is corrupt',
};

function readError(source: ByteSource, cause: unknown): unknown {
  if (AnantError.is(cause)) return cause;
  const { code, message } = cause as { code?: string; message?: string };
  const reason = GZIP_REASONS[code ?? ''];
  if (reason === undefined) return code?.startsWith('E') ? fileAccessError(source.path, cause) : cause;
  const place: FilePlace = { path: source.path, line: source.line };
  const detail = code === 'Z_DATA_ERROR' ? ` (${message})` : '';
  return fileFormatError(place, reason + detail, { advice: 'Fetch or compress the file again.', cause });
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}
