/** Code bundles on this node's disk, one folder each, named by their digest. Workers of one folder share them. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { type CodeBundle, digestOf } from './code-bundle.js';

/** Bytes of all bundles of a folder; beyond it those unused longest go, but for those used within `KEEP_MS`. */
export const CACHE_BYTES_MAX = 512 * 1024 * 1024;
/** A bundle that any worker used this lately stays: its tasks may not have imported it yet. */
export const KEEP_MS = 600_000;
/** How often a bundle in use is marked as used, for the other workers of the folder. */
const MARK_MS = 30_000;
const ENTRY_FILE = '.entry';

export interface BundleCacheOptions {
  /** @default CACHE_BYTES_MAX */
  readonly bytesMax?: number;
  /** Wall clock, in milliseconds, as files are dated by it. @default Date.now */
  readonly nowMs?: () => number;
}

export class BundleCache {
  readonly #folder: string;
  readonly #bytesMax: number;
  readonly #nowMs: () => number;
  /** Those that were checked by this process, and when it marked them last. */
  readonly #markedMs = new Map<string, number>();

  constructor(folder: string, { bytesMax = CACHE_BYTES_MAX, nowMs = Date.now }: BundleCacheOptions = {}) {
    this.#folder = folder;
    this.#bytesMax = bytesMax;
    this.#nowMs = nowMs;
  }

  /** Marks a bundle that was found as in use. @returns `false` when another worker removed it meanwhile */
  isKept(digest: string): boolean {
    const markedMs = this.#markedMs.get(digest);
    if (markedMs === undefined) return false;
    return this.#nowMs() - markedMs < MARK_MS || this.#mark(digest);
  }

  /** The entry of a bundle that is here and whose contents are its digest's; what is damaged is removed. */
  find(digest: string): string | undefined {
    const folder = join(this.#folder, digest);
    if (this.#markedMs.has(digest) && this.#mark(digest)) return this.#entryOf(digest);
    if (!existsSync(join(folder, ENTRY_FILE))) return undefined;
    if (digestOf(readBundle(folder)) !== digest) {
      rmSync(folder, { recursive: true, force: true });
      return undefined;
    }
    return this.#mark(digest) ? this.#entryOf(digest) : undefined;
  }

  /** Writes a bundle that was checked. @returns the path of its entry */
  keep(digest: string, { entry, files }: CodeBundle): string {
    const partial = join(this.#folder, `.${digest}-${process.pid}`);
    rmSync(partial, { recursive: true, force: true });
    for (const [path, content] of Object.entries(files)) {
      const file = join(partial, ...path.split('/'));
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, content, { mode: 0o600 });
    }
    writeFileSync(join(partial, ENTRY_FILE), entry);
    linkCore(this.#folder);
    try {
      renameSync(partial, join(this.#folder, digest));
    } catch {
      // Another worker of this node was faster.
      rmSync(partial, { recursive: true, force: true });
    }
    this.#mark(digest);
    this.#shrink();
    return this.#entryOf(digest);
  }

  #mark(digest: string): boolean {
    const nowMs = this.#nowMs();
    try {
      utimesSync(join(this.#folder, digest), nowMs / 1000, nowMs / 1000);
    } catch {
      this.#markedMs.delete(digest);
      return false;
    }
    this.#markedMs.set(digest, nowMs);
    return true;
  }

  #entryOf(digest: string): string {
    const folder = join(this.#folder, digest);
    return join(folder, ...readFileSync(join(folder, ENTRY_FILE), 'utf8').split('/'));
  }

  #shrink(): void {
    const bundles = readdirSync(this.#folder)
      .filter((name) => /^[0-9a-f]{64}$/.test(name))
      .flatMap((name) => this.#sizeOf(name) ?? [])
      .sort((left, right) => left.usedMs - right.usedMs);
    let bytes = bundles.reduce((sum, bundle) => sum + bundle.bytes, 0);
    const keptFromMs = this.#nowMs() - KEEP_MS;
    for (const bundle of bundles) {
      if (bytes <= this.#bytesMax || bundle.usedMs > keptFromMs) return;
      this.#remove(bundle.name);
      bytes -= bundle.bytes;
    }
  }

  #sizeOf(name: string): { name: string; usedMs: number; bytes: number } | undefined {
    const folder = join(this.#folder, name);
    try {
      const bytes = filesBelow(folder).reduce((sum, file) => sum + statSync(file).size, 0);
      return { name, usedMs: statSync(folder).mtimeMs, bytes };
    } catch {
      // Another worker of this node removed it.
      return undefined;
    }
  }

  /** By another name first: nobody finds half of it. */
  #remove(name: string): void {
    const gone = join(this.#folder, `.${name}-gone-${process.pid}`);
    try {
      renameSync(join(this.#folder, name), gone);
    } catch {
      // Another worker of this node was faster.
    }
    rmSync(gone, { recursive: true, force: true });
    this.#markedMs.delete(name);
  }
}

function readBundle(folder: string): CodeBundle {
  const files: Record<string, Uint8Array> = {};
  for (const file of filesBelow(folder)) {
    const path = relative(folder, file).split(sep).join('/');
    if (path !== ENTRY_FILE) files[path] = readFileSync(file);
  }
  return { entry: readFileSync(join(folder, ENTRY_FILE), 'utf8'), files };
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** Task modules import @anant/core: where no package of the worker's folder gives it, this worker's own does. */
function linkCore(folder: string): void {
  const place = join(folder, 'node_modules', '@anant');
  if (existsSync(join(place, 'core'))) return;
  mkdirSync(place, { recursive: true });
  const main = createRequire(import.meta.url).resolve('@anant/core');
  try {
    symlinkSync(dirname(dirname(main)), join(place, 'core'), 'dir');
  } catch {
    // Another worker of this node made it.
  }
}
