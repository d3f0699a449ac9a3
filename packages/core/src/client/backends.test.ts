import { describe, expect, it } from 'vitest';
import type { BackendV1 } from '../contract/index.js';
import { definePythonTask, defineTask, type StandardSchema } from '../define/index.js';
import { AnantError } from '../error/index.js';
import { ScriptedBackend, scriptedClient, VirtualClock } from '../testing/index.js';
import { connect } from './connect.js';
import type { ConnectOptions } from './types/index.js';

const module = import.meta.url;
const echo = defineTask({ module, export: 'echo', workload: 'work', run: (input: unknown) => input });
const anything: StandardSchema = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
};
const python = definePythonTask({ target: 'm:f', input: anything, output: anything, workload: 'work' });

/** Two backends, `first` preferred; both answer at once unless told otherwise. */
function pair(options: Partial<ConnectOptions> = {}) {
  const clock = new VirtualClock();
  const first = new ScriptedBackend({ id: 'first' });
  const second = new ScriptedBackend({ id: 'second', features: { 'task.python': { level: 'native' } } });
  for (const backend of [first, second]) backend.onSubmit = (envelope) => backend.ok(backend.id, envelope);
  const client = connect({
    backends: { first, second },
    workloads: { work: { primary: ['first'], secondary: ['second'], fallback: 'allow' } },
    clock,
    ...options,
  });
  const run = (more = {}) => clock.drive(client.submit(echo, 1, more).outcome());
  return { clock, first, second, client, run };
}

describe('starting', () => {
  it('waits for the first need, and is shared by everyone in need', async () => {
    const { backend, client, clock } = scriptedClient();
    let ready: () => void = () => {};
    backend.onStart = () =>
      new Promise<void>((resolve) => {
        ready = resolve;
      });
    await clock.drain();
    expect(backend.starts).toBe(0);
    const handles = [client.submit(echo, 1), client.submit(echo, 2)];
    await clock.drain();
    expect([backend.starts, backend.submitted.length]).toEqual([1, 0]);
    expect((await client.health()).backends.scripted).toMatchObject({ phase: 'starting', waitingTasks: 2 });
    ready();
    await clock.drain();
    expect([backend.starts, backend.submitted.length]).toEqual([1, 2]);
    for (const envelope of [...backend.open]) backend.ok(0, envelope);
    await Promise.all(handles.map((handle) => handle.result()));
  });

  it('has a deadline; its tasks go to the next backend, with a warning', async () => {
    const { first, second, run, clock } = pair({ limits: { startTimeoutMs: 5000 } });
    first.onStart = () => new Promise(() => {});
    const outcome = await run();
    expect(clock.nowMs()).toBe(5000);
    expect(outcome).toMatchObject({ status: 'ok', value: 'second', backend: 'second', attempts: 1 });
    expect(outcome.warnings).toMatchObject([{ type: 'fallback', subject: 'backend', backend: 'second' }]);
    expect(outcome.warnings[0]!.message).toContain('did not start within 5000 ms');
    expect([first.submitted.length, second.submitted.length]).toEqual([0, 1]);
    expect(first.stops).toEqual([0]);
  });

  it('that fails is the error of the tasks, when nobody else may take them', async () => {
    const { first, client, clock } = pair();
    first.onStart = () => {
      throw new AnantError('E_ENGINE_NOT_INSTALLED', 'Ray is not installed.', { advice: 'anant setup ray' });
    };
    const handles = [1, 2].map((input) => client.submit(echo, input, { backend: 'first' }));
    const outcomes = await clock.drive(Promise.all(handles.map((handle) => handle.outcome())));
    for (const [index, outcome] of outcomes.entries()) {
      expect(outcome).toMatchObject({
        status: 'app-error',
        error: {
          code: 'E_ENGINE_NOT_INSTALLED',
          message: 'Ray is not installed.',
          advice: 'anant setup ray',
        },
        attempts: 0,
      });
      const error = outcome.status === 'app-error' ? (outcome.error as AnantError) : undefined;
      expect(error?.details.task).toBe(handles[index]!.id);
      expect(error?.details.outcome).toBe(outcome);
    }
  });

  it('that fails once is not tried for every task; a factory gets another chance later', async () => {
    let made = 0;
    let isBroken = true;
    const factory = (): BackendV1 => {
      made += 1;
      const backend = new ScriptedBackend({ id: 'first' });
      backend.onStart = () => {
        if (isBroken) throw new Error('not yet');
      };
      backend.onSubmit = (envelope) => backend.ok(`first ${made}`, envelope);
      return backend;
    };
    const second = new ScriptedBackend({ id: 'second' });
    second.onSubmit = (envelope) => second.ok('second', envelope);
    const { run, clock, client } = pair({ backends: { first: factory, second } });
    expect(await run()).toMatchObject({ value: 'second' });
    expect(made).toBe(1);
    expect(await run()).toMatchObject({ value: 'second' });
    expect(made).toBe(1);
    expect(client.explain(echo).rejected[0]).toMatchObject({ backend: 'first', code: 'unhealthy' });
    expect((await client.health()).backends.first).toMatchObject({ phase: 'failed', breaker: 'open' });
    isBroken = false;
    await clock.advance(10_000);
    expect(await run()).toMatchObject({ value: 'first 2', warnings: [] });
    expect(made).toBe(2);
  });

  it('that failed is final for an instance', async () => {
    const { first, run, clock, client } = pair();
    first.onStart = () => {
      throw new Error('broken for good');
    };
    await run();
    await clock.advance(60_000);
    expect(await run()).toMatchObject({ value: 'second' });
    expect(first.starts).toBe(1);
    expect(() => client.submit(echo, 1, { backend: 'first' })).toThrow('broken for good');
  });
});

