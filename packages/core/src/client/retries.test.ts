import { describe, expect, it } from 'vitest';
import type { AttemptOutcome, Outcome } from '../contract/index.js';
import { defineTask } from '../define/index.js';
import { type ScriptedClient, type ScriptedClientOptions, scriptedClient } from '../testing/index.js';
import type { SubmitOptions } from './types/index.js';

const echo = defineTask({ module: import.meta.url, export: 'echo', run: (input: unknown) => input });
const LOST: AttemptOutcome = { status: 'lost', reason: 'its worker died', started: 'yes' };
const FAILED: AttemptOutcome = { status: 'app-error', error: { type: 'Error', message: 'broken' } };
const UNKNOWN: AttemptOutcome = { status: 'unknown', reason: 'the broker did not answer' };

/** Ends attempt after attempt with the next outcome of the script, the last one for ever. */
async function play(
  script: readonly AttemptOutcome[],
  options: Omit<SubmitOptions, 'output'> = {},
  bench: ScriptedClient = scriptedClient(),
): Promise<Outcome> {
  const { backend, client, clock } = bench;
  let turn = 0;
  backend.onSubmit = (envelope) => {
    backend.start(envelope);
    backend.end(script[Math.min(turn++, script.length - 1)]!, envelope);
  };
  return clock.drive(client.submit(echo, 1, options).outcome());
}

const OK: AttemptOutcome = { status: 'ok', value: 'done' };

describe('retries', () => {
  it('follow a loss by default, three attempts in all', async () => {
    expect(await play([LOST, LOST, OK])).toMatchObject({ status: 'ok', attempts: 3 });
    expect(await play([LOST])).toMatchObject({ status: 'lost', attempts: 3, error: { code: 'E_LOST' } });
  });

  it('follow an error of the task only when asked to', async () => {
    expect(await play([FAILED, OK])).toMatchObject({ status: 'app-error', attempts: 1 });
    const retry = { on: ['app-error' as const], attempts: 4 };
    expect(await play([FAILED, FAILED, OK], { retry })).toMatchObject({ status: 'ok', attempts: 3 });
    expect(await play([FAILED], { retry })).toMatchObject({ status: 'app-error', attempts: 4 });
    expect(await play([LOST, OK], { retry })).toMatchObject({ status: 'lost', attempts: 1 });
  });

  it('do not follow an error that says a retry cannot help', async () => {
    const final: AttemptOutcome = {
      status: 'app-error',
      error: { type: 'Error', message: 'no use', retryable: false },
    };
    expect(await play([final, OK], { retry: { on: ['app-error'] } })).toMatchObject({ attempts: 1 });
  });

  it('follow an unknown outcome only when asked to', async () => {
    expect(await play([UNKNOWN, OK])).toMatchObject({ status: 'unknown', attempts: 1 });
    const outcome = await play([UNKNOWN, OK], { retry: { on: ['unknown'] } });
    expect(outcome).toMatchObject({ status: 'ok', attempts: 2 });
  });

  it('pause longer and longer, with full jitter, within the ceiling', async () => {
    const bench = scriptedClient();
    const { backend, clock } = bench;
    const at: number[] = [];
    const handle = bench.client.submit(echo, 1, {
      retry: { attempts: 12, backoffMs: 100, backoffMsMax: 1000 },
    });
    backend.onSubmit = (envelope) => {
      at.push(clock.nowMs());
      backend.lose(envelope);
    };
    await clock.drive(handle.outcome());
    const pauses = at.slice(1).map((moment, index) => moment - at[index]!);
    expect(pauses.length).toBe(11);
    pauses.forEach((pause, index) => {
      expect(pause).toBeGreaterThanOrEqual(0);
      expect(pause).toBeLessThanOrEqual(Math.min(1000, 100 * 2 ** index));
    });
    expect(new Set(pauses).size).toBe(11);
    expect(Math.max(...pauses)).toBeGreaterThan(100);
  });

  it('are told as events', async () => {
    const bench = scriptedClient();
    const retries: unknown[] = [];
    void (async () => {
      for await (const event of bench.client.events()) if (event.type === 'task-retry') retries.push(event);
    })();
    await play([LOST, OK], {}, bench);
    expect(retries).toMatchObject([{ attempt: 1, reason: 'its worker died' }]);
  });

  it('are numbered, and what an older attempt says does not count', async () => {
    const { backend, client, clock } = scriptedClient();
    const handle = client.submit(echo, 1, { retry: { backoffMs: 0 } });
    await clock.drain();
    const first = backend.last;
    backend.lose(first);
    await clock.advance(1);
    const second = backend.last;
    expect([first.attempt, second.attempt]).toEqual([1, 2]);
    expect(second.id).toBe(first.id);
    backend.ok('of the first', first);
    backend.start(first);
    backend.ok('of the second', second);
    backend.ok('twice', second);
    expect(await handle.outcome()).toMatchObject({ status: 'ok', value: 'of the second', attempts: 2 });
  });
});

