/** Objects on disk, for when memory is short: one file each, in a private folder of this process. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EncodedValue } from '@anant/core/codec';

const PREFIX = 'anant-spill-';

/** Where a spilled object lies, and how long its parts are. */
export interface SpilledObject {
  readonly file: string;
  readonly bodyBytes: number;
  readonly bufferBytes: readonly number[];
}

export class SpillFolder {
  readonly #parent: string;
  #folder: string | undefined;
  #count = 0;

  /** @param parent @default the system's folder for temporary files */
  constructor(parent = tmpdir()) {
    this.#parent = parent;
  }

  /** @throws Error when the disk does not take it; nothing is left then */
  write({ body, buffers }: EncodedValue): SpilledObject {
    this.#count += 1;
    const file = join(this.#path(), String(this.#count));
    try {
      writeFileSync(file, body, { mode: 0o600 });
      for (const buffer of buffers) writeFileSync(file, buffer, { flag: 'a' });
    } catch (error) {
      rmSync(file, { force: true });
      throw error;
    }
    return { file, bodyBytes: body.byteLength, bufferBytes: buffers.map(({ byteLength }) => byteLength) };
  }

  /** @throws Error when the file is gone or cut short */
  read({ file, bodyBytes, bufferBytes }: SpilledObject): EncodedValue {
    const content = readFileSync(file);
    const expected = bufferBytes.reduce((sum, bytes) => sum + bytes, bodyBytes);
    if (content.byteLength !== expected)
      throw new Error(`${file} has ${content.byteLength} of ${expected} bytes.`);
    let offset = bodyBytes;
    const buffers = bufferBytes.map((bytes) => {
      offset += bytes;
      return content.subarray(offset - bytes, offset);
    });
    return { body: content.subarray(0, bodyBytes), buffers };
  }

  remove({ file }: SpilledObject): void {
    rmSync(file, { force: true });
  }

  clear(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }

  #path(): string {
    if (this.#folder !== undefined) return this.#folder;
    removeDead(this.#parent);
    this.#folder = mkdtempSync(join(this.#parent, `${PREFIX}${process.pid}-`));
    return this.#folder;
  }
}

/** What a process that was killed left behind. */
function removeDead(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = Number(name.match(/^anant-spill-(\d+)-/)?.[1]);
    if (!(pid > 0) || isAlive(pid)) continue;
    rmSync(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
