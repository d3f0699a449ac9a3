/** Numbers on their way to a file, in pieces. Files are open only while a piece is written: there may be thousands. */
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';

/** Node reads at most 2 GiB at once. */
const READ_BYTES_MAX = 1 << 30;

export class Spill {
  readonly #path: string;
  readonly #buffer: Uint32Array;
  #used = 0;
  #written = 0;

  /** @param bufferWords How many numbers wait in memory. */
  constructor(path: string, bufferWords: number) {
    this.#path = path;
    this.#buffer = new Uint32Array(bufferWords);
    rmSync(path, { force: true });
  }

  push(value: number): void {
    if (this.#used === this.#buffer.length) this.#flush();
    this.#buffer[this.#used++] = value;
  }

  /** Everything pushed; the file is gone afterwards. */
  take(): Uint32Array {
    this.#flush();
    const words = new Uint32Array(this.#written);
    const bytes = new Uint8Array(words.buffer);
    const file = openSync(this.#path, 'r');
    try {
      for (let at = 0; at < bytes.length; ) {
        const read = readSync(file, bytes, at, Math.min(bytes.length - at, READ_BYTES_MAX), at);
        if (read === 0) throw new Error(`${this.#path} ended after ${at} of ${bytes.length} bytes`);
        at += read;
      }
    } finally {
      closeSync(file);
    }
    this.discard();
    return words;
  }

  /** Removes the file, if it is still there. */
  discard(): void {
    rmSync(this.#path, { force: true });
  }

  #flush(): void {
    const bytes = new Uint8Array(this.#buffer.buffer, 0, this.#used * 4);
    const file = openSync(this.#path, 'a');
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    } finally {
      closeSync(file);
    }
    this.#written += this.#used;
    this.#used = 0;
  }
}
