import { silentLogger } from '@anant/core';
import { expect, it } from 'vitest';
import type { Load } from '../proto/anant/v1/worker.js';
import { LoadMeter } from './load-meter.js';

const silent = {
  slots: 4,
  spilledBytes: () => 0,
  tidy: () => {},
  code: () => ({ bundles: [], shipped: 0 }),
  tell: () => {},
  logger: silentLogger,
};

it('spills also while it refuses, once nothing runs that could free memory by its end', async () => {
  let running = 1;
  let spills = 0;
  const meter = new LoadMeter({
    ...silent,
    running: () => running,
    readings: async () => ({
      cpu: 0,
      memory: 0.95,
      gpuMemory: 0,
      gpu: 0,
      memoryFreeBytes: 7,
      memoryBytes: 8,
    }),
    spill: () => (spills += 1),
  });
  await meter.measure();
  expect(spills).toBe(0);
  running = 0;
  await meter.measure();
  expect(spills).toBe(1);
});

it('tells the head at once when pressure changes what it offers, and spills for as long as it must', async () => {
  const told: Load[] = [];
  const spilled: number[] = [];
  let memory = 0.5;
  let spilledBytes = 0;
  const meter = new LoadMeter({
    slots: 4,
    running: () => 1,
    readings: async () => ({
      ...{ cpu: 0.1, memory, gpuMemory: 0.2, gpu: 0.3 },
      ...{ memoryFreeBytes: 7, memoryBytes: 8 },
    }),
    spilledBytes: () => spilledBytes,
    spill: (measured) => {
      spilled.push(measured.memory);
      spilledBytes += 100;
      memory = 0.3;
    },
    tidy: () => {},
    code: () => ({ bundles: [{ name: 'task@1', digest: 'ab', bytes: 5 }], shipped: 1 }),
    tell: (load) => told.push(load),
    logger: silentLogger,
  });
  meter.start(60_000);
  meter.stop();
  await meter.measure();
  expect(told.map(({ overload, slots }) => [overload, slots])).toEqual([['none', 4]]);
  expect(told[0]).toMatchObject({ gpu: 0.3, gpuMemory: 0.2, running: 1, bundlesShipped: 1 });
  memory = 0.97;
  await meter.measure();
  expect(told.at(-1)).toMatchObject({ overload: 'spilling', slots: 0, spilledBytes: 100 });
  expect(told.at(-1)?.overloadReason).toContain('97 % of the memory');
  for (let reading = 0; reading < 16; reading++) await meter.measure();
  expect(spilled).toEqual([0.97, 0.3, 0.3]);
  expect(told.at(-1)).toMatchObject({ overload: 'none', slots: 4, overloadReason: '' });
  const levels = told.map(({ overload }) => overload);
  expect([...new Set(levels)]).toEqual(['none', 'spilling', 'refusing', 'shrunk', 'no-stealing']);
});
