/** A small disk of its own for one process: a tmpfs in a mount namespace that ends with this test. Only root may make one. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Holds the namespace until its standard input ends, at the latest with the process that made it. */
const HOLD = 'mount -t tmpfs -o size="$1" none "$0" && echo mounted && exec cat';

export const canMakeDisks = (): boolean =>
  process.platform === 'linux' &&
  spawnSync('unshare', ['--mount', 'sh', '-c', 'mount -t tmpfs -o size=1m none "$0"', tmpdir()]).status ===
    0 &&
  spawnSync('nsenter', ['--version']).status === 0;

export class SmallDisk {
  readonly folder: string;
  readonly #holder: ChildProcess;

  private constructor(folder: string, holder: ChildProcess) {
    this.folder = folder;
    this.#holder = holder;
  }

  static async make(bytes: number): Promise<SmallDisk> {
    const folder = mkdtempSync(join(tmpdir(), 'anant-small-disk-'));
    const holder = spawn('unshare', ['--mount', 'sh', '-c', HOLD, folder, `${bytes}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(holder.stdout!, 'data');
    return new SmallDisk(folder, holder);
  }

  /** What to run a program with, so that it sees the disk; it keeps its process id. */
  get command(): readonly string[] {
    return ['nsenter', `--mount=/proc/${this.#holder.pid}/ns/mnt`];
  }

  /** Takes all room that is left. */
  fill(): void {
    const file = openSync(this.#filler, 'w');
    // Large pieces first, then what is left of the last one.
    for (const bytes of [65_536, 512]) {
      try {
        for (;;) writeSync(file, Buffer.alloc(bytes, 1));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
    closeSync(file);
  }

  free(): void {
    rmSync(this.#filler, { force: true });
  }

  async close(): Promise<void> {
    const ended = once(this.#holder, 'exit');
    this.#holder.stdin?.end();
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #filler(): string {
    return `/proc/${this.#holder.pid}/root${this.folder}/filler`;
  }
}