describe('a backend that cannot be used', () => {
  it('speaks another version of the contract: refused with both versions and the command', () => {
    const future = Object.assign(new ScriptedBackend({ id: 'ray' }), { spec: 'backend/v2' });
    const options = { backends: { ray: future as unknown as BackendV1 } };
    const error = grab(() => connect(options));
    expect(error).toMatchObject({
      code: 'E_BACKEND_SPEC',
      details: { expected: 'backend/v1', got: 'backend/v2' },
    });
    expect(error.advice).toContain('npm install @anant/core@latest @anant/backend-ray@latest');
    const lazy = connect({ backends: { ray: () => future as unknown as BackendV1 } });
    expect(grab(() => lazy.submit(echo, 1, { backend: 'ray' }))).toMatchObject({ code: 'E_BACKEND_SPEC' });
  });

  it('is named otherwise, is missing altogether, or cannot be made', () => {
    expect(grab(() => connect({ backends: { dask: new ScriptedBackend() } }))).toMatchObject({
      code: 'E_CONFIG_INVALID',
    });
    expect(grab(() => connect({ backends: {} }))).toMatchObject({ code: 'E_CONFIG_INVALID' });
    const client = connect({
      backends: {
        dask: () => {
          throw new AnantError('E_BACKEND_NOT_INSTALLED', 'Install @anant/backend-dask.');
        },
      },
    });
    expect(grab(() => client.submit(echo, 1, { backend: 'dask' }))).toMatchObject({
      code: 'E_BACKEND_NOT_INSTALLED',
    });
  });

  it('has limits that make no sense', () => {
    const backends = { scripted: new ScriptedBackend() };
    for (const limits of [{ openTasksMax: 0 }, { retryRatio: -1 }, { closeGraceMs: Number.NaN }]) {
      expect(grab(() => connect({ backends, limits }))).toMatchObject({ code: 'E_CONFIG_INVALID' });
    }
    const rates = { definitionRates: { echo: { perSecond: 0 } } };
    expect(grab(() => connect({ backends, limits: rates }))).toMatchObject({ code: 'E_CONFIG_INVALID' });
  });
});

