import { describe, expect, it } from 'vitest';
import { ObjectRef } from '../contract/index.js';
import { definePythonTask, defineTask, type StandardSchema } from '../define/index.js';
import { AnantError } from '../error/index.js';
import { memoryBackend, scriptedClient } from '../testing/index.js';
import { connect } from './connect.js';
import type { Client, ClientLimits, ConnectOptions } from './types/index.js';

const module = import.meta.url;
const echo = defineTask({ module, export: 'echo', run: (input: unknown) => input });
const fail = defineTask({
  module,
  export: 'fail',
  run: (message: string): number => {
    throw new RangeError(message, { cause: new TypeError('the cause') });
  },
});

function memoryClient(options: Partial<ConnectOptions> = {}): Client {
  return connect({ backends: { memory: memoryBackend() }, defaults: { backend: 'memory' }, ...options });
}

const scripted = (limits: ClientLimits = {}) => scriptedClient({ limits });

describe('submit', () => {
  it('runs a task and says how it ended', async () => {
    const client = memoryClient();
    const handle = client.submit(echo, { a: [1, 2n, new Date(5)] });
    expect(await handle.result()).toEqual({ a: [1, 2n, new Date(5)] });
    const outcome = await handle.outcome();
    expect(outcome).toMatchObject({ status: 'ok', backend: 'memory', attempts: 1, warnings: [] });
    expect(outcome.elapsedMs).toBeGreaterThanOrEqual(0);
    await client.close();
  });

  it('rejects with an error that carries the outcome, the remote type and the chain of causes', async () => {
    const client = memoryClient();
    const handle = client.submit(fail, 'broken');
    const error = await handle.result().catch((thrown: AnantError) => thrown);
    expect(error).toBeInstanceOf(AnantError);
    expect(error).toMatchObject({
      code: 'E_APP_ERROR',
      message: 'broken',
      details: { type: 'RangeError' },
      cause: { message: 'the cause', details: { type: 'TypeError' } },
    });
    expect((error as AnantError).details.outcome).toBe(await handle.outcome());
    expect(JSON.stringify(error)).not.toContain('elapsedMs');
    await client.close();
  });

  it('does not share what it passes on with the task', async () => {
    const client = memoryClient();
    const change = defineTask({
      module,
      export: 'change',
      run: (input: { list: number[] }) => {
        input.list.push(99);
        return input;
      },
    });
    const input = { list: [1] };
    expect(await client.run(change, input)).toEqual({ list: [1, 99] });
    expect(input).toEqual({ list: [1] });
    await client.close();
  });

  it('submits everything of one moment as one batch, in order', async () => {
    const { backend, clock, client } = scripted();
    const handles = Array.from({ length: 50 }, (_, index) => client.submit(echo, index));
    await clock.drain();
    expect(backend.batches).toEqual([50]);
    expect(backend.submitted.map(({ input }) => input)).toEqual(handles.map((_, index) => index));
    expect(new Set(backend.submitted.map(({ id }) => id)).size).toBe(50);
  });

  it('keeps no more open than the window, however many are submitted', async () => {
    const { backend, clock, client } = scriptedClient({ backend: { windowTasks: 3 } });
    for (let index = 0; index < 10; index++) client.submit(echo, index);
    await clock.drain();
    expect(backend.open.length).toBe(3);
    backend.ok(0, backend.open[0]!);
    await clock.drain();
    expect(backend.open.map(({ input }) => input)).toEqual([1, 2, 3]);
  });
});

