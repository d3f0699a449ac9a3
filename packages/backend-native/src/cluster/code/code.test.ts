/** Code that travels: what is gathered, how it is named, what is refused, and what stays on disk. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { hashFile, type KernelReference, moduleVersion, type TypeScriptReference } from '@anant/core';
import { encodeValue } from '@anant/core/codec';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BundleCache, KEEP_MS } from './bundle-cache.js';
import { CodeBook } from './code-book.js';
import { checkBundle, digestOf } from './code-bundle.js';
import { CodeDesk } from './code-desk.js';
import { importClosure } from './import-closure.js';

function folder(files: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'anant-code-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

const PROJECT = {
  'package.json': '{ "type": "module", "name": "secret-name" }',
  'src/task.ts': `import { defineTask } from '@anant/core';
import { twice } from '../lib/twice.js';
import type { Shape } from './shape';
export * from "./more/index.js";
const lazy = () => import('./lazy.mjs');
const data = new URL('./data.json', import.meta.url);
// import { gone } from './never-written.js';
export const run = twice;`,
  'src/shape.ts': 'export interface Shape {}',
  'src/more/index.ts': 'export const more = 1;',
  'src/lazy.mjs': "import './task.ts'; export default 2;",
  'src/data.json': '[1]',
  'src/other.ts': 'nobody imports this',
  'lib/twice.ts': 'export const twice = (value: number) => 2 * value;',
};

const urlOf = (root: string, path = 'src/task.ts') => pathToFileURL(join(root, path)).href;

function reference(module: string): TypeScriptReference {
  return { kind: 'typescript', name: 'task', module, export: 'run', version: moduleVersion(module) };
}

describe('what a module needs', () => {
  it('is what it imports by relative path, and the kind of package it is in', () => {
    const { entry, files } = importClosure(urlOf(folder(PROJECT)));
    expect(entry).toBe('src/task.ts');
    expect(Object.keys(files).toSorted()).toEqual([
      'lib/twice.ts',
      'package.json',
      ...['src/data.json', 'src/lazy.mjs', 'src/more/index.ts', 'src/shape.ts', 'src/task.ts'],
    ]);
    expect(Buffer.from(files['package.json']!).toString()).toBe('{"type":"module"}');
  });

  it('has one name for the same contents, wherever they lie, and another for others', () => {
    const digest = (files: Record<string, string>) => digestOf(importClosure(urlOf(folder(files))));
    expect(digest(PROJECT)).toBe(digest(PROJECT));
    expect(digest({ ...PROJECT, 'lib/twice.ts': 'export const twice = () => 3;' })).not.toBe(digest(PROJECT));
    expect(digest({ ...PROJECT, 'src/other.ts': 'changed' })).toBe(digest(PROJECT));
  });

  it.each(['../out.js', '/etc/x', 'a/../../x', '', 'a\\b', 'a//b'])(
    'is refused with a path like "%s"',
    (path) => {
      const files = { 'entry.js': new Uint8Array(1), [path]: new Uint8Array(1) };
      expect(() => checkBundle({ entry: 'entry.js', files })).toThrow(TypeError);
    },
  );
});

/** A driver and a worker with nothing between them. */
function pair(root: string, cacheFolder = folder()) {
  const book = new CodeBook();
  const module = urlOf(root);
  const wanted = reference(module);
  book.offer(wanted);
  const asked: string[] = [];
  const fetch = async (id: string) => {
    asked.push(id.split(':')[0]!);
    const value = book.encoded(id);
    if (value === undefined) throw new Error('does not have it');
    return value;
  };
  const desk = new CodeDesk(new BundleCache(cacheFolder));
  return { book, wanted, asked, fetch, desk, cacheFolder };
}

describe('code on its way to a worker', () => {
  it('is not asked for where the same file is, unless that is wanted', () => {
    const { wanted, desk } = pair(folder(PROJECT));
    expect(desk.ready(wanted, 'auto')).toBe(wanted);
    expect(desk.ready({ ...wanted, version: '0'.repeat(16) }, 'reference')).toMatchObject({
      version: '0'.repeat(16),
    });
    expect(pair(folder(PROJECT)).desk.ready(wanted, 'bundle')).toBeUndefined();
  });

  it('is shipped once, runs from the cache afterwards, also for the next worker of the node', async () => {
    const { wanted, asked, fetch, desk, cacheFolder } = pair(folder(PROJECT));
    expect(desk.ready(wanted, 'bundle')).toBeUndefined();
    const [first, second] = await Promise.all([
      desk.bring(wanted, 'bundle', fetch),
      desk.bring(wanted, 'bundle', fetch),
    ]);
    expect(first).toEqual(second);
    expect(desk.ready(wanted, 'bundle')).toBe(first);
    expect([asked, desk.shipped]).toEqual([['code', 'bundle'], 1]);
    const { module } = first as TypeScriptReference;
    expect(module.startsWith(pathToFileURL(cacheFolder).href)).toBe(true);
    expect(moduleVersion(module)).toBe(wanted.version);
    expect(desk.bundles).toMatchObject([{ name: `task@${wanted.version}` }]);

    const next = new CodeDesk(new BundleCache(cacheFolder));
    await next.bring(wanted, 'bundle', fetch);
    expect([asked, next.shipped]).toEqual([['code', 'bundle', 'code'], 0]);
  });

  it('is refused when what comes is not what was offered, and fetched anew when the disk changed it', async () => {
    const { wanted, fetch, desk, cacheFolder } = pair(folder(PROJECT));
    const forged = async (id: string) => {
      if (!id.startsWith('bundle:')) return await fetch(id);
      return encodeValue({ entry: 'x.js', files: { 'x.js': new Uint8Array([1]) } }, 'bundle');
    };
    await expect(desk.bring(wanted, 'bundle', forged)).rejects.toMatchObject({ code: 'E_TASK_VERSION' });
    const { module } = (await desk.bring(wanted, 'bundle', fetch)) as TypeScriptReference;
    writeFileSync(fileURLToPath(module), 'damaged');
    const next = new CodeDesk(new BundleCache(cacheFolder));
    const again = (await next.bring(wanted, 'bundle', fetch)) as TypeScriptReference;
    expect([moduleVersion(again.module), next.shipped]).toEqual([wanted.version, 1]);
  });

  it('is refused when the module has changed since it was submitted, or was never submitted', async () => {
    const root = folder(PROJECT);
    const { wanted, fetch, desk } = pair(root);
    writeFileSync(join(root, 'src/task.ts'), 'export const run = 1;');
    await expect(desk.bring(wanted, 'bundle', fetch)).rejects.toMatchObject({ code: 'E_TASK_VERSION' });
    const other = { ...wanted, module: urlOf(root, 'package.json') };
    await expect(desk.bring(other, 'auto', fetch)).rejects.toMatchObject({
      code: 'E_TASK_NOT_FOUND',
      message: /is not on this worker, and its driver did not send it/,
    });
  });
});

