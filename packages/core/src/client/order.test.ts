import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineTask } from '../define/index.js';
import { type ScriptedBackend, scriptedClient } from '../testing/index.js';
import type { SubmitOptions } from './types/index.js';

const echo = defineTask({ module: import.meta.url, export: 'echo', run: (input: unknown) => input });
const limited = defineTask({
  module: import.meta.url,
  export: 'limited',
  workload: 'batch',
  run: (input: unknown) => input,
});

const inputsOf = (backend: ScriptedBackend) => backend.submitted.map(({ input }) => input);

describe('priority', () => {
  it('lets the more urgent into the window first, equals in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        async (priorities, windowTasks) => {
          const { backend, client, clock } = scriptedClient({ backend: { windowTasks } });
          priorities.forEach((priority, index) => {
            client.submit(echo, { priority, index }, { priority });
          });
          while (backend.submitted.length < priorities.length) {
            await clock.drain();
            if (backend.open[0] !== undefined) backend.ok(0, backend.open[0]);
          }
          const expected = priorities
            .map((priority, index) => ({ priority, index }))
            .sort((left, right) => right.priority - left.priority || left.index - right.index);
          expect(inputsOf(backend)).toEqual(expected);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('lets an urgent newcomer overtake what waits', async () => {
    const { backend, client, clock } = scriptedClient({ backend: { windowTasks: 1 } });
    for (const name of ['a', 'b', 'c']) client.submit(echo, name);
    await clock.drain();
    client.submit(echo, 'urgent', { priority: 5 });
    for (let turn = 0; turn < 4; turn++) {
      await clock.drain();
      backend.ok();
    }
    expect(inputsOf(backend)).toEqual(['a', 'urgent', 'b', 'c']);
  });

  it('warns when the backend ignores it', async () => {
    const { backend, client, clock } = scriptedClient({
      backend: { features: { priority: { level: 'absent', reason: 'its broker has no priorities' } } },
    });
    backend.onSubmit = (envelope) => backend.ok(0, envelope);
    const outcome = await clock.drive(client.submit(echo, 1, { priority: 3 }).outcome());
    expect(outcome.warnings).toEqual([
      {
        type: 'unsupported',
        subject: 'priority',
        backend: 'scripted',
        message: 'scripted ignored priority: its broker has no priorities.',
      },
    ]);
    expect((await clock.drive(client.submit(echo, 1).outcome())).warnings).toEqual([]);
  });
});

describe('an earliest start', () => {
  it('holds a task back, by span or by wall clock, the later one', async () => {
    const { backend, client, clock } = scriptedClient();
    const notBeforeMs = clock.wallMs() + 5000;
    const delays: [string, Pick<SubmitOptions, 'delayMs' | 'notBeforeMs'>][] = [
      ['wall', { notBeforeMs }],
      ['span', { delayMs: 1000 }],
      ['both', { notBeforeMs, delayMs: 9000 }],
      ['past', { notBeforeMs: clock.wallMs() - 1 }],
    ];
    for (const [name, options] of delays) client.submit(echo, name, options);
    const at: Record<string, number> = {};
    backend.onSubmit = ({ input }) => {
      at[input as string] = clock.nowMs();
    };
    await clock.advance(20_000);
    expect(at).toEqual({ past: 0, span: 1000, wall: 5000, both: 9000 });
  });

  it('does not make the task miss its timeouts', async () => {
    const { backend, client, clock } = scriptedClient();
    const handle = client.submit(echo, 1, { delayMs: 48 * 3_600_000 });
    await clock.advance(48 * 3_600_000);
    backend.ok('two days later');
    expect(await handle.outcome()).toMatchObject({ status: 'ok', elapsedMs: 48 * 3_600_000 });
  });

  it('can be years away without a timer overflowing', async () => {
    const { backend, client, clock } = scriptedClient();
    client.submit(echo, 1, { delayMs: 2 ** 33 });
    await clock.advance(2 ** 33 - 1);
    expect(backend.submitted.length).toBe(0);
    await clock.advance(1);
    expect(backend.submitted.length).toBe(1);
  });
});

describe('a rate limit', () => {
  it('lets through at most its burst and its rate, in any span of time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 10 }),
        fc.array(fc.nat(500), { minLength: 1, maxLength: 60 }),
        async (perSecond, burst, gaps) => {
          const { backend, client, clock } = scriptedClient({
            limits: { definitionRates: { limited: { perSecond, burst } } },
          });
          const at: number[] = [];
          backend.onSubmit = () => at.push(clock.nowMs());
          for (const gap of gaps) {
            client.submit(limited, 1);
            await clock.advance(gap);
          }
          await clock.advance((gaps.length / perSecond) * 1000 + 1000);
          expect(at.length).toBe(gaps.length);
          at.forEach((from, first) => {
            at.slice(first).forEach((to, offset) => {
              expect(offset + 1).toBeLessThanOrEqual(burst + ((to - from) / 1000) * perSecond + 1e-3);
            });
          });
        },
      ),
      { numRuns: 25 },
    );
  });

  it('is of a definition or a workload, and both count', async () => {
    const { backend, client, clock } = scriptedClient({
      limits: {
        definitionRates: { limited: { perSecond: 10, burst: 3 } },
        workloadRates: { batch: { perSecond: 1, burst: 2 } },
      },
    });
    for (let index = 0; index < 4; index++) client.submit(limited, index);
    for (let index = 0; index < 4; index++) client.submit(echo, `free ${index}`);
    await clock.drain();
    expect(inputsOf(backend)).toEqual([0, 1, 'free 0', 'free 1', 'free 2', 'free 3']);
    await clock.advance(1000);
    expect(inputsOf(backend).slice(6)).toEqual([2]);
    await clock.advance(1000);
    expect(inputsOf(backend).slice(6)).toEqual([2, 3]);
  });

  it('lets the more urgent go first, and forgets what was cancelled', async () => {
    const { backend, client, clock } = scriptedClient({
      limits: { definitionRates: { limited: { perSecond: 1, burst: 1 } } },
    });
    client.submit(limited, 'first');
    client.submit(limited, 'second');
    const gone = client.submit(limited, 'gone');
    client.submit(limited, 'urgent', { priority: 9 });
    expect(await gone.cancel()).toBe('cancelled');
    await clock.advance(5000);
    expect(inputsOf(backend)).toEqual(['first', 'urgent', 'second']);
    for (const envelope of [...backend.open]) backend.ok(0, envelope);
    await clock.drain();
    expect(clock.pendingTimers).toBe(0);
  });

  it('times tasks out that wait too long for it', async () => {
    const { client, clock } = scriptedClient({
      limits: { definitionRates: { limited: { perSecond: 0.001, burst: 1 } } },
    });
    client.submit(limited, 1);
    const second = client.submit(limited, 2, { timeouts: { scheduleToStartMs: 100 } });
    await clock.advance(100);
    expect(await second.outcome()).toMatchObject({ status: 'timeout', timeout: 'schedule-to-start' });
  });
});
