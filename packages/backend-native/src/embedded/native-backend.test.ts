import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { TaskEvent } from '@anant/core';
import { afterEach, describe, expect, test } from 'vitest';
import { Driver, task } from '../../../../test/support/native-driver.js';
import { NativeBackend } from './native-backend.js';
import type { NativeOptions } from './options.js';

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

describe('batches of tiny tasks', () => {
  /** One slot that knows the tasks are tiny, so that they share messages. */
  const startWarm = async (): Promise<Driver<NativeBackend>> => {
    const d = await start({ slots: 1 });
    for (let index = 0; index < 20; index += 1) await d.value(task('append'), { path: d.path(), line: 'x' });
    await d.run(task('exit'), { code: 0 });
    return d;
  };

  test('a crash loses the task that ran; what had ended is kept and what had not begun runs elsewhere', async () => {
    const d = await startWarm();
    const path = d.path();
    const batch = Array.from({ length: 300 }, (_, index) =>
      index === 150
        ? d.envelope(task('exit'), { code: 1 })
        : d.envelope(task('append'), { path, line: `${index}` }),
    );
    d.backend.doSubmit(batch);
    const outcomes = await Promise.all(batch.map((envelope) => d.end(envelope)));
    const others = outcomes.filter((_, index) => index !== 150);
    expect(outcomes[150]).toMatchObject({ status: 'lost' });
    expect(others.every(({ status }) => status === 'ok')).toBe(true);
    expect(new Set(lines(path)).size).toBe(299);
    expect(lines(path).length).toBe(299);
  });

  test('a queued task of a batch is cancelled alone', async () => {
    const d = await startWarm();
    const [gate, path] = [d.path(), d.path()];
    const batch = [
      d.envelope(task('spinUntil'), gate),
      ...Array.from({ length: 50 }, (_, index) => d.envelope(task('append'), { path, line: `${index}` })),
    ];
    d.backend.doSubmit(batch);
    await d.started(batch[0]!);
    expect(await d.cancel(batch[20]!, 'kill')).toBe('cancelled');
    expect(await d.end(batch[20]!)).toEqual({ status: 'cancelled', how: 'kill' });
    writeFileSync(gate, '');
    await Promise.all(batch.map((envelope) => d.end(envelope)));
    expect(lines(path)).toEqual(
      Array.from({ length: 50 }, (_, index) => `${index}`).filter((line) => line !== '19'),
    );
  });

  test('tasks behind one that takes longer than thought go to another slot', async () => {
    const d = await start({ slots: 2 });
    // Both slots have a thread, and the task is known to be short.
    const warm = Array.from({ length: 200 }, (_, index) => d.envelope(task('noop'), index));
    d.backend.doSubmit(warm);
    await Promise.all(warm.map((envelope) => d.end(envelope)));
    const gate = d.path();
    writeFileSync(gate, '');
    for (let index = 0; index < 20; index += 1) await d.value(task('spinUntil'), gate);
    const closed = d.path();
    const stuck = d.envelope(task('spinUntil'), closed);
    const rest = Array.from({ length: 100 }, (_, index) => d.envelope(task('noop'), index));
    d.backend.doSubmit([stuck, ...rest]);
    for (const [index, envelope] of rest.entries()) {
      expect(await d.end(envelope)).toEqual({ status: 'ok', value: index });
    }
    writeFileSync(closed, '');
    expect(await d.end(stuck)).toEqual({ status: 'ok', value: 'seen' });
  });
});

