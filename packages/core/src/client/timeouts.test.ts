import { describe, expect, it } from 'vitest';
import { defineTask } from '../define/index.js';
import { type ScriptedClient, scriptedClient } from '../testing/index.js';
import { SCHEDULE_TO_CLOSE_MS_DEFAULT } from './submit/resolve-options.js';
import type { SubmitOptions } from './types/index.js';

const echo = defineTask({ module: import.meta.url, export: 'echo', run: (input: unknown) => input });
const KILLABLE = { features: { 'cancel.kill': { level: 'native' } } } as const;

async function submitted(
  options: Omit<SubmitOptions, 'output'>,
  bench: ScriptedClient = scriptedClient({ backend: KILLABLE }),
) {
  const handle = bench.client.submit(echo, 1, options);
  await bench.clock.drain();
  let hasEnded = false;
  void handle.outcome().then(() => {
    hasEnded = true;
  });
  return {
    ...bench,
    handle,
    /** Nothing at `ms - 1`, the timeout at `ms`. */
    async expectTimeout(timeout: string, ms: number) {
      await bench.clock.advance(ms - 1);
      expect(hasEnded).toBe(false);
      await bench.clock.advance(1);
      expect(await handle.outcome()).toMatchObject({
        status: 'timeout',
        timeout,
        elapsedMs: bench.clock.nowMs(),
      });
      await expect(handle.result()).rejects.toMatchObject({ code: 'E_TIMEOUT' });
    },
  };
}

