import { AnantError, type GpuContext } from '@anant/core';
import { Gpu, locateGpu } from '@anant/core/gpu';
import { seededRandom } from '@anant/core/testing';
import { describe, expect, test } from 'vitest';
import { kernelClient } from '../testing/kernel-client.js';
import { SparseMatrix } from './sparse-matrix.js';

const client = kernelClient();
const WIDTH = 5;

function example(seed: number): { readonly matrix: SparseMatrix; readonly x: Float64Array } {
  const random = seededRandom(seed);
  const rows = Array.from({ length: 300 }, (_, row) =>
    Array.from({ length: row % 40 }, () => Math.floor(random() * 50)),
  );
  const offsets = new Uint32Array(rows.length + 1);
  rows.forEach((row, at) => {
    offsets[at + 1] = offsets[at]! + row.length;
  });
  const indexes = Uint32Array.from(rows.flat());
  const values = Float64Array.from(indexes, () => random() * 4 - 2);
  return {
    matrix: new SparseMatrix({ columnCount: 50, offsets, indexes, values }),
    x: Float64Array.from({ length: 50 * WIDTH }, () => random() - 0.5),
  };
}

/** A context whose kernels give `rows` or fail. */
const contextOf = (rows: () => Float32Array[]): GpuContext => ({
  createKernel: () => Object.assign(async () => rows(), { device: 'webgpu' as const }),
  report: () => Promise.reject(new AnantError('E_GPU_UNAVAILABLE', 'there is none')),
});

describe.skipIf(locateGpu() === undefined)('with gpu.js (anant setup gpu)', () => {
  test('the product is the portable one up to rounding, and says what it ran on', async () => {
    await using gpu = new Gpu();
    for (const seed of [1, 2, 3]) {
      const { matrix, x } = example(seed);
      const expected = await matrix.timesDense(client, x, WIDTH);
      const found = await matrix.timesDenseOnGpu(client, gpu, x, WIDTH, { checkRows: 300 });
      expect(found.reason).toBeUndefined();
      expect(['webgpu', 'webgl', 'webasm', 'cpu']).toContain(found.device);
      expect(found.checkedRows).toBe(300);
      expect(found.largestError).toBeGreaterThan(0);
      expect(found.largestError).toBeLessThanOrEqual(1);
      found.y.forEach((value, at) => {
        expect(value).toBeCloseTo(expected[at]!, 4);
      });
    }
  });

  test('entries without values are 1', async () => {
    await using gpu = new Gpu();
    const offsets = Uint32Array.of(0, 2, 2, 3);
    const matrix = new SparseMatrix({ columnCount: 2, offsets, indexes: Uint32Array.of(0, 1, 1) });
    const { y } = await matrix.timesDenseOnGpu(client, gpu, Float64Array.of(1, 2, 3, 4), 2);
    expect([...y]).toEqual([4, 6, 0, 0, 3, 4]);
  });

  test('a row has as many entries as it likes', async () => {
    await using gpu = new Gpu();
    const indexes = new Uint32Array(2500).map((_, at) => at % 5);
    const matrix = new SparseMatrix({ columnCount: 5, offsets: Uint32Array.of(0, 2, 2500), indexes });
    const { y, reason } = await matrix.timesDenseOnGpu(client, gpu, Float64Array.of(1, 1, 1, 1, 1), 1, {
      checkRows: 1,
    });
    expect([reason, ...y]).toEqual([undefined, 2, 2498]);
  });
});

test('products of one shape share a compiled kernel; one that failed is made anew', async () => {
  const made: (readonly number[])[] = [];
  let failures = 1;
  const gpu: GpuContext = {
    createKernel: (_, { output }) => {
      made.push(output);
      const call = async (...values: readonly unknown[]) => {
        if (failures-- > 0) throw new Error('lost');
        return [(values[2] as Float32Array).map((value, at) => value * (values[3] as Float32Array)[at]!)];
      };
      return Object.assign(call as never, { device: 'webgpu' as const });
    },
    report: () => Promise.reject(new Error('not asked')),
  };
  const times = (value: number, x: number) =>
    new SparseMatrix({
      columnCount: 1,
      offsets: Uint32Array.of(0, 1),
      indexes: Uint32Array.of(0),
      values: Float64Array.of(value),
    }).timesDenseOnGpu(client, gpu, Float64Array.of(x), 1);
  expect((await times(2, 3)).device).toBe('kernel');
  for (const [value, x] of [
    [2, 3],
    [5, 7],
  ] as const) {
    const { device, y } = await times(value, x);
    expect([device, ...y]).toEqual(['webgpu', value * x]);
  }
  expect(made).toEqual([
    [1, 1],
    [1, 1],
  ]);
});

describe('the portable kernel steps in', () => {
  test('when a device fails, is wrong, or is not there; and tells why', async () => {
    const { matrix, x } = example(4);
    const expected = await matrix.timesDense(client, x, WIDTH);
    const wrong = contextOf(() => Array.from({ length: 300 }, () => new Float32Array(WIDTH).fill(3)));
    const notNumbers = contextOf(() =>
      Array.from({ length: 300 }, () => new Float32Array(WIDTH).fill(Number.NaN)),
    );
    const failing = contextOf(() => {
      throw new AnantError('E_GPU_UNAVAILABLE', 'gpu.js was not found here.');
    });
    for (const [gpu, reason] of [
      [wrong, /off by more than rounding/],
      [notNumbers, /off by more than rounding/],
      [failing, /gpu.js was not found here/],
    ] as const) {
      const found = await matrix.timesDenseOnGpu(client, gpu, x, WIDTH);
      expect(found.device).toBe('kernel');
      expect(found.reason).toMatch(reason);
      expect(found.y).toEqual(expected);
    }
  });

  test('for products that single precision cannot count or hold, and for empty ones', async () => {
    const gpu = contextOf(() => []);
    const empty = new SparseMatrix({
      columnCount: 3,
      offsets: Uint32Array.of(0),
      indexes: new Uint32Array(0),
    });
    expect((await empty.timesDenseOnGpu(client, gpu, new Float64Array(3), 1)).reason).toMatch(/empty/);
    const one = new SparseMatrix({
      columnCount: 1,
      offsets: Uint32Array.of(0, 1),
      indexes: Uint32Array.of(0),
    });
    const large = await one.timesDenseOnGpu(client, gpu, Float64Array.of(1e300), 1);
    expect([large.device, large.y[0], large.reason]).toEqual([
      'kernel',
      1e300,
      expect.stringMatching(/single/),
    ]);
    const wide = await one.timesDenseOnGpu(client, gpu, new Float64Array(2 ** 24), 2 ** 24);
    expect(wide.reason).toMatch(/16777216 places/);
    await expect(one.timesDenseOnGpu(client, gpu, Float64Array.of(1), 2)).rejects.toThrow(
      /must have 2 values/,
    );
    await expect(one.timesDenseOnGpu(client, gpu, Float64Array.of(1), 1, { checkRows: 0 })).rejects.toThrow(
      /checkRows/,
    );
  });
});
