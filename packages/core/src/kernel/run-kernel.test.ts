import { beforeAll, describe, expect, test } from 'vitest';
import { assembleKernel } from '../../../../test/support/assemble-kernel.js';
import type { KernelSignature } from '../contract/index.js';
import { KernelMemory } from './kernel-memory.js';
import { compileKernel, type KernelModule } from './kernel-module.js';
import { placeSharedCall, runKernel } from './run-kernel.js';

const SOURCE = `
export function scale(x: usize, n: i32, factor: f64, out: usize, m: i32, work: usize): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) {
    const value = load<f64>(x + (<usize>i << 3)) * factor + load<f64>(work + (<usize>i << 3));
    store<f64>(out + (<usize>i << 3), value + load<f64>(out + (<usize>i << 3)));
    store<f64>(work + (<usize>i << 3), 1);
    sum += value;
  }
  return sum;
}
export function mirror(a: i32, b: u32): u32 { return a < 0 ? b : <u32>a; }
export function divide(a: i32, b: i32): i32 { return a / b; }
`;
const STATEFUL = `
const TABLE: StaticArray<i32> = [5, 6, 7];
let calls: i32 = 0;
export function count(index: i32): i32 {
  if (index < 0) throw new Error('negative');
  calls++;
  return TABLE[index] + calls;
}`;

const SCALE = {
  parameters: [
    { name: 'x', role: 'in', type: 'f64[]' },
    { name: 'factor', role: 'in', type: 'f64' },
    { name: 'out', role: 'out', type: 'f64[]', length: { of: 'x' } },
    { name: 'work', role: 'scratch', type: 'f64[]', length: { of: 'out', times: 2, plus: 1 } },
  ],
  returns: 'f64',
} as const satisfies KernelSignature;
const MIRROR = {
  parameters: [
    { name: 'a', role: 'in', type: 'i32' },
    { name: 'b', role: 'in', type: 'u32' },
  ],
  returns: 'u32',
} as const satisfies KernelSignature;
const invalid = (text: RegExp) =>
  expect.objectContaining({ code: 'E_KERNEL_INVALID', message: expect.stringMatching(text) });

let kernel: KernelModule;
let small: KernelModule;
let stateful: KernelModule;
beforeAll(async () => {
  kernel = compileKernel(await assembleKernel(SOURCE));
  small = compileKernel(await assembleKernel(SOURCE, { maximumPages: 2 }));
  stateful = compileKernel(await assembleKernel(STATEFUL));
});

describe('private memory', () => {
  const scale = (input: unknown) => runKernel({ kernel, export: 'scale', signature: SCALE }, input);

  test('fills in arrays, zeroes out and scratch on every call, returns out arrays and the result', () => {
    for (let round = 0; round < 3; round += 1) {
      const { x, ...result } = {
        x: Float64Array.of(1, 2, 3),
        ...scale({ x: Float64Array.of(1, 2, 3), factor: 2 }),
      };
      expect(result).toEqual({ out: Float64Array.of(2, 4, 6), result: 12 });
      expect(x).toEqual(Float64Array.of(1, 2, 3));
    }
    expect(scale({ x: new Float64Array(0), factor: 1 })).toEqual({ out: new Float64Array(0), result: 0 });
  });

  test('grows its memory, and refuses by code when the maximum does not suffice', () => {
    const x = new Float64Array(200_000).fill(1);
    expect(scale({ x, factor: 1 }).result).toBe(200_000);
    const call = () => runKernel({ kernel: small, export: 'scale', signature: SCALE }, { x, factor: 1 });
    expect(call).toThrow(expect.objectContaining({ code: 'E_OUT_OF_MEMORY' }));
  });

  test('integers keep their sign or lack of it', () => {
    const mirror = (a: number, b: number) =>
      runKernel({ kernel, export: 'mirror', signature: MIRROR }, { a, b }).result;
    expect(mirror(-1, 0xffff_ffff)).toBe(0xffff_ffff);
    expect(mirror(0x7fff_ffff, 0)).toBe(0x7fff_ffff);
  });

  test('a stateful module starts afresh on every call', () => {
    const signature = { parameters: [{ name: 'i', role: 'in', type: 'i32' }], returns: 'i32' } as const;
    const call = (i: number) => runKernel({ kernel: stateful, export: 'count', signature }, { i }).result;
    expect([call(0), call(1), call(2)]).toEqual([6, 7, 8]);
    expect(() => call(-1)).toThrow(expect.objectContaining({ code: 'E_KERNEL_TRAP' }));
    expect(call(0)).toBe(6);
  });

  test('a trap has its code, and the module works afterwards', () => {
    const signature = {
      parameters: [
        { name: 'a', role: 'in', type: 'i32' },
        { name: 'b', role: 'in', type: 'i32' },
      ],
      returns: 'i32',
    } as const;
    const divide = (a: number, b: number) =>
      runKernel({ kernel, export: 'divide', signature }, { a, b }).result;
    expect(() => divide(1, 0)).toThrow(expect.objectContaining({ code: 'E_KERNEL_TRAP' }));
    expect(divide(6, 3)).toBe(2);
  });

  test.each([
    [{ x: new Float32Array(1), factor: 1 }, /"x" must be a Float64Array, not a value of type Float32Array/],
    [{ x: [1], factor: 1 }, /"x" must be a Float64Array/],
    [{ factor: 1 }, /"x" must be a Float64Array, not undefined/],
    [{ x: new Float64Array(1), factor: '1' }, /"factor" must be a number, not a string/],
    [{ x: new Float64Array(1), factor: 1, extra: 1 }, /field "extra"/],
    [null, /must be an object/],
  ])('refuses %j', (input, message) => {
    expect(() => scale(input)).toThrow(invalid(message));
  });

  test('refuses integers out of range', () => {
    const mirror = (a: number, b: number) => () =>
      runKernel({ kernel, export: 'mirror', signature: MIRROR }, { a, b });
    expect(mirror(2 ** 31, 0)).toThrow(invalid(/"a" is 2147483648, outside the range of i32/));
    expect(mirror(0, -1)).toThrow(invalid(/"b" is -1, outside the range of u32/));
    expect(mirror(0.5, 0)).toThrow(invalid(/"a" must be an integer/));
  });
});

