import { describe, expect, it, onTestFinished } from 'vitest';
import { Gpu } from './gpu.js';
import { locateGpu } from './locate-gpu.js';
import { probeGpu } from './probe-gpu.js';

const isHere = locateGpu() !== undefined;
// `npm test` installs it; without a network there is nothing to try.
const withGpu = describe.skipIf(!isHere);

function open(): Gpu {
  const gpu = new Gpu();
  onTestFinished(() => gpu.close());
  return gpu;
}

describe('gpu.js, where it is not', () => {
  it('is asked for by name, with the command that installs it', async () => {
    const probe = probeGpu({ directory: '/' });
    if (locateGpu('/') !== undefined) return;
    await expect(probe).rejects.toMatchObject({ code: 'E_GPU_UNAVAILABLE', advice: /anant setup gpu/ });
  });
});

withGpu('gpu.js', () => {
  it('says which device it would use, and why it is not WebGPU', async () => {
    const { device, version, adapter, reason } = await probeGpu();
    expect(version).toMatch(/^2\./);
    if (device === 'webgpu') expect(adapter).toBeDefined();
    else expect(reason).toMatch(/\S/);
  });

  it('gives up on a probe that does not answer', async () => {
    const { device, reason } = await probeGpu({ timeoutMs: 1 });
    expect([device, reason]).toEqual(['webasm', 'WebGPU did not answer within 1 ms.']);
  });

  it('computes every cell, and tells each user what it ran on, once', async () => {
    const gpu = open();
    const told: string[] = [];
    const scale = gpu
      .forUser((device) => told.push(device))
      .createKernel('function (a, by) { return a[this.thread.x] * by; }', { output: [5000] });
    expect(scale.device).toBeUndefined();
    const values = Float32Array.from({ length: 5000 }, (_, at) => at);
    const first = (await scale(values, 2)) as Float32Array;
    await scale(values, 3);
    expect(first).toEqual(values.map((value) => value * 2));
    expect(told).toEqual([scale.device]);
    expect(scale.device).toBe((await gpu.report()).device);
  });

  it('indexes a flat matrix by row and column, as it does rows', async () => {
    const transpose = open().createKernel('function (a) { return a[this.thread.x][this.thread.y]; }', {
      output: [2, 3],
    });
    const values = new Float32Array([1, 2, 3, 4, 5, 6]);
    const expected = [new Float32Array([1, 4]), new Float32Array([2, 5]), new Float32Array([3, 6])];
    expect(await transpose({ values, shape: [3, 2] })).toEqual(expected);
  });

  it('turns a loop as often as the arguments say', async () => {
    const sum = open().createKernel(
      'function (a, end) { let sum = 0; for (let i = 0; i < end; i++) sum += a[i]; return sum; }',
      { output: [1] },
    );
    expect(await sum(new Float32Array(5000).fill(1), 5000)).toEqual(new Float32Array([5000]));
  });

  it('refuses an output of no size', () => {
    expect(() => open().createKernel('function () { return 1; }', { output: [] })).toThrow(TypeError);
    expect(() => open().createKernel('function () { return 1; }', { output: [0] })).toThrow('[0]');
  });

  it('ends a call at its deadline', async () => {
    const gpu = new Gpu({ kernelMsMax: 1 });
    onTestFinished(() => gpu.close());
    const slow = gpu.createKernel(
      'function () { let sum = 0; for (let i = 0; i < 20000; i++) sum += Math.sin(i + this.thread.x); return sum; }',
      { output: [8192] },
    );
    await expect(slow()).rejects.toMatchObject({ code: 'E_TIMEOUT' });
  });
});
