import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { FILE_BYTES_MIN, PythonSpool } from './python-spool.js';

const spools: PythonSpool[] = [];
const makeSpool = (): PythonSpool => {
  const spool = new PythonSpool();
  spools.push(spool);
  return spool;
};
afterEach(() => {
  for (const spool of spools.splice(0)) spool.remove();
});
const filesOf = (spool: PythonSpool): string[] =>
  readdirSync(spool.directory).filter((name) => name !== 'alive');

test('only its user may enter, and it goes as a whole', () => {
  const spool = makeSpool();
  expect(statSync(spool.directory).mode & 0o777).toBe(0o700);
  spool.remove();
  expect(existsSync(spool.directory)).toBe(false);
});

test('large buffers become files and come back, small ones stay', async () => {
  const spool = makeSpool();
  const large = new Uint8Array(FILE_BYTES_MIN).fill(7);
  const value = { body: Uint8Array.of(1), buffers: [Uint8Array.of(2), large] };
  const payload = await spool.store(value, 'c1-');
  expect(payload.parts).toEqual([Uint8Array.of(2), { path: 'c1-input-1', offset: 0, bytes: large.length }]);
  expect(await spool.load(payload)).toEqual(value);
  expect(filesOf(spool)).toEqual([]);
  const small = { body: Uint8Array.of(1), buffers: [Uint8Array.of(2)] };
  expect(spool.store(small, 'c2-')).toEqual({ body: small.body, parts: small.buffers });
});

test('what a lost call left is discarded, and only that', async () => {
  const spool = makeSpool();
  const value = { body: new Uint8Array(0), buffers: [new Uint8Array(FILE_BYTES_MIN)] };
  await spool.store(value, 'c1-');
  await spool.store(value, 'c12-');
  spool.discard('c1-');
  expect(filesOf(spool)).toEqual(['c12-input-0']);
});

test('folders of killed processes are removed, those of living ones are not', async () => {
  const living = makeSpool();
  const base = dirname(living.directory);
  const dead = mkdtempSync(join(base, 'anant-embedded-'));
  const program = `require('net').createServer().listen(${JSON.stringify(join(dead, 'alive'))}, () => process.kill(process.pid, 'SIGKILL'))`;
  expect(() => execFileSync(process.execPath, ['-e', program], { stdio: 'ignore' })).toThrow();
  const young = mkdtempSync(join(base, 'anant-embedded-'));
  mkdirSync(join(young, 'something'));
  makeSpool();
  const endMs = performance.now() + 60_000;
  while (existsSync(dead) && performance.now() < endMs) await new Promise((resolve) => setImmediate(resolve));
  expect(existsSync(dead)).toBe(false);
  expect(existsSync(living.directory)).toBe(true);
  expect(existsSync(young)).toBe(true);
  execFileSync('rm', ['-r', young]);
});
