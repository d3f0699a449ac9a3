import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isActorHost, isObjectStore, isStreamSource, ObjectRef, type TaskEvent } from '@anant/core';
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

describe('objects', () => {
  test('are stored, resolved in inputs, kept as results, and bounded', async () => {
    const d = await start({ objectBytesMax: MEBIBYTE });
    const { backend } = d;
    expect(isObjectStore(backend) && isStreamSource(backend) && isActorHost(backend)).toBe(true);
    const values = Float64Array.from({ length: 1000 }, (_, index) => index);
    expect(await backend.doPut('values', values)).toEqual({ bytes: expect.any(Number) });
    values.fill(0);
    const reference = new ObjectRef('values', 'native');
    expect(await d.value(task('sum'), reference, { references: ['values'] })).toBe(499_500);
    const stored = await d.run(task('giveBytes'), 5000, { output: 'reference' });
    expect(stored).toMatchObject({ status: 'ok-reference', bytes: expect.any(Number) });
    const object = (stored as { object: string }).object;
    expect(await backend.doGet(object)).toEqual(new Uint8Array(5000));
    await expect(backend.doPut('large', new Uint8Array(2 * MEBIBYTE))).rejects.toThrow(
      expect.objectContaining({ code: 'E_PAYLOAD_TOO_LARGE' }),
    );
    backend.doRelease(['values', object, 'never']);
    await expect(backend.doGet('values')).rejects.toThrow(expect.objectContaining({ code: 'E_OBJECT_LOST' }));
    expect(await d.run(task('sum'), reference, { references: ['values'] })).toMatchObject({
      status: 'refused',
      code: 'E_OBJECT_LOST',
    });
  });

  test('reading gives a copy', async () => {
    const { backend } = await start();
    await backend.doPut('o', Uint8Array.of(1, 2, 3));
    ((await backend.doGet('o')) as Uint8Array).fill(9);
    expect(await backend.doGet('o')).toEqual(Uint8Array.of(1, 2, 3));
  });
});

describe('actors', () => {
  const specification = (id: string, input: unknown) => ({
    id,
    definition: task('Tally'),
    input,
    options: { priority: 0, delivery: 'at-least-once', output: 'value' } as const,
  });
  const actor = (id: string, method: string) => ({ actor: { actor: id, method } });

  test('keep state, answer in order, and survive errors of their methods', async () => {
    const d = await start();
    await d.backend.doActorStart(specification('a', 10));
    const calls = [1, 2, 3].map((step) => d.submit(task('Tally'), step, actor('a', 'add')));
    const outcomes = await Promise.all(calls.map((call) => d.end(call)));
    expect(outcomes).toEqual([11, 13, 16].map((value) => ({ status: 'ok', value })));
    expect(await d.run(task('Tally'), 1, actor('a', 'toString'))).toMatchObject({ code: 'E_TASK_NOT_FOUND' });
    await expect(d.backend.doActorStart(specification('a', 1))).rejects.toThrow('lives already');
    await expect(d.backend.doActorStart(specification('b', -1))).rejects.toThrow('must not be negative');
    await d.backend.doActorStop('a');
    expect(await d.run(task('Tally'), 1, actor('a', 'add'))).toMatchObject({ status: 'refused' });
  });

  test('lose their open calls when their thread ends, and free their name', async () => {
    const d = await start({ actorsMax: 1 });
    await d.backend.doActorStart(specification('a', 0));
    await expect(d.backend.doActorStart(specification('b', 0))).rejects.toThrow('1 actors live already');
    const calls = [
      d.submit(task('Tally'), null, actor('a', 'exit')),
      d.submit(task('Tally'), 1, actor('a', 'add')),
    ];
    const outcomes = await Promise.all(calls.map((call) => d.end(call)));
    expect(outcomes).toMatchObject([
      { status: 'lost', started: 'yes' },
      { status: 'lost', started: 'no' },
    ]);
    await d.backend.doActorStart(specification('a', 5));
    expect(await d.value(task('Tally'), 1, actor('a', 'add'))).toBe(6);
  });

  test('stop under a call that never yields', async () => {
    const d = await start();
    await d.backend.doActorStart(specification('a', 0));
    const call = d.submit(task('Tally'), d.path(), actor('a', 'hold'));
    await d.backend.doActorStop('a');
    expect(await d.end(call)).toMatchObject({ status: 'lost' });
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
