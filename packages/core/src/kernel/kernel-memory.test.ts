import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BlockAllocator } from './block-allocator.js';
import { copyArray } from './kernel-arrays.js';
import { KernelMemory } from './kernel-memory.js';

test('arrays are zeroed, aligned, and found again from any view', () => {
  const memory = new KernelMemory();
  const ranks = memory.allocate('f64[]', 1000);
  expect(ranks.length).toBe(1000);
  expect(ranks.byteOffset % 64).toBe(0);
  expect(ranks.byteOffset).toBeGreaterThanOrEqual(memory.reservedBytes);
  expect(KernelMemory.of(ranks.subarray(10))).toBe(memory);
  expect(KernelMemory.of(new Float64Array(1))).toBeUndefined();
  ranks.fill(1);
  memory.free(ranks);
  expect(memory.allocate('f64[]', 1000).every((value) => value === 0)).toBe(true);
});

test('a taken array holds what was there, and a copy is apart from the memory', () => {
  const memory = new KernelMemory();
  memory.free(memory.copy(Uint32Array.of(5, 6, 7)));
  const taken = memory.take('u32[]', 3);
  const copied = copyArray(taken);
  expect(KernelMemory.of(copied)).toBeUndefined();
  taken.fill(0);
  expect([...copied]).toEqual([5, 6, 7]);
  expect(() => memory.take('u8[]', 0.5)).toThrow(RangeError);
});

test('views made before a growth stay valid and keep their owner', () => {
  const memory = new KernelMemory();
  const before = memory.copy(Uint32Array.of(1, 2, 3));
  memory.allocate('u8[]', 32 * 1024 * 1024);
  expect([...before]).toEqual([1, 2, 3]);
  expect(KernelMemory.of(before)).toBe(memory);
});

test('the maximum is refused by name, and freeing twice is an error', () => {
  const memory = new KernelMemory({ maximumBytes: 4 * 1024 * 1024 });
  expect(() => memory.allocate('f64[]', 1_000_000)).toThrow(
    expect.objectContaining({ code: 'E_OUT_OF_MEMORY' }),
  );
  const array = memory.allocate('u8[]', 10);
  memory.free(array);
  expect(() => memory.free(array)).toThrow(TypeError);
  expect(() => memory.free(new Uint8Array(4))).toThrow(TypeError);
  expect(() => memory.allocate('u8[]', -1)).toThrow(RangeError);
  expect(() => new KernelMemory({ maximumBytes: 1 })).toThrow(RangeError);
});

test('live ranges never overlap and freeing all of them returns to the start', () => {
  const steps = fc.array(fc.record({ bytes: fc.nat(5000), freeIndex: fc.option(fc.nat()) }), {
    maxLength: 80,
  });
  fc.assert(
    fc.property(steps, (plan) => {
      const allocator = new BlockAllocator(1000);
      const live: { offset: number; bytes: number }[] = [];
      for (const { bytes, freeIndex } of plan) {
        const { offset, bytes: size } = allocator.allocate(bytes);
        for (const other of live) {
          expect(offset >= other.offset + other.bytes || other.offset >= offset + size).toBe(true);
        }
        live.push({ offset, bytes: size });
        if (freeIndex !== null) allocator.free(live.splice(freeIndex % live.length, 1)[0]!.offset);
      }
      for (const { offset } of live) expect(allocator.free(offset)).toBe(true);
      expect(allocator.usedBytes).toBe(0);
      expect(allocator.topBytes).toBe(1024);
    }),
  );
});

test('fresh parts of a range are exactly those never handed out', () => {
  const allocator = new BlockAllocator(0);
  const first = allocator.allocate(128);
  expect(first.freshFrom).toBe(0);
  allocator.free(0);
  expect(allocator.allocate(256)).toEqual({ offset: 0, bytes: 256, freshFrom: 128 });
});
