import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { connect, defineTask } from '@anant/core';
import { FixtureSet } from '@anant/core/conformance';
import { locateGpu } from '@anant/core/gpu';
import { describe, expect, it, onTestFinished } from 'vitest';
import { native } from '../../index.js';
import { NativeBackend } from '../native-backend.js';
import type { NativeOptions } from '../options.js';

const { locations } = new FixtureSet();
const multiply = defineTask({
  module: locations.typescript,
  export: 'multiplyOnGpu',
  mode: 'gpu',
  run: (_input: { readonly size: number }): { device: string } => ({ device: 'never run here' }),
});
const add = defineTask({
  module: locations.typescript,
  export: 'add',
  run: ({ a, b }: { readonly a: number; readonly b: number }) => a + b,
});

function open(options: NativeOptions = {}) {
  const client = connect({ backends: { native: () => native({ slots: 1, ...options }) } });
  onTestFinished(() => client.close());
  return client;
}

// `npm test` installs gpu.js; without a registry there is nothing to try.
describe.skipIf(locateGpu() === undefined)('mode gpu', () => {
  it('says on the outcome what the kernels ran on, and warns when that was the processor', async () => {
    const client = open();
    const outcome = await client.submit(multiply, { size: 4 }).outcome();
    if (outcome.status !== 'ok') throw outcome.error;
    expect(outcome.device).toBe(outcome.value.device);
    const isGpu = outcome.device === 'webgpu' || outcome.device === 'webgl';
    const expected = isGpu ? [] : [['fallback', 'mode']];
    expect(outcome.warnings.map(({ type, subject }) => [type, subject])).toEqual(expected);
  });

  it('gives no kernels to a task in another mode', async () => {
    const outcome = await open().submit(multiply, { size: 4 }, { mode: 'process' }).outcome();
    expect(outcome).toMatchObject({ status: 'app-error', error: { message: /does not run in mode "gpu"/ } });
  });
});

describe('GPUs as a resource', () => {
  it('are refused at submission where there are none', async () => {
    const client = open({ resources: { gpu: 0 } });
    const outcome = await client.submit(add, { a: 1, b: 2 }, { resources: { gpu: 1 } }).outcome();
    expect(outcome).toMatchObject({ status: 'app-error', error: { code: 'E_CAPABILITY_MISSING' } });
    expect(String((outcome as { error: Error }).error.message)).toMatch(/gpu/);
  });

  it('are held by one task at a time where there is one', async () => {
    const client = open({ slots: 2, resources: { gpu: 1 } });
    const tasks = [1, 2, 3].map((b) => client.run(add, { a: 0, b }, { resources: { gpu: 1 } }));
    expect(await Promise.all(tasks)).toEqual([1, 2, 3]);
  });
});

it('without gpu.js the manifest says so, and a task in mode gpu finds no backend', async () => {
  const folder = mkdtempSync(`${tmpdir()}/anant-no-gpu-`);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { manifest } = new NativeBackend({}, 'native', folder);
  if (locateGpu(folder) !== undefined) return;
  expect(manifest.features['task.gpu']).toMatchObject({ level: 'absent', reason: /anant setup gpu/ });
  const client = connect({ backends: { native: () => new NativeBackend({}, 'native', folder) } });
  onTestFinished(() => client.close());
  await expect(client.run(multiply, { size: 2 })).rejects.toThrow(/task\.gpu/);
});