describe('at-most-once', () => {
  const once = {
    delivery: 'at-most-once',
    retry: { on: ['lost', 'app-error', 'unknown'] },
  } satisfies SubmitOptions;
  const lost = (started: 'no' | 'yes' | 'maybe'): AttemptOutcome => ({
    status: 'lost',
    reason: 'gone',
    started,
  });

  it('is never tried again once it may have run: nothing can be said then', async () => {
    for (const started of ['yes', 'maybe'] as const) {
      expect(await play([lost(started), OK], once)).toMatchObject({
        status: 'unknown',
        attempts: 1,
        error: { code: 'E_OUTCOME_UNKNOWN' },
      });
    }
    expect(await play([UNKNOWN, OK], once)).toMatchObject({ status: 'unknown', attempts: 1 });
    expect(await play([FAILED, OK], once)).toMatchObject({ status: 'app-error', attempts: 1 });
  });

  it('is tried again when it surely has not run', async () => {
    const { backend, client, clock } = scriptedClient();
    const handle = client.submit(echo, 1, once);
    await clock.drain();
    backend.lose(backend.last, 'no');
    await clock.advance(100);
    backend.ok('second');
    expect(await handle.outcome()).toMatchObject({ status: 'ok', attempts: 2 });
  });

  it('believes the start it saw more than the report of the loss', async () => {
    expect(await play([lost('no'), OK], once)).toMatchObject({ status: 'unknown', attempts: 1 });
  });
});

describe('the retry budget', () => {
  it('ends retries when the client has had too many of them, and says so', async () => {
    const bench = scriptedClient({ limits: { retryReserve: 2, retryRatio: 0 } });
    const retry = { attempts: 100, backoffMs: 0 };
    const outcome = await play([LOST], { retry }, bench);
    expect(outcome).toMatchObject({ status: 'lost', attempts: 3 });
    expect(outcome.warnings).toMatchObject([{ type: 'degraded', subject: 'retry' }]);
    expect(await play([LOST], { retry }, bench)).toMatchObject({ attempts: 1 });
  });

  it('is earned by traffic', async () => {
    const bench = scriptedClient({ limits: { retryReserve: 1, retryRatio: 1 } });
    for (let task = 0; task < 5; task++) {
      expect(await play([LOST, OK], {}, bench)).toMatchObject({ status: 'ok', attempts: 2 });
    }
  });

  it('keeps retries to a tenth of the traffic in an outage', async () => {
    const { backend, client, clock } = scriptedClient({
      limits: { retryReserve: 10 },
    } as ScriptedClientOptions);
    backend.onSubmit = (envelope) => backend.lose(envelope);
    const tasks = 5000;
    const outcomes = client.map(echo, []).then(async () => {
      const handles = Array.from({ length: tasks }, (_, index) => client.submit(echo, index));
      return Promise.all(handles.map((handle) => handle.outcome()));
    });
    await clock.drive(outcomes);
    expect(backend.submitted.length - tasks).toBeLessThanOrEqual(tasks * 0.1 + 10);
    expect(backend.submitted.length - tasks).toBeGreaterThan(0);
  });
});
