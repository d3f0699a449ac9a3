/** Large buffers as files of a shared directory: one copy in, one copy out, nothing through the socket. */
import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeMessage, encodeMessage } from '@anant/core/codec';

/** Buffers of this size and larger become files when a directory is shared. */
export const FILE_BYTES_MIN = 1024 * 1024;

const BARE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;
/** Conditions under which a buffer travels as a frame instead: the directory is full or gone. */
const NO_SPACE = ['ENOSPC', 'EDQUOT', 'EFBIG', 'ENOENT', 'EACCES'];
/** Reading is mostly the memory for it being made, page by page: several threads do that at the same time. */
const SLICES_MAX = 4;
const SLICE_BYTES_MIN = 16 * 1024 * 1024;

/** The files this side writes into a shared directory. */
export class FileBuffers {
  #written = 0;

  constructor(
    readonly directory: string,
    private readonly prefix: string,
  ) {}

  /** Writes a buffer to a file and returns the frame that describes it; undefined when there is no room. */
  async store(buffer: Uint8Array): Promise<Uint8Array | undefined> {
    this.#written += 1;
    const path = `${this.prefix}-${this.#written}`;
    try {
      await writeFile(join(this.directory, path), buffer);
    } catch (error) {
      if (!NO_SPACE.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      await unlink(join(this.directory, path)).catch(() => {});
      return undefined;
    }
    return encodeMessage({ path, offset: 0, bytes: buffer.byteLength });
  }

  /** Reads the buffer a frame describes and deletes its file. @throws TypeError on a malformed frame; system errors */
  async load(frame: Uint8Array): Promise<Uint8Array> {
    const { path, offset, bytes } = readFrame(frame);
    const place = join(this.directory, path);
    const file = await open(place, 'r');
    try {
      const buffer = new Uint8Array(bytes);
      await inSlices(bytes, (from, to) => fill(file, buffer, from, to, offset));
      return buffer;
    } finally {
      await file.close();
      // Giving the memory back takes a while; nobody waits for it.
      unlink(place).catch(() => {});
    }
  }
}

type FileHandle = Awaited<ReturnType<typeof open>>;

/** Runs an action on slices of a buffer at the same time. */
async function inSlices(bytes: number, action: (from: number, to: number) => Promise<void>): Promise<void> {
  const step = Math.max(SLICE_BYTES_MIN, Math.ceil(bytes / SLICES_MAX));
  const slices: Promise<void>[] = [];
  for (let from = 0; from < bytes; from += step) slices.push(action(from, Math.min(bytes, from + step)));
  const failed = (await Promise.allSettled(slices)).find((slice) => slice.status === 'rejected');
  if (failed) throw failed.reason;
}

async function writeFile(path: string, buffer: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await inSlices(buffer.byteLength, async (from, to) => {
      for (let at = from; at < to; ) at += (await file.write(buffer, at, to - at, at)).bytesWritten;
    });
  } finally {
    await file.close();
  }
}

async function fill(
  file: FileHandle,
  buffer: Uint8Array,
  from: number,
  to: number,
  offset: number,
): Promise<void> {
  for (let at = from; at < to; ) {
    const { bytesRead } = await file.read(buffer, at, to - at, offset + at);
    if (bytesRead === 0) throw new TypeError('A file buffer is shorter than announced.');
    at += bytesRead;
  }
}

function readFrame(frame: Uint8Array): { path: string; offset: number; bytes: number } {
  const value = decodeMessage(frame) as Readonly<Record<string, unknown>> | null;
  const { path, offset, bytes } = value ?? {};
  if (typeof path !== 'string' || !BARE_NAME.test(path)) {
    throw new TypeError(`A file buffer names the file ${JSON.stringify(path)}, which is no bare file name.`);
  }
  if (
    !Number.isSafeInteger(offset) ||
    !Number.isSafeInteger(bytes) ||
    Number(offset) < 0 ||
    Number(bytes) < 0
  ) {
    throw new TypeError('A file buffer needs a whole offset and size.');
  }
  return { path, offset: Number(offset), bytes: Number(bytes) };
}
