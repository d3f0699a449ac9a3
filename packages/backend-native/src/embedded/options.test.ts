import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { native, optionsSchema } from '../index.js';
import { resolveOptions } from './options.js';

test('defaults fit the machine', () => {
  const { slots, thread, windowTasks } = resolveOptions();
  expect(slots).toBe(availableParallelism());
  expect(windowTasks).toBeGreaterThanOrEqual(slots);
  expect(thread.memoryBytesMax).toBeGreaterThanOrEqual(256 * 2 ** 20);
});

test.each([
  [{ slot: 2 }, /slot/],
  [{ slots: 0 }, /slots/],
  [{ mode: 'fiber' }, /mode/],
  [{ thread: { memoryBytesMax: 1 } }, /memoryBytesMax/],
  [{ python: { executabel: 'x' } }, /executabel/],
])('refuses %j by name', (options, message) => {
  expect(() => native(options as never)).toThrow(message);
});

test('the schema is a standard one', async () => {
  expect(optionsSchema['~standard'].version).toBe(1);
  expect(await optionsSchema['~standard'].validate({ slots: 3 })).toEqual({ value: { slots: 3 } });
});
