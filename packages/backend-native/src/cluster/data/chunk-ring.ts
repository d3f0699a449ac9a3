/**
 * A few places in a file in memory, through which chunks go from one process to another: a place is written again once its
 * chunk was read, so that its memory is made once for the whole object and not once per chunk.
 */
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { CHUNK_BYTES, WINDOW_CHUNKS } from '../../protocol/transfer/index.js';

const NAME = /^[A-Za-z0-9-]{1,100}$/;

const placeOf = (index: number): number => (index % WINDOW_CHUNKS) * CHUNK_BYTES;

/** The holder's end. */
export class RingWriter {
  private constructor(
    readonly name: string,
    private readonly file: FileHandle,
    private readonly path: string,
  ) {}

  /** @throws system errors */
  static async create(folder: string, name: string): Promise<RingWriter> {
    const path = join(folder, name);
    return new RingWriter(name, await open(path, 'wx', 0o600), path);
  }

  /** @throws system errors, `ENOSPC` among them */
  async write(index: number, bytes: Uint8Array): Promise<void> {
    const place = placeOf(index);
    for (let at = 0; at < bytes.byteLength; )
      at += (await this.file.write(bytes, at, bytes.byteLength - at, place + at)).bytesWritten;
  }

  async close(): Promise<void> {
    await this.file.close().catch(() => {});
    // The reader has removed it, unless it never came to that.
    await unlink(this.path).catch(() => {});
  }
}

/** The reader's end. */
export class RingReader {
  private constructor(private readonly file: FileHandle) {}

  /** Opens a file of the own folder; nobody else finds it any more then. @throws TypeError, system errors */
  static async open(folder: string, name: string): Promise<RingReader> {
    if (!NAME.test(name)) throw new TypeError(`"${name.slice(0, 100)}" is no name of a file for chunks.`);
    const path = join(folder, name);
    const file = await open(path, 'r');
    await unlink(path).catch(() => {});
    return new RingReader(file);
  }

  /** @throws TypeError when the file is too short */
  async read(index: number, target: Uint8Array): Promise<void> {
    const place = placeOf(index);
    for (let at = 0; at < target.byteLength; ) {
      const { bytesRead } = await this.file.read(target, at, target.byteLength - at, place + at);
      if (bytesRead === 0) throw new TypeError('A file for chunks is shorter than announced.');
      at += bytesRead;
    }
  }

  async close(): Promise<void> {
    await this.file.close().catch(() => {});
  }
}
