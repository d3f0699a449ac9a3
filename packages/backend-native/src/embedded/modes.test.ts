import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { Driver, task } from '../../../../test/support/native-driver.js';
import { NativeBackend } from './native-backend.js';
import type { NativeOptions } from './options.js';

const MEBIBYTE = 2 ** 20;
const SMALL = { thread: { memoryBytesMax: 64 * MEBIBYTE }, process: { memoryBytesMax: 64 * MEBIBYTE } };

let driver: Driver<NativeBackend> | undefined;
const start = async (options: NativeOptions = {}): Promise<Driver<NativeBackend>> => {
  driver = await Driver.start(new NativeBackend({ slots: 2, ...options }));
  return driver;
};
afterEach(async () => {
  await driver?.stop();
  driver = undefined;
});
const lines = (path: string): string[] =>
  existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];

describe.each(['async', 'thread', 'process'] as const)('mode %s', (mode) => {
  test('gives results, errors and the context', async () => {
    const d = await start();
    expect(await d.value(task('noop'), { a: [1, 2n, new Date(0)] }, { mode })).toEqual({
      a: [1, 2n, new Date(0)],
    });
    expect(await d.run(task('boom'), 'no', { mode })).toMatchObject({
      status: 'app-error',
      error: { type: 'RangeError', message: 'no', traceback: expect.stringContaining('boom') },
    });
    expect(await d.value(task('report'), null, { mode, id: 'me', attempt: 3 })).toEqual({
      id: 'me',
      attempt: 3,
    });
    expect(d.events).toContainEqual({
      type: 'task-progress',
      id: 'me',
      attempt: 3,
      done: 1,
      total: 2,
      note: 'half',
    });
  });

  test('reports a function and a result over the limit as errors of the task, by code', async () => {
    const d = await start({ payloadBytesMax: MEBIBYTE });
    const notPortable = await d.run(task('giveFunction'), null, { mode });
    expect(notPortable).toMatchObject({
      status: 'app-error',
      error: { code: 'E_VALUE_NOT_PORTABLE', retryable: false },
    });
    expect(JSON.stringify(notPortable)).toContain('rows[0].when');
    const gibibyte = await d.run(task('giveBytes'), 2 ** 30, { mode });
    expect(gibibyte).toMatchObject({
      status: 'app-error',
      error: { code: 'E_PAYLOAD_TOO_LARGE', retryable: false },
    });
    expect(await d.run(task('noop'), new Uint8Array(2 * MEBIBYTE), { mode })).toMatchObject({
      status: 'refused',
      code: 'E_PAYLOAD_TOO_LARGE',
    });
    expect(await d.value(task('noop'), 'alive', { mode })).toBe('alive');
  });

  test('a stream is never ahead of its credits, and ends', async () => {
    const d = await start();
    const produced = d.path();
    const stream = d.submit(task('count'), { to: 20, produced }, { mode, output: 'stream' });
    const items = (): number => d.events.filter(({ type }) => type === 'task-item').length;
    await d.until(() => (items() === 16 ? true : undefined), '16 items');
    await d.value(task('noop'), 'meanwhile', { mode });
    expect(items()).toBe(16);
    expect(lines(produced).length).toBeLessThanOrEqual(17);
    d.backend.doStreamCredit(stream.id, 1, 100);
    expect(await d.end(stream)).toEqual({ status: 'ok', value: undefined });
    expect(items()).toBe(20);
  });

  test('asks a task to stop, forgets one, and takes a waiting one back', async () => {
    const d = await start({ async: { concurrencyMax: 2 } });
    const held = [
      d.submit(task('untilAborted'), null, { mode }),
      d.submit(task('untilAborted'), null, { mode }),
    ];
    for (const each of held) await d.started(each);
    const waiting = d.submit(task('append'), { path: d.path(), line: 'ran' }, { mode });
    expect(await d.cancel(waiting, 'ask')).toBe('cancelled');
    expect(await d.end(waiting)).toEqual({ status: 'cancelled', how: 'ask' });
    expect(await d.cancel(held[0]!, 'ask')).toBe('requested');
    expect(await d.end(held[0]!)).toEqual({ status: 'cancelled', how: 'ask' });
    expect(await d.cancel(held[1]!, 'forget')).toBe('cancelled');
    expect(await d.end(held[1]!)).toEqual({ status: 'cancelled', how: 'forget' });
    expect(await d.cancel(held[1]!, 'ask')).toBe('unknown-task');
    expect(await d.value(task('noop'), 'alive', { mode })).toBe('alive');
  });
});

describe.each(['thread', 'process'] as const)('a worker of mode %s', (mode) => {
  test.each(['loop', 'hang', 'loopUntilAborted'])(
    'is killed under a task that does %s, and replaced',
    async (name) => {
      const d = await start();
      const victim = d.submit(task(name), null, { mode });
      await d.started(victim);
      expect(await d.cancel(victim, 'kill')).toBe('cancelled');
      expect(await d.end(victim)).toEqual({ status: 'cancelled', how: 'kill' });
      const values = await Promise.all([1, 2, 3, 4].map((value) => d.value(task('noop'), value, { mode })));
      expect(values).toEqual([1, 2, 3, 4]);
    },
  );

  test('a task that never yields sees that it is asked to stop', async () => {
    const d = await start();
    const busy = d.submit(task('loopUntilAborted'), null, { mode });
    await d.started(busy);
    expect(await d.cancel(busy, 'ask')).toBe('requested');
    expect(await d.end(busy)).toEqual({ status: 'cancelled', how: 'ask' });
  });

  test('a task that ends its worker is lost and costs nothing else', async () => {
    const d = await start();
    const gate = d.path();
    const neighbour = d.submit(task('spinUntil'), gate, { mode });
    await d.started(neighbour);
    expect(await d.run(task('exit'), { code: 3 }, { mode })).toMatchObject({
      status: 'lost',
      started: 'yes',
      suspect: true,
      reason: expect.stringMatching(/^E_WORKER_EXITED: .*3\.$/),
    });
    expect(await d.value(task('noop'), 'alive', { mode })).toBe('alive');
    writeFileSync(gate, '');
    expect(await d.end(neighbour)).toEqual({ status: 'ok', value: 'seen' });
  });

  test('a task that takes all memory is lost, by its code', async () => {
    const d = await start(SMALL);
    expect(await d.run(task('takeMemory'), null, { mode })).toMatchObject({
      status: 'lost',
      reason: expect.stringMatching(/^E_OUT_OF_MEMORY: .*64 MiB/),
    });
    expect(await d.value(task('noop'), 'alive', { mode })).toBe('alive');
  });
});
