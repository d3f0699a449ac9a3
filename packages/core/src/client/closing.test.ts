import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defineTask } from '../define/index.js';
import { memoryBackend, scriptedClient } from '../testing/index.js';
import { connect } from './connect.js';

const module = import.meta.url;
const echo = defineTask({ module, export: 'echo', run: (input: unknown) => input });

describe('close', () => {
  it('lets what is open end, then stops the backends; twice is fine', async () => {
    const { backend, client, clock } = scriptedClient();
    const handle = client.submit(echo, 1);
    await clock.drain();
    const closed = client.close();
    const again = client.close();
    expect((await client.health()).state).toBe('closing');
    await clock.advance(29_999);
    expect(backend.stops).toEqual([]);
    backend.ok('in time');
    await clock.drive(Promise.all([closed, again]));
    expect(await handle.result()).toBe('in time');
    expect(backend.stops).toEqual([0]);
    expect((await client.health()).state).toBe('closed');
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends the rest when the grace is over: lost what ran, cancelled what waited', async () => {
    const { backend, client, clock } = scriptedClient({ backend: { windowTasks: 1 } });
    const running = client.submit(echo, 1);
    const waiting = client.submit(echo, 2);
    const later = client.submit(echo, 3, { delayMs: 60_000 });
    await clock.drain();
    const closed = client.close({ graceMs: 100 });
    await clock.advance(100);
    await clock.drive(closed);
    expect(await running.outcome()).toMatchObject({ status: 'lost' });
    expect(await waiting.outcome()).toMatchObject({ status: 'cancelled', attempts: 0 });
    expect(await later.outcome()).toMatchObject({ status: 'cancelled' });
    backend.ok('too late');
    expect(backend.stops).toEqual([0]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('starts no backend, and ends event readers', async () => {
    const { backend, client } = scriptedClient();
    const next = client.events()[Symbol.asyncIterator]().next();
    await client[Symbol.asyncDispose]();
    expect(await next).toEqual({ done: true, value: undefined });
    expect([backend.starts, backend.stops.length]).toEqual([0, 0]);
  });

  it('leaves a backend behind that does not stop', async () => {
    const { backend, client, clock } = scriptedClient();
    backend.onSubmit = (envelope) => backend.ok(0, envelope);
    backend.onStop = () => new Promise(() => {});
    await clock.drive(client.run(echo, 1));
    const closed = client.close({ graceMs: 0 });
    await clock.advance(10_000);
    await clock.drive(closed);
    expect((await client.health()).state).toBe('closed');
  });

  it('stops a backend that is still starting', async () => {
    const { backend, client, clock } = scriptedClient();
    let ready: () => void = () => {};
    backend.onStart = () =>
      new Promise<void>((resolve) => {
        ready = resolve;
      });
    const handle = client.submit(echo, 1);
    await clock.drain();
    const closed = client.close({ graceMs: 0 });
    await clock.advance(0);
    ready();
    await clock.drive(closed);
    expect(await handle.outcome()).toMatchObject({ status: 'cancelled' });
    expect(backend.stops.length).toBeGreaterThan(0);
    expect(backend.submitted).toEqual([]);
  });

  it('works with real time and a real backend', async () => {
    const client = connect({ backends: { memory: memoryBackend() }, defaults: { backend: 'memory' } });
    const results = client.map(echo, [1, 2, 3]);
    await client.close();
    expect(await results).toEqual([1, 2, 3]);
  });
});

describe('a process with nothing else to do', () => {
  it('stays alive while tasks are open, and ends when none is, closed or not', () => {
    const core = new URL('../../dist/index.js', import.meta.url).href;
    const testing = new URL('../../dist/testing/index.js', import.meta.url).href;
    const script = `
      import { connect, defineTask } from ${JSON.stringify(core)};
      import { memoryBackend } from ${JSON.stringify(testing)};
      const echo = defineTask({ module: import.meta.url, export: 'echo', run: (input) => input });
      const client = connect({ backends: { memory: memoryBackend() }, defaults: { backend: 'memory' } });
      console.log(await client.run(echo, 'after a pause', { delayMs: 50 }));`;
    const folder = mkdtempSync(join(tmpdir(), 'anant-alive-'));
    try {
      writeFileSync(join(folder, 'script.mjs'), script);
      const { stdout, status } = spawnSync(process.execPath, ['script.mjs'], {
        cwd: folder,
        encoding: 'utf8',
        timeout: 60_000,
      });
      expect([stdout.trim(), status]).toEqual(['after a pause', 0]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a signal for close', () => {
  it('ends the grace at once, then or before', async () => {
    for (const isBefore of [true, false]) {
      const { client, clock } = scriptedClient();
      const handle = client.submit(echo, 1);
      await clock.drain();
      const controller = new AbortController();
      if (isBefore) controller.abort(new Error('hurry'));
      const closed = client.close({ graceMs: 1_000_000, signal: controller.signal });
      controller.abort(new Error('hurry'));
      await clock.drive(closed);
      expect(clock.nowMs()).toBe(0);
      const outcome = await handle.outcome();
      expect(outcome.status === 'lost' && outcome.error.cause).toMatchObject({ message: 'hurry' });
    }
  });
});

describe('abort', () => {
  it('ends everything now, with the reason', async () => {
    const { backend, client, clock } = scriptedClient({ backend: { windowTasks: 1 } });
    const running = client.submit(echo, 1);
    const waiting = client.submit(echo, 2);
    await clock.drain();
    const reason = new Error('SIGTERM');
    const aborted = client.abort(reason);
    const outcomes = await Promise.all([running.outcome(), waiting.outcome()]);
    expect(outcomes.map(({ status }) => status)).toEqual(['lost', 'cancelled']);
    for (const outcome of outcomes) expect(outcome.status !== 'ok' && outcome.error.cause).toBe(reason);
    await clock.drive(aborted);
    await client.abort();
    await client.close();
    expect(backend.stops).toEqual([0]);
  });

  it('cuts a close short', async () => {
    const { client, clock } = scriptedClient();
    const handle = client.submit(echo, 1);
    await clock.drain();
    const closed = client.close({ graceMs: 1_000_000 });
    void client.abort(new Error('second Ctrl-C'));
    await clock.drive(closed);
    expect(clock.nowMs()).toBe(0);
    expect(await handle.outcome()).toMatchObject({ status: 'lost' });
  });
});