describe('signature against module', () => {
  test('missing export, wrong types, name twice, unknown length', () => {
    const call = (name: string, signature: KernelSignature) => () =>
      runKernel({ kernel, export: name, signature }, {});
    expect(call('none', MIRROR)).toThrow(invalid(/does not export a function "none"/));
    expect(call('mirror', { parameters: MIRROR.parameters })).toThrow(invalid(/\(i32,i32\) -> \(i32\)/));
    const twice = { parameters: [MIRROR.parameters[0], MIRROR.parameters[0]] };
    expect(call('mirror', twice)).toThrow(invalid(/"a" twice/));
    const [out] = [{ name: 'o', role: 'out', type: 'u8[]', length: { of: 'ghost' } }] as const;
    expect(() =>
      runKernel({ kernel, export: 'mirror', signature: { parameters: [out], returns: 'u32' } }, {}),
    ).toThrow(invalid(/refers to "ghost"/));
  });

  test('modules outside the ABI are refused by name', async () => {
    expect(() => compileKernel(Uint8Array.of(1, 2, 3))).toThrow(invalid(/not a valid WebAssembly module/));
    const foreign =
      '@external("env", "now") declare function now(): f64; export function f(): f64 { return now(); }';
    const bytes = await assembleKernel(foreign);
    expect(() => compileKernel(bytes)).toThrow(invalid(/imports the function "env.now"/));
  });
});

test('a module is stateful when it has data or variables, however long its sections are', async () => {
  expect(kernel.isStateful).toBe(false);
  expect(stateful.isStateful).toBe(true);
  const body = 'COUNT[0] = COUNT[0] + 1;';
  for (const length of [1, 9, 30]) {
    const source = `const COUNT: StaticArray<i32> = [0];
      export function f(): i32 { ${body.repeat(length)} return COUNT[0]; }`;
    const made = compileKernel(await assembleKernel(source, { flags: ['-O0', '--noAssert'] }));
    expect(made.isStateful).toBe(true);
    expect([...made.functions.keys()]).toEqual(['f']);
  }
});

