/**
 * A private folder in memory. A socket in it says that its owner lives: what a killed process left behind is removed by
 * the next one that makes such a folder.
 */
import { accessSync, constants, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY_FOLDER = '/dev/shm';
const PREFIX = 'anant-embedded-';
const ALIVE = 'alive';
/** A folder without a socket may be one that is just being made. */
const YOUNG_MS = 60_000;
/** Folders looked at; more are left to the next one. */
const LOOKED_AT_MAX = 100;

export class SharedFolder {
  readonly path: string;
  readonly #server: Server;

  constructor() {
    const base = hasMemoryFolder() ? MEMORY_FOLDER : tmpdir();
    // `mkdtemp` gives it the mode 0700.
    this.path = mkdtempSync(join(base, PREFIX));
    this.#server = createServer((socket) => socket.destroy());
    this.#server.on('error', () => {});
    this.#server.listen(join(this.path, ALIVE)).unref();
    for (const folder of others(base, this.path)) removeIfDead(folder);
  }

  remove(): void {
    this.#server.close();
    rmSync(this.path, { recursive: true, force: true });
  }
}

function others(base: string, own: string): string[] {
  const names = readdirSync(base).filter((name) => name.startsWith(PREFIX));
  return names
    .map((name) => join(base, name))
    .filter((path) => path !== own)
    .slice(0, LOOKED_AT_MAX);
}

function removeIfDead(folder: string): void {
  const socket = connect(join(folder, ALIVE)).unref();
  socket.once('connect', () => socket.destroy());
  socket.once('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'ECONNREFUSED' && !(code === 'ENOENT' && isOld(folder))) return;
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Another user's, or another process was faster.
    }
  });
}

function isOld(folder: string): boolean {
  try {
    return Date.now() - statSync(folder).mtimeMs > YOUNG_MS;
  } catch {
    return false;
  }
}

function hasMemoryFolder(): boolean {
  try {
    accessSync(MEMORY_FOLDER, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
