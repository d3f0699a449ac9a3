import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { KernelMemory, type KernelReference, type KernelSignature } from '@anant/core';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { assembleKernel } from '../../../../test/support/assemble-kernel.js';
import { Driver } from '../../../../test/support/native-driver.js';
import { NativeBackend } from './native-backend.js';

const SOURCE = `
export function scale(x: usize, n: i32, factor: f64, out: usize, m: i32): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) {
    const value = load<f64>(x + (<usize>i << 3)) * factor;
    store<f64>(out + (<usize>i << 3), value);
    sum += value;
  }
  return sum;
}
export function forever(x: usize, n: i32): void { while (load<i32>(x) == 0) {} }
export function divide(a: i32, b: i32): i32 { return a / b; }
`;
/** Keeps its state in memory below the heap: two calls at once on one memory would disturb each other. */
const STATEFUL = `
const COUNT: StaticArray<i32> = [0];
export function countUp(x: usize, n: i32): i32 {
  for (let i = 0; i < n; i++) COUNT[0] = COUNT[0] + load<i32>(x + (<usize>i << 2));
  return COUNT[0];
}`;
const F64_IN = { name: 'x', role: 'in', type: 'f64[]' } as const;
const SIGNATURES = {
  scale: {
    parameters: [
      F64_IN,
      { name: 'factor', role: 'in', type: 'f64' },
      { name: 'out', role: 'out', type: 'f64[]', length: { of: 'x' } },
    ],
    returns: 'f64',
  },
  forever: { parameters: [{ name: 'x', role: 'in', type: 'i32[]' }] },
  divide: {
    parameters: [
      { name: 'a', role: 'in', type: 'i32' },
      { name: 'b', role: 'in', type: 'i32' },
    ],
    returns: 'i32',
  },
  countUp: { parameters: [{ name: 'x', role: 'in', type: 'i32[]' }], returns: 'i32' },
} as const satisfies Record<string, KernelSignature>;

let plain: Uint8Array;
let stateful: Uint8Array;
beforeAll(async () => {
  plain = await assembleKernel(SOURCE);
  stateful = await assembleKernel(STATEFUL);
});
let driver: Driver<NativeBackend> | undefined;
afterEach(async () => {
  await driver?.stop();
});

async function start(options = {}) {
  const d = await Driver.start(new NativeBackend({ slots: 2, ...options }));
  driver = d;
  const references = new Map<string, KernelReference>();
  const kernel = (name: keyof typeof SIGNATURES): KernelReference => {
    const bytes = name === 'countUp' ? stateful : plain;
    const path = join(d.folder, `${name}.wasm`);
    writeFileSync(path, bytes);
    const version = createHash('sha256').update(bytes).digest('hex');
    const made: KernelReference = references.get(name) ?? {
      kind: 'kernel',
      name,
      module: pathToFileURL(path).href,
      export: name,
      version,
      signature: SIGNATURES[name],
    };
    references.set(name, made);
    return made;
  };
  return { d, kernel };
}

test('plain arrays are copied in, results come back in memory of their own', async () => {
  const { d, kernel } = await start();
  for (let round = 0; round < 20; round += 1) {
    const x = Float64Array.of(1, 2, round);
    const result = (await d.value(kernel('scale'), { x, factor: 2 })) as { out: Float64Array };
    expect(result).toEqual({ out: Float64Array.of(2, 4, 2 * round), result: 6 + 2 * round });
    expect(result.out.buffer).not.toBeInstanceOf(SharedArrayBuffer);
  }
});

test('views of a kernel memory are used in place, and what a failed call took is given back', async () => {
  const { d, kernel } = await start();
  const memory = new KernelMemory();
  const x = memory.copy(Float64Array.from({ length: 100_000 }, () => 1));
  const before = memory.usedBytes;
  const { out, result } = (await d.value(kernel('scale'), { x, factor: 3 })) as {
    out: Float64Array;
    result: number;
  };
  expect(result).toBe(300_000);
  expect(KernelMemory.of(out)).toBe(memory);
  memory.free(out);
  expect(await d.run(kernel('scale'), { x, factor: 'three' })).toMatchObject({
    status: 'refused',
    code: 'E_KERNEL_INVALID',
  });
  const endless = d.submit(kernel('forever'), { x: memory.copy(Int32Array.of(0)) });
  await d.started(endless);
  expect(await d.cancel(endless, 'kill')).toBe('cancelled');
  expect(memory.usedBytes).toBe(before + 64);
});

test('a kernel that never ends is killed, and its thread replaced', async () => {
  const { d, kernel } = await start();
  const endless = d.submit(kernel('forever'), { x: Int32Array.of(0) });
  await d.started(endless);
  expect(await d.cancel(endless, 'kill')).toBe('cancelled');
  expect(await d.end(endless)).toEqual({ status: 'cancelled', how: 'kill' });
  expect(await d.value(kernel('divide'), { a: 6, b: 3 })).toEqual({ result: 2 });
});

test('a module with state runs alone on a memory, each call from its beginning', async () => {
  const { d, kernel } = await start();
  const memory = new KernelMemory();
  const x = memory.copy(Int32Array.from({ length: 300_000 }, () => 1));
  const calls = Array.from({ length: 12 }, () => d.submit(kernel('countUp'), { x }));
  for (const call of calls) expect(await d.end(call)).toEqual({ status: 'ok', value: { result: 300_000 } });
});

test('traps, wrong modules and changed files have their codes', async () => {
  const { d, kernel } = await start({ payloadBytesMax: 1_000_000 });
  expect(await d.run(kernel('divide'), { a: 1, b: 0 })).toMatchObject({
    status: 'app-error',
    error: { code: 'E_KERNEL_TRAP' },
  });
  const divide = kernel('divide');
  const refused = (code: string) => expect.objectContaining({ status: 'refused', code });
  const other = '0'.repeat(64);
  expect(await d.run({ ...divide, version: other }, { a: 1, b: 1 })).toEqual(refused('E_TASK_VERSION'));
  expect(await d.run({ ...divide, version: other, module: 'file:///none.wasm' }, {})).toEqual(
    refused('E_TASK_NOT_FOUND'),
  );
  expect(await d.run({ ...divide, export: 'none' }, { a: 1, b: 1 })).toEqual(refused('E_KERNEL_INVALID'));
  const large = { x: new Float64Array(200_000), factor: 1 };
  expect(await d.run(kernel('scale'), large)).toEqual(refused('E_PAYLOAD_TOO_LARGE'));
});
