/** Large arrays go to Python and back as files of a private folder in memory, not through a pipe. */
import { readdirSync, rmSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EncodedValue } from '@anant/core/codec';
import type { PythonPart, PythonPayload } from './python-call.js';
import { SharedFolder } from './shared-folder.js';

/** Buffers of this size and larger become files. */
export const FILE_BYTES_MIN = 1_048_576;

export class PythonSpool {
  readonly #folder = new SharedFolder();

  get directory(): string {
    return this.#folder.path;
  }

  /** The value as it travels; names of its files begin with `prefix`. */
  store(value: EncodedValue, prefix: string): PythonPayload | Promise<PythonPayload> {
    const { body, buffers } = value;
    if (buffers.every(({ byteLength }) => byteLength < FILE_BYTES_MIN)) return { body, parts: buffers };
    return this.#storeFiles(value, prefix);
  }

  /** The value behind a payload; its files are deleted. */
  load({ body, parts }: PythonPayload): EncodedValue | Promise<EncodedValue> {
    if (parts.every((part) => part instanceof Uint8Array))
      return { body, buffers: [...parts] as Uint8Array[] };
    return this.#loadFiles(body, parts);
  }

  /** Deletes what a call that did not end well may have left. */
  discard(prefix: string): void {
    for (const name of readdirSync(this.directory)) {
      if (name.startsWith(prefix)) rmSync(join(this.directory, name), { force: true });
    }
  }

  remove(): void {
    this.#folder.remove();
  }

  async #storeFiles({ body, buffers }: EncodedValue, prefix: string): Promise<PythonPayload> {
    const parts = await Promise.all(
      buffers.map(async (buffer, index): Promise<PythonPart> => {
        const bytes = buffer.byteLength;
        if (bytes < FILE_BYTES_MIN) return buffer;
        const path = `${prefix}input-${index}`;
        await writeFile(join(this.directory, path), buffer, { mode: 0o600 });
        return { path, offset: 0, bytes };
      }),
    );
    return { body, parts };
  }

  async #loadFiles(body: Uint8Array, parts: readonly PythonPart[]): Promise<EncodedValue> {
    const buffers = await Promise.all(
      parts.map(async (part) => {
        if (part instanceof Uint8Array) return part;
        const path = join(this.directory, part.path);
        const contents = await readFile(path);
        await rm(path, { force: true });
        return new Uint8Array(contents.buffer, contents.byteOffset + part.offset, part.bytes);
      }),
    );
    return { body, buffers };
  }
}
