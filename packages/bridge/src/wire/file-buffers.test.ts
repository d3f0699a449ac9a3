import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeMessage } from '@anant/core/codec';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileBuffers } from './file-buffers.js';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'anant-test-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

describe('file buffers', () => {
  it('carry bytes and leave no file', async () => {
    const files = new FileBuffers(await folder(), 'client');
    const buffer = new Uint8Array(40_000_000).map((_, at) => at);
    const frame = (await files.store(buffer)) as Uint8Array;
    expect((await stat(files.directory)).mode & 0o077).toBe(0);
    expect(Buffer.compare(await files.load(frame), buffer)).toBe(0);
    await expect.poll(() => readdir(files.directory)).toEqual([]);
  });

  it('say that there is no room instead of failing', async () => {
    const files = new FileBuffers(join(tmpdir(), 'anant-test-that-does-not-exist'), 'client');
    expect(await files.store(new Uint8Array(10))).toBeUndefined();
  });

  it.each([
    { path: '../secret', offset: 0, bytes: 1 },
    { path: '/etc/passwd', offset: 0, bytes: 1 },
    { path: 'a', offset: -1, bytes: 1 },
    { path: 'a', offset: 0, bytes: 1.5 },
    null,
  ])('refuse a malformed frame: %j', async (frame) => {
    const files = new FileBuffers(await folder(), 'client');
    await expect(files.load(encodeMessage(frame))).rejects.toThrow(TypeError);
  });

  it('refuse a file that is shorter than announced', async () => {
    const files = new FileBuffers(await folder(), 'client');
    await files.store(new Uint8Array(10));
    await expect(files.load(encodeMessage({ path: 'client-1', offset: 0, bytes: 11 }))).rejects.toThrow(
      /shorter/,
    );
  });
});
