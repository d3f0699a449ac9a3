/** Numbers on their way to a file, in pieces. */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';

const BUFFER_WORDS = 65_536;

export class Spill {
  readonly #path: string;
  readonly #file: number;
  readonly #buffer = new Uint32Array(BUFFER_WORDS);
  #used = 0;

  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'w');
  }

  push(value: number): void {
    if (this.#used === BUFFER_WORDS) this.#flush();
    this.#buffer[this.#used++] = value;
  }

  /** Everything pushed; the file is gone afterwards. */
  take(): Uint32Array {
    this.#flush();
    closeSync(this.#file);
    const bytes = readFileSync(this.#path);
    rmSync(this.#path);
    return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  }

  #flush(): void {
    const bytes = new Uint8Array(this.#buffer.buffer, 0, this.#used * 4);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    this.#used = 0;
  }
}
