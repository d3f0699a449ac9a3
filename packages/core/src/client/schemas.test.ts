import { describe, expect, it } from 'vitest';
import { definePythonTask, type StandardSchema } from '../define/index.js';
import { scriptedClient } from '../testing/index.js';
import { definePythonActor } from './actor/define-actor.js';

const PYTHON = { features: { 'task.python': { level: 'native' } } } as const;

/** Doubles even numbers, refuses the others; takes its time when `after` is given. */
function even(after?: Promise<void>): StandardSchema<number> {
  const check = (value: unknown) =>
    typeof value === 'number' && value % 2 === 0
      ? { value: value * 2 }
      : { issues: [{ message: `${String(value)} is not even`, path: ['deep', 3] }] };
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => (after === undefined ? check(value) : after.then(() => check(value))),
    },
  };
}

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('asynchronous schemas', () => {
  it('hold a task back, and change its input', async () => {
    const { client, backend, clock } = scriptedClient({ backend: PYTHON });
    const { opened, open } = gate();
    const task = definePythonTask({ target: 'm:f', input: even(opened), output: even() });
    const good = client.submit(task, 4);
    const bad = client.submit(task, 5);
    await clock.drain();
    expect(backend.submitted).toEqual([]);
    open();
    await clock.drain();
    expect(backend.submitted.map(({ input }) => input)).toEqual([8]);
    expect(await bad.outcome()).toMatchObject({
      status: 'app-error',
      attempts: 0,
      error: { code: 'E_INPUT_INVALID', details: { path: 'input.deep[3]' } },
    });
    backend.ok(10);
    expect(await good.result()).toBe(20);
  });

  it('count against the timeouts of the task', async () => {
    const { client, clock } = scriptedClient({ backend: PYTHON });
    const never = new Promise<void>(() => {});
    const input = definePythonTask({ target: 'm:f', input: even(never), output: even() });
    const handle = client.submit(input, 4, { timeouts: { scheduleToCloseMs: 100 } });
    await clock.advance(100);
    expect(await handle.outcome()).toMatchObject({ status: 'timeout', timeout: 'schedule-to-close' });
  });

  it('of results hold the outcome back, after the place was freed', async () => {
    const { client, backend, clock } = scriptedClient({ backend: { ...PYTHON, windowTasks: 1 } });
    const { opened, open } = gate();
    const task = definePythonTask({ target: 'm:f', input: even(), output: even(opened) });
    const options = { timeouts: { startToCloseMs: 50, scheduleToCloseMs: 1000 } };
    const good = client.submit(task, 2, options);
    const bad = client.submit(task, 4, options);
    const late = client.submit(
      definePythonTask({ target: 'm:g', input: even(), output: even(new Promise(() => {})) }),
      2,
      options,
    );
    for (const value of [6, 7, 8]) {
      await clock.drain();
      backend.start();
      backend.ok(value);
    }
    await clock.advance(500);
    expect(await good.cancel()).toBe('already-done');
    open();
    expect(await good.result()).toBe(12);
    expect(await bad.outcome()).toMatchObject({ status: 'app-error', error: { code: 'E_OUTPUT_INVALID' } });
    await clock.advance(500);
    expect(await late.outcome()).toMatchObject({ status: 'timeout', timeout: 'schedule-to-close' });
  });

  it('validate what other tasks gave, once it is there', async () => {
    const { client, backend, clock } = scriptedClient({ backend: PYTHON });
    const anything: StandardSchema<number> = {
      '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as number }) },
    };
    const source = client.submit(definePythonTask({ target: 'm:f', input: anything, output: anything }), 1);
    const task = definePythonTask({ target: 'm:g', input: even(Promise.resolve()), output: anything });
    const sum = client.submit(task, source);
    await clock.drain();
    backend.ok(3);
    expect(await clock.drive(sum.outcome())).toMatchObject({
      status: 'app-error',
      error: { code: 'E_INPUT_INVALID' },
    });
  });

  it('that throw are an error like any other', async () => {
    const { client, backend, clock } = scriptedClient({ backend: PYTHON });
    const broken: StandardSchema<number> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => {
          throw new TypeError('a bug in the schema');
        },
      },
    };
    const handle = client.submit(definePythonTask({ target: 'm:f', input: even(), output: broken }), 2);
    await clock.drain();
    backend.ok(1);
    expect(await handle.outcome()).toMatchObject({
      status: 'app-error',
      error: { message: 'a bug in the schema' },
    });
  });
});

describe('what a backend cannot honour', () => {
  it('is a warning for each wish', async () => {
    const reason = 'it cannot';
    const absent = { level: 'absent', reason } as const;
    const { client, backend, clock } = scriptedClient({
      backend: {
        features: {
          ...PYTHON.features,
          resources: absent,
          placement: absent,
          'memory-limit': absent,
          'cancel.kill': absent,
          'timeout.heartbeat': absent,
          'timeout.start-to-close': absent,
          'timeout.schedule-to-start': absent,
        },
      },
    });
    const handle = client.submit(definePythonTask({ target: 'm:f', input: even(), output: even() }), 2, {
      resources: { memoryBytes: 5 },
      placement: { node: 'a' },
      cancel: { how: 'kill' },
      timeouts: { heartbeatMs: 1000, startToCloseMs: 1000, scheduleToStartMs: 1000 },
    });
    await clock.drain();
    const { id, attempt } = backend.last;
    backend.emit({
      type: 'task-end',
      id,
      attempt,
      outcome: { status: 'ok', value: 2 },
      warnings: [{ type: 'degraded', subject: 'progress', backend: 'scripted', message: 'it was lost' }],
    });
    const { warnings } = await handle.outcome();
    expect(warnings.map(({ type, subject }) => `${type} ${subject}`)).toEqual([
      'unsupported resources',
      'unsupported placement',
      'unsupported resources.memoryBytes',
      'unsupported cancel.how',
      'unsupported timeouts.heartbeatMs',
      'unsupported timeouts.startToCloseMs',
      'unsupported timeouts.scheduleToStartMs',
      'degraded progress',
    ]);
  });
});

describe('actors in Python', () => {
  it('are declared by import path', async () => {
    const { client, backend, clock } = scriptedClient({ backend: PYTHON });
    const started: unknown[] = [];
    Object.assign(backend, {
      doActorStart: async (specification: unknown) => started.push(specification),
      doActorStop: async () => {},
    });
    const model = definePythonActor({ target: 'shop.models:Ranker' });
    const actor = await clock.drive(
      client.actor(model, { layers: 2 }, { backend: 'scripted', name: 'ranker' }),
    );
    expect(started).toMatchObject([
      { id: 'ranker', definition: { kind: 'python', target: 'shop.models:Ranker' }, input: { layers: 2 } },
    ]);
    const answer = actor.call('rank', [1, 2]);
    await clock.drain();
    expect(backend.last).toMatchObject({ actor: { actor: 'ranker', method: 'rank' }, input: [1, 2] });
    backend.lose();
    expect(await answer.outcome()).toMatchObject({ status: 'lost', attempts: 1 });
  });
});