describe('routing', () => {
  it('takes the secondary when the primary lacks what the task needs, and says so', async () => {
    const { client, clock } = pair();
    const outcome = await clock.drive(client.submit(python, 1).outcome());
    expect(outcome).toMatchObject({ status: 'ok', backend: 'second' });
    expect(outcome.warnings).toMatchObject([{ type: 'fallback', backend: 'second' }]);
  });

  it('can be pinned, forbidden or kept from falling back, per call', async () => {
    const { run, client } = pair();
    expect(await run({ backend: 'second' })).toMatchObject({ value: 'second', warnings: [] });
    expect(await run({ forbid: ['first'] })).toMatchObject({ value: 'second' });
    expect(grab(() => client.submit(python, 1, { fallback: 'forbid' }))).toBeInstanceOf(AnantError);
    expect(client.explain(echo)).toMatchObject({ backend: 'first', tier: 'primary' });
  });

  it('gives a refused task to the next backend, and ends it with the refusal when there is none', async () => {
    const { first, second, run } = pair();
    first.onSubmit = (envelope) =>
      first.end({ status: 'refused', code: 'E_PAYLOAD_TOO_LARGE', reason: 'too much' }, envelope);
    const outcome = await run();
    expect(outcome).toMatchObject({ status: 'ok', value: 'second', attempts: 2 });
    expect(outcome.warnings).toMatchObject([
      { type: 'fallback', message: expect.stringContaining('too much') },
    ]);
    second.onSubmit = (envelope) =>
      second.end(
        { status: 'refused', code: 'E_TASK_NOT_FOUND', reason: 'no such task', advice: 'deploy it' },
        envelope,
      );
    expect(await run()).toMatchObject({
      status: 'app-error',
      attempts: 2,
      error: { code: 'E_TASK_NOT_FOUND', message: 'no such task', advice: 'deploy it' },
    });
    expect(await run({ backend: 'first' })).toMatchObject({
      status: 'app-error',
      attempts: 1,
      error: { code: 'E_PAYLOAD_TOO_LARGE' },
    });
  });

  it('does not count refusals as retries', async () => {
    const { first, second, run } = pair();
    first.onSubmit = (envelope) => first.end({ status: 'refused', code: 'E_X', reason: 'no' }, envelope);
    let losses = 0;
    second.onSubmit = (envelope) => (losses++ < 2 ? second.lose(envelope) : second.ok('third', envelope));
    expect(await run()).toMatchObject({ status: 'ok', value: 'third', attempts: 4 });
  });

  it('opens the breaker of a backend that says it cannot be reached', async () => {
    const { first, run, client, clock } = pair({ limits: { breakerFailures: 2, breakerOpenMs: 1000 } });
    first.onSubmit = (envelope) =>
      first.end({ status: 'refused', code: 'E_ENGINE_UNREACHABLE', reason: 'no broker' }, envelope);
    await run();
    await run();
    expect(first.submitted.length).toBe(2);
    expect(await run()).toMatchObject({ value: 'second' });
    expect(first.submitted.length).toBe(2);
    expect((await client.health()).backends.first).toMatchObject({ breaker: 'open' });
    await clock.advance(1000);
    await run();
    expect(first.submitted.length).toBe(3);
  });
});

describe('health', () => {
  it('tells what every backend says, and why one says nothing', async () => {
    const { first, second, run, client, clock } = pair();
    expect((await client.health()).backends).toMatchObject({
      first: { phase: 'idle', breaker: 'closed' },
      second: { phase: 'idle' },
    });
    await run();
    await run({ backend: 'second' });
    first.onHealth = () => new Promise(() => {});
    second.onHealth = () => ({ state: 'degraded', reason: 'slow', epoch: 3, slots: 2, openTasks: 0 });
    const asked = client.health();
    await clock.advance(5000);
    expect(await asked).toMatchObject({
      state: 'open',
      openTasks: 0,
      backends: {
        first: { phase: 'ready', reason: 'it did not say how it is within 5000 ms' },
        second: { health: { state: 'degraded', reason: 'slow', epoch: 3 } },
      },
    });
  });
});

function grab(run: () => unknown): AnantError {
  try {
    run();
  } catch (error) {
    return error as AnantError;
  }
  throw new Error('Nothing was thrown.');
}