describe('what is not accepted', () => {
  it('is a value that cannot travel, by path', () => {
    const { client } = scripted();
    const thrown = grab(() => client.submit(echo, { rows: [{ when: () => 0 }] }));
    expect(thrown).toMatchObject({ code: 'E_VALUE_NOT_PORTABLE', details: { path: 'input.rows[0].when' } });
    expect(grab(() => client.submit(echo, { rows: [() => 0, client.submit(echo, 1)] }))).toMatchObject({
      code: 'E_VALUE_NOT_PORTABLE',
    });
  });

  it('is an input against its schema, by path', async () => {
    const schema: StandardSchema<{ n: number }> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => {
          const { n } = value as { n: unknown };
          return typeof n === 'number'
            ? { value: { n } }
            : { issues: [{ message: 'must be a number', path: ['n', { key: 0 }] }] };
        },
      },
    };
    const task = definePythonTask({ target: 'm:f', input: schema, output: schema });
    const { backend, clock, client } = scriptedClient({
      backend: { features: { 'task.python': { level: 'native' } } },
    });
    const thrown = grab(() => client.submit(task, { n: 'x' as unknown as number }));
    expect(thrown).toMatchObject({ code: 'E_INPUT_INVALID', details: { path: 'input.n[0]' } });
    expect(thrown.message).toContain('input.n[0]: must be a number');
    const bad = client.submit(task, { n: 1 });
    await clock.drain();
    backend.ok({ n: 'no' });
    expect(await bad.outcome()).toMatchObject({ status: 'app-error', error: { code: 'E_OUTPUT_INVALID' } });
    const good = client.submit(task, { n: 1, extra: true } as { n: number });
    await clock.drain();
    expect(backend.last.input).toEqual({ n: 1 });
    backend.ok({ n: 2 });
    expect(await good.result()).toEqual({ n: 2 });
  });

  it('is an option that is misspelt or impossible', () => {
    const { client } = scripted();
    const wrong: [Record<string, unknown>, string][] = [
      [{ prioritaet: 1 }, 'prioritaet'],
      [{ priority: 1.5 }, 'priority'],
      [{ priority: 5000 }, 'priority'],
      [{ timeouts: { startToClose: 5 } }, 'timeouts.startToClose'],
      [{ timeouts: { scheduleToCloseMs: Number.POSITIVE_INFINITY } }, 'timeouts.scheduleToCloseMs'],
      [{ retry: { attempts: 0 } }, 'retry.attempts'],
      [{ retry: { on: ['cancelled'] } }, 'retry.on'],
      [{ cancel: { how: 'murder' } }, 'cancel.how'],
      [{ id: 'a b' }, 'id'],
      [{ id: 'x'.repeat(129) }, 'id'],
      [{ delivery: 'exactly-once' }, 'delivery'],
      [{ resources: { cpu: -1 } }, 'resources.cpu'],
      [{ resources: { custom: { licences: Number.NaN } } }, 'resources.custom'],
      [{ resources: { memory: 1 } }, 'resources.memory'],
      [{ require: ['telepathy'] }, 'require'],
      [{ signal: {} }, 'signal'],
    ];
    for (const [options, path] of wrong) {
      expect(grab(() => client.submit(echo, 1, options as never))).toMatchObject({
        code: 'E_TASK_INVALID',
        details: { path },
      });
    }
  });

  it('is a task that no backend can take', () => {
    const { client } = scripted();
    const none = definePythonTask({ target: 'm:f', input: anything, output: anything });
    expect(grab(() => client.submit(none, 1))).toMatchObject({ code: 'E_CAPABILITY_MISSING' });
    expect(grab(() => client.submit(echo, 1, { backend: 'mars' }))).toBeInstanceOf(AnantError);
  });

  it('is one task too many', async () => {
    const { backend, clock, client } = scripted({ openTasksMax: 3 });
    for (let index = 0; index < 3; index++) client.submit(echo, index);
    expect(grab(() => client.submit(echo, 4))).toMatchObject({ code: 'E_QUEUE_FULL', retryable: true });
    await clock.drain();
    backend.ok();
    client.submit(echo, 5);
  });

  it('is a task whose signal is aborted already', () => {
    const { client } = scripted();
    const signal = AbortSignal.abort(new Error('too late'));
    expect(grab(() => client.submit(echo, 1, { signal }))).toMatchObject({
      code: 'E_CANCELLED',
      cause: { message: 'too late' },
    });
  });

  it('is anything after close', async () => {
    const { client } = scripted();
    await client.close();
    expect(grab(() => client.submit(echo, 1))).toMatchObject({ code: 'E_BACKEND_CLOSED' });
    await expect(client.run(echo, 1)).rejects.toMatchObject({ code: 'E_BACKEND_CLOSED' });
    await expect(client.map(echo, [1])).rejects.toMatchObject({ code: 'E_BACKEND_CLOSED' });
    await expect(client.put(1)).rejects.toMatchObject({ code: 'E_BACKEND_CLOSED' });
  });
});

