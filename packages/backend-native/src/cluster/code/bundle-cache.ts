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

/** Bytes of all bundles of a folder; beyond it those unused longest go, but for the ones this process uses. */
export const CACHE_BYTES_MAX = 512 * 1024 * 1024;
const ENTRY_FILE = '.entry';

export class BundleCache {
  readonly #folder: string;
  readonly #bytesMax: number;
  /** Those that were checked by this process. */
  readonly #used = new Set<string>();

  constructor(folder: string, bytesMax = CACHE_BYTES_MAX) {
    this.#folder = folder;
    this.#bytesMax = bytesMax;
  }

  /** The entry of a bundle that is here and whose contents are its digest's; what is damaged is removed. */
  find(digest: string): string | undefined {
    const folder = join(this.#folder, digest);
    if (this.#used.has(digest) && existsSync(folder)) return this.#entryOf(digest);
    if (!existsSync(join(folder, ENTRY_FILE))) return undefined;
    if (digestOf(readBundle(folder)) !== digest) {
      rmSync(folder, { recursive: true, force: true });
      return undefined;
    }
    return this.#use(digest);
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
    const path = this.#use(digest);
    this.#shrink();
    return path;
  }

  #use(digest: string): string {
    this.#used.add(digest);
    const now = new Date();
    utimesSync(join(this.#folder, digest), now, now);
    return this.#entryOf(digest);
  }

  #entryOf(digest: string): string {
    const folder = join(this.#folder, digest);
    return join(folder, ...readFileSync(join(folder, ENTRY_FILE), 'utf8').split('/'));
  }

  #shrink(): void {
    const bundles = readdirSync(this.#folder)
      .filter((name) => /^[0-9a-f]{64}$/.test(name))
      .map((name) => ({
        name,
        usedMs: statSync(join(this.#folder, name)).mtimeMs,
        bytes: this.#bytesOf(name),
      }))
      .sort((left, right) => left.usedMs - right.usedMs);
    let bytes = bundles.reduce((sum, bundle) => sum + bundle.bytes, 0);
    for (const bundle of bundles) {
      if (bytes <= this.#bytesMax) return;
      if (this.#used.has(bundle.name)) continue;
      rmSync(join(this.#folder, bundle.name), { recursive: true, force: true });
      bytes -= bundle.bytes;
    }
  }

  #bytesOf(name: string): number {
    return filesBelow(join(this.#folder, name)).reduce((sum, file) => sum + statSync(file).size, 0);
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