describe('envelopes', () => {
  test('an open attempt that is submitted again runs once', async () => {
    const d = await start();
    const path = d.path();
    const envelope = d.envelope(task('append'), { path, line: 'ran' });
    d.backend.doSubmit([envelope, envelope]);
    d.backend.doSubmit([envelope]);
    await d.end(envelope);
    await d.value(task('noop'), 1);
    expect(lines(path)).toEqual(['ran']);
    expect(d.events.filter(({ type }) => type === 'task-end')).toHaveLength(2);
  });

  test('the result of a replaced attempt is refused', async () => {
    const d = await start();
    const gate = d.path();
    const older = d.submit(task('spinUntil'), gate, { id: 'same' });
    await d.started(older);
    const newer = d.submit(task('noop'), 'new', { id: 'same', attempt: 2 });
    writeFileSync(gate, '');
    expect(await d.end(newer)).toEqual({ status: 'ok', value: 'new' });
    expect(await d.end(older)).toMatchObject({ status: 'lost' });
  });

  test('beyond the window they are refused', async () => {
    const d = await start({ windowTasks: 4 });
    const batch = Array.from({ length: 6 }, (_, index) => d.envelope(task('noop'), index));
    d.backend.doSubmit(batch);
    const statuses = (await Promise.all(batch.map((envelope) => d.end(envelope)))).map(
      ({ status }) => status,
    );
    expect(statuses).toEqual(['ok', 'ok', 'ok', 'ok', 'refused', 'refused']);
  });

  test('impossible resources, places and kinds are refused at once', async () => {
    const d = await start({ resources: { custom: { licence: 1 } } });
    const refused = (code: string) => expect.objectContaining({ status: 'refused', code });
    expect(await d.run(task('noop'), 1, { resources: { cpu: 3 } })).toEqual(refused('E_CAPABILITY_MISSING'));
    expect(await d.run(task('noop'), 1, { resources: { gpu: 1 } })).toEqual(refused('E_CAPABILITY_MISSING'));
    expect(await d.run(task('noop'), 1, { placement: { node: 'far' } })).toEqual(
      refused('E_CAPABILITY_MISSING'),
    );
    expect(await d.run(task('absent'), 1)).toEqual(refused('E_TASK_NOT_FOUND'));
    expect(await d.value(task('noop'), 1, { resources: { cpu: 2, custom: { licence: 1 } } })).toBe(1);
  });

  test('a resource is lent to one task at a time, the most urgent first', async () => {
    const d = await start({ resources: { custom: { licence: 1 } } });
    const resources = { custom: { licence: 1 } };
    const [gate, path] = [d.path(), d.path()];
    const first = d.submit(task('spinUntil'), gate, { resources });
    await d.started(first);
    const rest = [0, 5, -5].map((priority) =>
      d.submit(task('append'), { path, line: `${priority}` }, { resources, priority }),
    );
    writeFileSync(gate, '');
    await Promise.all(rest.map((envelope) => d.end(envelope)));
    expect(lines(path)).toEqual(['5', '0', '-5']);
  });

  test('an input is as it was when it was submitted, and never the task’s to change', async () => {
    const d = await start();
    for (const mode of ['async', 'thread'] as const) {
      const input = { list: ['first'] };
      const envelope = d.submit(task('overwrite'), input, { mode });
      input.list.push('later');
      expect(await d.end(envelope)).toEqual({ status: 'ok', value: 'changed' });
      expect(input.list).toEqual(['first', 'later']);
    }
  });
});

describe('async mode', () => {
  test('says that it cannot kill what runs, and what stopping leaves behind', async () => {
    const d = await start();
    const running = d.submit(task('hang'), null, { mode: 'async' });
    await d.started(running);
    expect(await d.cancel(running, 'kill')).toBe('unsupported');
    await d.stop();
    expect(await d.end(running)).toMatchObject({
      status: 'lost',
      started: 'yes',
      reason: expect.stringContaining('may still run'),
    });
  });

  test('lets other work in between', async () => {
    const d = await start();
    const batch = Array.from({ length: 5000 }, (_, index) =>
      d.envelope(task('noop'), index, { mode: 'async' }),
    );
    d.backend.doSubmit(batch);
    await delay(0);
    await Promise.all(batch.map((envelope) => d.end(envelope)));
    expect(d.events.filter(({ type }) => type === 'task-end')).toHaveLength(batch.length);
  });
});

test('what runs when the grace is over is lost, what waited never ran', async () => {
  const d = await start({ slots: 1 });
  const gate = d.path();
  const running = d.submit(task('spinUntil'), gate);
  await d.started(running);
  const waiting = d.submit(task('noop'), 1);
  await d.backend.doStop({ graceMs: 1 });
  expect(await d.end(running)).toMatchObject({
    status: 'lost',
    started: 'yes',
    reason: 'The backend was stopped.',
  });
  expect(await d.end(waiting)).toMatchObject({ status: 'lost', started: 'no' });
  expect((await d.backend.doHealth()).state).toBe('down');
  const before = d.events.length;
  d.backend.doSubmit([d.envelope(task('noop'), 1)]);
  expect(d.events.length).toBe(before);
});

test('every end is reported once, whatever happens', async () => {
  const d = await start();
  const names = ['noop', 'boom', 'exit', 'giveFunction', 'absent'];
  const batch = Array.from({ length: 60 }, (_, index) => {
    const mode = (['async', 'thread', 'process'] as const)[index % 3]!;
    const name = names[index % names.length]!;
    return d.envelope(task(name === 'exit' && mode === 'async' ? 'noop' : name), { code: 1 }, { mode });
  });
  d.backend.doSubmit(batch);
  await d.stop(20_000);
  const ends = d.events.filter((event: TaskEvent) => event.type === 'task-end').map(({ id }) => id);
  expect(ends.toSorted()).toEqual(batch.map(({ id }) => id).toSorted());
});