describe('shared memory', () => {
  const scale = (input: unknown) => runKernel({ kernel, export: 'scale', signature: SCALE }, input);

  test('scratch holds anything only where the signature says so', () => {
    const memory = new KernelMemory();
    const [x, before] = [memory.copy(Float64Array.of(1)), memory.allocate('f64[]', 64)];
    before.fill(9);
    memory.free(before);
    const [values, factor, out, work] = SCALE.parameters;
    const dirty = { ...SCALE, parameters: [values, factor, out, { ...work, contents: 'any' as const }] };
    const sums = [SCALE, dirty, SCALE].map(
      (signature) => runKernel({ kernel, export: 'scale', signature }, { x, factor: 2 }).result,
    );
    expect([sums[0], sums[2]]).toEqual([2, 2]);
    expect([2, 3, 11]).toContain(sums[1]);
  });

  test('runs on the caller’s memory: no copy in, out is a view, scratch is given back', () => {
    const memory = new KernelMemory();
    const x = memory.copy(Float64Array.of(1, 2, 3));
    const before = memory.usedBytes;
    const { out, result } = scale({ x, factor: 3 }) as { out: Float64Array; result: number };
    expect(result).toBe(18);
    expect([...out]).toEqual([3, 6, 9]);
    expect(KernelMemory.of(out)).toBe(memory);
    memory.free(out);
    expect(memory.usedBytes).toBe(before);
  });

  test('arrays that are elsewhere or not aligned are copied in and given back', () => {
    const memory = new KernelMemory();
    const x = memory.copy(Float64Array.of(9, 1, 2)).subarray(1);
    const { out } = scale({ x, factor: 1 }) as { out: Float64Array };
    expect([...out]).toEqual([1, 2]);
    expect(memory.usedBytes).toBe(128);
  });

  test('a failed call gives everything back', () => {
    const memory = new KernelMemory();
    const x = memory.copy(Float64Array.of(1));
    expect(() => scale({ x, factor: 'no' })).toThrow(invalid(/factor/));
    expect(memory.usedBytes).toBe(64);
  });

  test('a kernel that needs more room below, or accepts less above, is refused', () => {
    const x = new KernelMemory().copy(Float64Array.of(1));
    const call = () => runKernel({ kernel: small, export: 'scale', signature: SCALE }, { x, factor: 1 });
    expect(call).toThrow(invalid(/at most 2 pages/));
    const x64 = new KernelMemory({ reservedBytes: 64 }).copy(Int32Array.of(1));
    const signature = { parameters: [{ name: 'i', role: 'in', type: 'i32' }], returns: 'i32' } as const;
    expect(() => placeSharedCall({ kernel: stateful, export: 'count', signature }, { i: x64 })).toThrow(
      invalid(/reservedBytes/),
    );
  });
});

describe('shared arrays', () => {
  const ADD = {
    parameters: [
      { name: 'x', role: 'in', type: 'f64[]' },
      { name: 'sum', role: 'shared', type: 'f64[]', length: { of: 'x' } },
    ],
  } as const satisfies KernelSignature;
  const source = `export function add(x: usize, n: i32, sum: usize): void {
    for (let i = 0; i < n; i++) store<f64>(sum + (<usize>i << 3), load<f64>(sum + (<usize>i << 3)) + load<f64>(x + (<usize>i << 3)));
  }`;
  let adder: KernelModule;
  beforeAll(async () => {
    adder = compileKernel(await assembleKernel(source));
  });
  const add = (input: unknown) => runKernel({ kernel: adder, export: 'add', signature: ADD }, input);

  test('are written in place, by one call after the other', () => {
    const memory = new KernelMemory();
    const [x, sum] = [memory.copy(Float64Array.of(1, 2)), memory.copy(Float64Array.of(10, 20))];
    add({ x, sum });
    expect(add({ x, sum })).toEqual({});
    expect([...sum]).toEqual([12, 24]);
    expect(memory.usedBytes).toBe(128);
  });

  test('must be aligned views of the memory that the kernel runs on, of the declared length', () => {
    const memory = new KernelMemory();
    const x = memory.copy(Float64Array.of(1, 2));
    expect(() => add({ x, sum: new Float64Array(2) })).toThrow(invalid(/shared array "sum" must be/));
    expect(() => add({ x: new Float64Array(2), sum: new Float64Array(2) })).toThrow(invalid(/"sum" must be/));
    const unaligned = memory.allocate('f64[]', 3).subarray(1);
    expect(() => add({ x, sum: unaligned })).toThrow(invalid(/"sum" must be an aligned view/));
    const long = memory.allocate('f64[]', 3);
    expect(() => add({ x, sum: long })).toThrow(invalid(/"sum" has 3 elements, but its length is 2/));
    expect(() => add({ x })).toThrow(invalid(/"sum" must be a Float64Array, not undefined/));
  });
});