/** A driver that offers a kernel. */
function kernel() {
  const root = folder({ 'kernels/k.wasm': 'bytes', 'kernels/other.wasm': 'other' });
  const module = pathToFileURL(join(root, 'kernels/k.wasm')).href;
  const wanted: KernelReference = {
    ...{ kind: 'kernel', name: 'k', module, export: 'k', version: hashFile(module) },
    signature: { parameters: [] },
  };
  const book = new CodeBook();
  book.offer(wanted);
  return { wanted, book };
}

it('a kernel travels alone, under the digest of its bytes', async () => {
  const { wanted, book } = kernel();
  const desk = new CodeDesk(new BundleCache(folder()));
  expect(desk.ready(wanted, 'auto')).toBe(wanted);
  // What one driver wants as a reference, another may want as a bundle.
  expect(desk.ready(wanted, 'bundle')).toBeUndefined();
  const found = (await desk.bring(wanted, 'bundle', async (id) => book.encoded(id)!)) as KernelReference;
  expect(hashFile(found.module)).toBe(wanted.version);
  expect(found.module.endsWith('/k.wasm')).toBe(true);
});

describe('a folder of bundles that is full', () => {
  const bundle = (text: string) => ({ entry: 'a.js', files: { 'a.js': Buffer.from(text.repeat(100)) } });
  const kept = (place: string) => readdirSync(place).filter((name) => name.length === 64);
  const keep = (cache: BundleCache, text: string) => {
    const digest = digestOf(bundle(text));
    cache.keep(digest, bundle(text));
    return digest;
  };

  it('loses what no worker used for longest, and stays within its bytes', () => {
    const place = folder();
    let nowMs = 1e12;
    // Two workers of one node.
    const [one, other] = [0, 1].map(() => new BundleCache(place, { bytesMax: 320, nowMs: () => nowMs }));
    const first = keep(one!, '1');
    const second = keep(other!, '2');
    nowMs += KEEP_MS;
    expect(one!.isKept(first)).toBe(true);
    nowMs += KEEP_MS / 2;
    const third = keep(other!, '3');
    const fourth = keep(other!, '4');
    expect(kept(place).toSorted()).toEqual([first, third, fourth].toSorted());
    expect([other!.isKept(second), other!.find(second)]).toEqual([false, undefined]);
    for (let more = 0; more < 20; more++) {
      nowMs += KEEP_MS + 1;
      keep(one!, `${more}+`.slice(0, 1));
      expect(kept(place).length).toBeLessThanOrEqual(3);
    }
  });

  it('keeps what was used lately, whoever used it', () => {
    const place = folder();
    let nowMs = 1e12;
    const [one, other] = [0, 1].map(() => new BundleCache(place, { bytesMax: 1, nowMs: () => nowMs }));
    const first = keep(one!, '1');
    nowMs += KEEP_MS - 1;
    const second = keep(other!, '2');
    expect(kept(place).toSorted()).toEqual([first, second].toSorted());
  });

  it('gives code that another worker removed once more', async () => {
    const { wanted, book } = kernel();
    let nowMs = 1e12;
    const place = folder();
    const cache = new BundleCache(place, { nowMs: () => nowMs });
    const desk = new CodeDesk(cache);
    const bring = () => desk.bring(wanted, 'bundle', async (id) => book.encoded(id)!);
    const found = await bring();
    expect(desk.ready(wanted, 'bundle')).toBe(found);
    nowMs += 3 * KEEP_MS;
    keep(new BundleCache(place, { bytesMax: 1, nowMs: () => nowMs }), '1');
    expect(desk.ready(wanted, 'bundle')).toBeUndefined();
    await bring();
    expect(desk.shipped).toBe(2);
    expect(desk.ready(wanted, 'bundle')).toEqual(found);
  });
});
