import { expect, test } from 'vitest';
import { shareOfMachine } from './share-of-machine.js';

const gpu = (index: number) => ({ index, name: 'H', memoryBytes: 100 + index, usedBytes: 0, load: 0 });

test('several workers offer the memory and the GPUs of their machine once', () => {
  const machine = { memoryBytes: 1000, gpus: [gpu(0), gpu(1), gpu(2)] };
  const shares = [0, 1].map((at) => shareOfMachine({ slots: 4 }, machine, at, 2));
  expect(shares).toEqual([
    { slots: 4, resources: { memoryBytes: 500, gpu: 2, custom: { gpuMemoryBytes: 202 } } },
    { slots: 4, resources: { memoryBytes: 500, gpu: 1, custom: { gpuMemoryBytes: 101 } } },
  ]);
});

test('a worker without a GPU of its own offers none, and the options have the last word', () => {
  const machine = { memoryBytes: 1000, gpus: [gpu(0)] };
  expect(shareOfMachine({}, machine, 1, 2).resources).toEqual({ memoryBytes: 500, gpu: 0, custom: {} });
  const resources = { memoryBytes: 7, gpu: 0.5, custom: { licence: 1 } };
  expect(shareOfMachine({ resources }, machine, 0, 2).resources).toEqual(resources);
});
