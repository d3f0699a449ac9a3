import { describe, expect, it } from 'vitest';
import { defineTask } from '../define/index.js';
import { ScriptedBackend, VirtualClock } from '../testing/index.js';
import { connect } from './connect.js';
import type { ConnectOptions } from './types/index.js';

const echo = defineTask({
  module: import.meta.url,
  export: 'echo',
  workload: 'work',
  run: (input: unknown) => input,
});

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

describe('a backend that goes down', () => {
  it('is passed over, and used again when it is back', async () => {
    const { first, run } = pair();
    await run();
    first.state('down', 1, 'its process died');
    expect(await run()).toMatchObject({ value: 'second' });
    first.state('ready', 2);
    expect(await run()).toMatchObject({ value: 'first' });
  });

  it('is noticed by tasks that are submitted without options, too', async () => {
    const { first, client, clock } = pair();
    const run = () => clock.drive(client.run(echo, 1));
    expect(await run()).toBe('first');
    first.state('down', 1);
    expect(await run()).toBe('second');
    first.state('ready', 2);
    expect(await run()).toBe('first');
    const results = client.map(echo, [1, 2, 3], { concurrency: 1 });
    first.onSubmit = (envelope) => {
      first.onSubmit = () => {};
      first.ok('first', envelope);
      first.state('down', 2);
    };
    expect(await clock.drive(results)).toEqual(['first', 'second', 'second']);
  });

  it('keeps the tasks nobody else may take until it is back', async () => {
    const { first, client, clock } = pair();
    await clock.drive(client.run(echo, 0));
    first.state('down', 1);
    const handle = client.submit(echo, 1, { backend: 'first' });
    await clock.advance(20_000);
    expect(first.submitted.length).toBe(1);
    first.state('ready', 2);
    expect(await clock.drive(handle.result())).toBe('first');
  });

  it('gives them up after the grace', async () => {
    const { first, client, clock } = pair({ limits: { downGraceMs: 5000 } });
    await clock.drive(client.run(echo, 0));
    first.state('down', 1, 'its process died');
    const pinned = client.submit(echo, 1, { backend: 'first' });
    expect(await clock.drive(pinned.outcome())).toMatchObject({
      status: 'app-error',
      elapsedMs: 5000,
      error: { code: 'E_BACKEND_UNAVAILABLE', retryable: true },
    });
  });

  it('gives up tasks that come to it later, too: a retry does not wait for ever', async () => {
    const { first, client, clock } = pair({ limits: { downGraceMs: 1000 } });
    first.onSubmit = () => {};
    const handle = client.submit(echo, 1, {
      backend: 'first',
      retry: { backoffMs: 60_000, backoffMsMax: 60_000 },
    });
    await clock.drain();
    first.state('down', 1);
    first.lose();
    const outcome = await clock.drive(handle.outcome());
    expect(outcome).toMatchObject({
      status: 'lost',
      attempts: 1,
      error: { cause: { code: 'E_BACKEND_UNAVAILABLE' } },
    });
    expect(outcome.elapsedMs).toBeLessThan(62_000);
  });

  it('is made anew after the grace, when it comes from a function', async () => {
    const made: ScriptedBackend[] = [];
    const clock = new VirtualClock();
    const client = connect({
      backends: {
        first: () => {
          const backend = new ScriptedBackend({ id: 'first' });
          made.push(backend);
          return backend;
        },
      },
      defaults: { backend: 'first' },
      limits: { downGraceMs: 1000, breakerOpenMs: 500 },
      clock,
    });
    const handle = client.submit(echo, 1, { retry: { backoffMs: 5000, backoffMsMax: 5000, attempts: 5 } });
    await clock.drain();
    made[0]!.start();
    made[0]!.state('down', 1, 'its process died');
    await clock.advance(1000);
    expect(made[0]!.stops).toEqual([0]);
    await clock.advance(5000);
    expect(made.length).toBe(2);
    expect(made[1]!.last).toMatchObject({ id: handle.id, attempt: 2 });
    made[0]!.ok('of the old one', { ...made[0]!.last });
    made[1]!.ok('of the new one');
    expect(await handle.outcome()).toMatchObject({ status: 'ok', value: 'of the new one', attempts: 2 });
  });

  it('may be down from its start on', async () => {
    const { first, client, clock } = pair({ limits: { downGraceMs: 1000 } });
    first.onStart = ({ emit }) =>
      emit([{ type: 'backend-state', state: 'down', epoch: 1, reason: 'no workers' }]);
    const handle = client.submit(echo, 1, { backend: 'first' });
    expect(await clock.drive(handle.outcome())).toMatchObject({
      status: 'app-error',
      elapsedMs: 1000,
      error: { code: 'E_BACKEND_UNAVAILABLE' },
    });
  });

  it('loses attempts, which are tried again when it is back', async () => {
    const { first, client, clock } = pair();
    first.onSubmit = () => {};
    const handle = client.submit(echo, 1, { backend: 'first' });
    await clock.drain();
    first.state('down', 1);
    first.lose();
    await clock.advance(5000);
    expect(first.submitted.length).toBe(1);
    first.onSubmit = (envelope) => first.ok('resumed', envelope);
    first.state('ready', 2);
    expect(await clock.drive(handle.outcome())).toMatchObject({
      status: 'ok',
      value: 'resumed',
      attempts: 2,
    });
  });

  it('is not believed when its news is old', async () => {
    const { first, run, client } = pair();
    await run();
    first.state('ready', 5);
    first.state('down', 4);
    expect(await run()).toMatchObject({ value: 'first' });
    expect((await client.health()).backends.first).toMatchObject({ phase: 'ready' });
  });

  it('may throw where it must not: the batch is lost, nothing hangs', async () => {
    const { first, client, clock } = pair();
    first.doSubmit = () => {
      throw new Error('a bug');
    };
    const outcome = await clock.drive(client.submit(echo, 1, { backend: 'first' }).outcome());
    expect(outcome).toMatchObject({ status: 'lost', attempts: 3 });
  });
});