describe('an id that is given', () => {
  it('is one task for equal contents, open or ended', async () => {
    const { backend, clock, client } = scripted();
    const first = client.submit(echo, { a: 1, b: [new Float64Array([1])] }, { id: 'job-1' });
    const again = client.submit(echo, { b: [new Float64Array([1])], a: 1 }, { id: 'job-1' });
    expect(again).toBe(first);
    await clock.drain();
    expect(backend.submitted.length).toBe(1);
    backend.ok('done');
    expect(await first.result()).toBe('done');
    expect(client.submit(echo, { a: 1, b: [new Float64Array([1])] }, { id: 'job-1' })).toBe(first);
    await clock.drain();
    expect(backend.submitted.length).toBe(1);
  });

  it('is refused for other contents', async () => {
    const { backend, clock, client } = scripted();
    client.submit(echo, { a: 1 }, { id: 'job' });
    const different = [{ a: 2 }, { a: 1n }, { a: '1' }, { a: 1, b: undefined }, [1], new ObjectRef('a', 'b')];
    for (const input of different) {
      expect(grab(() => client.submit(echo, input, { id: 'job' }))).toMatchObject({
        code: 'E_TASK_DUPLICATE',
      });
    }
    const other = defineTask({ module, export: 'other', run: (input: unknown) => input });
    expect(grab(() => client.submit(other, { a: 1 }, { id: 'job' }))).toMatchObject({
      code: 'E_TASK_DUPLICATE',
    });
    await clock.drain();
    backend.ok();
    expect(grab(() => client.submit(echo, { a: 2 }, { id: 'job' }))).toMatchObject({
      code: 'E_TASK_DUPLICATE',
    });
  });

  it('also finds a task whose id was made up', () => {
    const { client } = scripted();
    const handle = client.submit(echo, 7);
    expect(client.submit(echo, 7, { id: handle.id })).toBe(handle);
    expect(grab(() => client.submit(echo, 8, { id: handle.id }))).toMatchObject({ code: 'E_TASK_DUPLICATE' });
  });

  it('is forgotten after the stated time and number', async () => {
    const { backend, clock, client } = scripted({ dedupMs: 1000, dedupTasksMax: 2 });
    backend.onSubmit = (envelope) => backend.ok('x', envelope);
    const first = client.submit(echo, 1, { id: 'one' });
    await clock.drain();
    await clock.advance(999);
    expect(client.submit(echo, 1, { id: 'one' })).toBe(first);
    await clock.advance(1);
    expect(client.submit(echo, 1, { id: 'one' })).not.toBe(first);
    await clock.drain();
    client.submit(echo, 1, { id: 'two' });
    client.submit(echo, 1, { id: 'three' });
    await clock.drain();
    expect(backend.submitted.length).toBe(4);
    client.submit(echo, 1, { id: 'one' });
    await clock.drain();
    expect(backend.submitted.length).toBe(5);
  });
});

describe('events', () => {
  it('tell what happens, for as long as someone listens', async () => {
    const { backend, clock, client } = scripted();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of client.events()) {
        seen.push(event.type);
        if (event.type === 'task-end') break;
      }
    })();
    client.submit(echo, 1);
    await clock.drain();
    backend.start();
    const { id, attempt } = backend.last;
    backend.emit({ type: 'task-progress', id, attempt, done: 1, total: 2 });
    backend.ok();
    await reading;
    expect(seen).toEqual(['task-submit', 'backend-start', 'task-start', 'task-progress', 'task-end']);
  });

  it('say how many were dropped when the reader is too slow', async () => {
    const { backend, clock, client } = scripted();
    backend.onSubmit = (envelope) => backend.ok(0, envelope);
    const iterator = client.events()[Symbol.asyncIterator]();
    for (let index = 0; index < 6000; index++) client.submit(echo, index);
    await clock.drain();
    const first = await iterator.next();
    expect(first.value).toMatchObject({ type: 'events-drop', count: 2001 });
    await iterator.return?.();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('end with their signal', async () => {
    const { client } = scripted();
    const controller = new AbortController();
    const iterator = client.events({ signal: controller.signal })[Symbol.asyncIterator]();
    const next = iterator.next();
    controller.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });
});

describe('progress', () => {
  it('starts with the latest report and ends with the task', async () => {
    const { backend, clock, client } = scripted();
    const handle = client.submit(echo, 1);
    await clock.drain();
    const { id, attempt } = backend.last;
    backend.emit({ type: 'task-progress', id, attempt, done: 1, total: 3 });
    backend.emit({ type: 'task-progress', id, attempt, done: 2, total: 3, note: 'two' });
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const progress of handle.progress()) seen.push(progress);
    })();
    await clock.drain();
    backend.emit({ type: 'task-progress', id, attempt, done: 3, total: 3 });
    backend.ok();
    await reading;
    expect(seen).toEqual([
      { done: 2, total: 3, note: 'two' },
      { done: 3, total: 3 },
    ]);
    for await (const progress of handle.progress()) expect(progress).toEqual({ done: 3, total: 3 });
  });
});

const anything: StandardSchema = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
};

function grab(run: () => unknown): AnantError {
  try {
    run();
  } catch (error) {
    return error as AnantError;
  }
  throw new Error('Nothing was thrown.');
}