describe('timeouts', () => {
  it('schedule-to-start: the task does not start in time', async () => {
    const { expectTimeout, backend } = await submitted({ timeouts: { scheduleToStartMs: 500 } });
    await expectTimeout('schedule-to-start', 500);
    expect(backend.cancelled).toMatchObject([{ attempt: 1, how: 'ask' }]);
  });

  it('schedule-to-start holds no more once it started, in whatever attempt', async () => {
    const { backend, clock, handle } = await submitted({ timeouts: { scheduleToStartMs: 500 } });
    backend.start();
    await clock.advance(400);
    backend.lose();
    await clock.advance(5000);
    expect(backend.submitted.length).toBe(2);
    backend.ok('late');
    expect(await handle.result()).toBe('late');
  });

  it('schedule-to-start holds while the task waits in the client', async () => {
    const bench = scriptedClient({ backend: { windowTasks: 1 } });
    bench.client.submit(echo, 'first');
    const { expectTimeout, backend } = await submitted({ timeouts: { scheduleToStartMs: 500 } }, bench);
    await expectTimeout('schedule-to-start', 500);
    expect(backend.submitted.length).toBe(1);
    expect(backend.cancelled).toEqual([]);
  });

  it('start-to-close: one attempt takes too long', async () => {
    const { expectTimeout, backend, clock } = await submitted({ timeouts: { startToCloseMs: 300 } });
    await clock.advance(10_000);
    backend.start();
    await expectTimeout('start-to-close', 300);
  });

  it('schedule-to-close: everything together takes too long, retries included', async () => {
    const { expectTimeout, backend, clock } = await submitted({
      timeouts: { scheduleToCloseMs: 1000 },
      retry: { attempts: 100, backoffMs: 0 },
    });
    await clock.advance(600);
    backend.start();
    backend.lose();
    await clock.drain();
    await expectTimeout('schedule-to-close', 400);
  });

  it('schedule-to-close has a default: nothing waits for ever', async () => {
    const { expectTimeout } = await submitted({});
    await expectTimeout('schedule-to-close', SCHEDULE_TO_CLOSE_MS_DEFAULT);
  });

  it('heartbeat: a running attempt is silent', async () => {
    const { expectTimeout, backend, clock } = await submitted({ timeouts: { heartbeatMs: 100 } });
    await clock.advance(1000);
    backend.start();
    const { id, attempt } = backend.last;
    for (let beat = 0; beat < 20; beat++) {
      await clock.advance(99);
      if (beat % 2 === 0) backend.emit({ type: 'task-heartbeat', id, attempt });
      else backend.emit({ type: 'task-progress', id, attempt, done: beat, total: 20 });
    }
    await expectTimeout('heartbeat', 100);
  });

  it('the one that is due first counts', async () => {
    const timeouts = { scheduleToStartMs: 50, startToCloseMs: 70, scheduleToCloseMs: 100, heartbeatMs: 80 };
    const { expectTimeout, backend, clock } = await submitted({ timeouts });
    await clock.advance(40);
    backend.start();
    await expectTimeout('schedule-to-close', 60);
  });

  it('count from the moment a delayed task may run', async () => {
    const { backend, clock, handle } = await submitted({
      delayMs: 10_000,
      timeouts: { scheduleToCloseMs: 100, scheduleToStartMs: 50 },
    });
    await clock.advance(9_999);
    expect(backend.submitted.length).toBe(0);
    await clock.advance(1);
    expect(backend.submitted.length).toBe(1);
    await clock.advance(50);
    expect(await handle.outcome()).toMatchObject({ status: 'timeout', elapsedMs: 10_050 });
  });

  it('ignore what the attempt says afterwards, and free its place when it ends', async () => {
    const bench = scriptedClient({ backend: { windowTasks: 1, ...KILLABLE } });
    const { backend, clock, handle } = await submitted({ timeouts: { startToCloseMs: 10 } }, bench);
    const envelope = backend.last;
    backend.start();
    await clock.advance(10);
    const next = bench.client.submit(echo, 'next');
    await clock.drain();
    expect(backend.submitted.length).toBe(1);
    backend.ok('too late', envelope);
    await clock.drain();
    expect(await handle.outcome()).toMatchObject({ status: 'timeout' });
    backend.ok('next');
    expect(await next.result()).toBe('next');
  });

  it('may be tried again, when the timeout is of an attempt', async () => {
    const { backend, clock, handle } = await submitted({
      timeouts: { startToCloseMs: 100 },
      retry: { attempts: 2, on: ['timeout'], backoffMs: 0 },
    });
    const first = backend.last;
    backend.start();
    await clock.advance(100);
    await clock.advance(1);
    expect(backend.last).toMatchObject({ id: first.id, attempt: 2 });
    backend.start();
    backend.ok('stale', first);
    await clock.drain();
    backend.ok('fresh');
    expect(await handle.outcome()).toMatchObject({ status: 'ok', value: 'fresh', attempts: 2 });
  });

  it('leave no timer behind', async () => {
    const { backend, clock, client } = scriptedClient();
    const handles = Array.from({ length: 100 }, (_, index) =>
      client.submit(echo, index, { timeouts: { heartbeatMs: 5 + index, startToCloseMs: 1000 } }),
    );
    await clock.drain();
    expect(clock.pendingTimers).toBe(1);
    for (const envelope of [...backend.open]) {
      backend.start(envelope);
      backend.ok(0, envelope);
    }
    await Promise.all(handles.map((handle) => handle.outcome()));
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('stopping what has timed out', () => {
  it('asks, waits for the grace, then kills', async () => {
    const { backend, clock } = await submitted({
      timeouts: { startToCloseMs: 10 },
      cancel: { graceMs: 200 },
    });
    backend.start();
    await clock.advance(10);
    expect(backend.cancelled.map(({ how }) => how)).toEqual(['ask']);
    await clock.advance(199);
    expect(backend.cancelled.length).toBe(1);
    await clock.advance(1);
    expect(backend.cancelled.map(({ how }) => how)).toEqual(['ask', 'kill']);
    backend.end({ status: 'cancelled', how: 'kill' });
    await clock.runUntilIdle();
    expect(backend.cancelled.length).toBe(2);
  });

  it('stops escalating when the attempt ends', async () => {
    const { backend, clock } = await submitted({ timeouts: { startToCloseMs: 10 } });
    backend.start();
    await clock.advance(10);
    backend.end({ status: 'cancelled', how: 'ask' });
    await clock.runUntilIdle();
    expect(backend.cancelled.map(({ how }) => how)).toEqual(['ask']);
  });

  it('does nothing more when the attempt ends before the answer is there', async () => {
    const { backend, clock } = await submitted({ timeouts: { startToCloseMs: 10 } });
    let answer: (what: 'requested') => void = () => {};
    backend.onCancel = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    backend.start();
    await clock.advance(10);
    backend.end({ status: 'cancelled', how: 'ask' });
    answer('requested');
    await clock.drain();
    expect(clock.pendingTimers).toBe(0);
    expect(backend.cancelled.length).toBe(1);
  });

  it('does not kill when that was ruled out, or the backend cannot', async () => {
    for (const bench of [scriptedClient({ backend: KILLABLE }), scriptedClient()]) {
      const cancel =
        bench.backend.manifest.features['cancel.kill'].level === 'native' ? ('forget' as const) : undefined;
      const { backend, clock } = await submitted(
        { timeouts: { startToCloseMs: 10 }, cancel: { ...(cancel && { escalate: cancel }) } },
        bench,
      );
      backend.start();
      await clock.runUntilIdle();
      expect(backend.cancelled.map(({ how }) => how)).toEqual(['ask', 'forget']);
    }
  });

  it('begins with force when told to', async () => {
    const { backend, clock } = await submitted({ timeouts: { startToCloseMs: 10 }, cancel: { how: 'kill' } });
    backend.onCancel = () => 'cancelled';
    backend.start();
    await clock.runUntilIdle();
    expect(backend.cancelled.map(({ how }) => how)).toEqual(['kill']);
  });
});
