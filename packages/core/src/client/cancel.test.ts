import { describe, expect, it } from 'vitest';
import { defineTask } from '../define/index.js';
import { memoryBackend, scriptedClient } from '../testing/index.js';
import { connect } from './connect.js';

const echo = defineTask({ module: import.meta.url, export: 'echo', run: (input: unknown) => input });
const KILLABLE = { features: { 'cancel.kill': { level: 'native' } } } as const;

describe('cancel', () => {
  it('takes back what waits in the client, without asking the backend', async () => {
    const { backend, client, clock } = scriptedClient({ backend: { windowTasks: 1 } });
    client.submit(echo, 'first');
    const waiting = client.submit(echo, 'second');
    await clock.drain();
    expect(await waiting.cancel()).toBe('cancelled');
    expect(await waiting.outcome()).toMatchObject({ status: 'cancelled', how: 'ask', attempts: 0 });
    await expect(waiting.result()).rejects.toMatchObject({ code: 'E_CANCELLED' });
    backend.ok();
    await clock.drain();
    expect(backend.submitted.length).toBe(1);
    expect(backend.cancelled).toEqual([]);
  });

  it('gives the answer of the backend, and the outcome is how the attempt ended', async () => {
    const { backend, client, clock } = scriptedClient();
    const polite = client.submit(echo, 1);
    const stubborn = client.submit(echo, 2);
    await clock.drain();
    const [first, second] = backend.open;
    const answers = Promise.all([polite.cancel('ask'), stubborn.cancel('ask')]);
    expect(await clock.drive(answers)).toEqual(['requested', 'requested']);
    backend.end({ status: 'cancelled', how: 'ask' }, first!);
    backend.ok('anyway', second!);
    expect(await polite.outcome()).toMatchObject({ status: 'cancelled', how: 'ask' });
    expect(await stubborn.outcome()).toMatchObject({ status: 'ok', value: 'anyway' });
    expect(await stubborn.cancel('kill')).toBe('already-done');
  });

  it('forgets: the handle ends at once, the place is free when the attempt ends', async () => {
    const { backend, client, clock } = scriptedClient({ backend: { windowTasks: 1 } });
    backend.onCancel = () => 'cancelled';
    const handle = client.submit(echo, 1);
    await clock.drain();
    const envelope = backend.last;
    const answer = handle.cancel('forget');
    expect(await handle.outcome()).toMatchObject({ status: 'cancelled', how: 'forget' });
    expect(await answer).toBe('cancelled');
    client.submit(echo, 2);
    await clock.drain();
    expect(backend.submitted.length).toBe(1);
    backend.ok('dropped', envelope);
    await clock.drain();
    expect(backend.submitted.length).toBe(2);
    expect(await handle.outcome()).toMatchObject({ status: 'cancelled' });
  });

  it('is not followed by a retry', async () => {
    const { backend, client, clock } = scriptedClient({ backend: KILLABLE });
    const handle = client.submit(echo, 1);
    await clock.drain();
    await handle.cancel('kill');
    backend.lose();
    expect(await handle.outcome()).toMatchObject({ status: 'lost', attempts: 1 });
  });

  it('changes nothing when the backend cannot do it', async () => {
    const { backend, client, clock } = scriptedClient();
    backend.onCancel = () => 'unsupported';
    const handle = client.submit(echo, 1);
    await clock.drain();
    expect(await handle.cancel('kill')).toBe('unsupported');
    backend.lose();
    await clock.advance(200);
    backend.ok('after a retry');
    expect(await handle.outcome()).toMatchObject({ status: 'ok', attempts: 2 });
  });

  it('ends a task between two attempts', async () => {
    const { backend, client, clock } = scriptedClient();
    const handle = client.submit(echo, 1, { retry: { backoffMs: 10_000 } });
    await clock.drain();
    backend.lose();
    await clock.drain();
    expect(await handle.cancel()).toBe('cancelled');
    expect(await handle.outcome()).toMatchObject({ status: 'cancelled', attempts: 1 });
    await clock.runUntilIdle();
    expect(backend.submitted.length).toBe(1);
  });

  it('says so when the backend does not answer', async () => {
    const { backend, client, clock } = scriptedClient();
    backend.onCancel = () => new Promise(() => {});
    const handle = client.submit(echo, 1);
    await clock.drain();
    const answer = handle.cancel().catch((error: unknown) => error);
    await clock.advance(10_000);
    expect(await answer).toMatchObject({ code: 'E_BACKEND_UNAVAILABLE' });
    backend.ok('alive');
    expect(await handle.result()).toBe('alive');
  });

  it('survives a storm of 5,000: one call for what is open, none for what waits', async () => {
    const { backend, client, clock } = scriptedClient({ backend: { windowTasks: 2000 } });
    const handles = Array.from({ length: 5000 }, (_, index) => client.submit(echo, index));
    await clock.drain();
    backend.onCancel = ({ id }) => {
      const envelope =
        backend.open.length > 0 ? backend.submitted.find((open) => open.id === id)! : undefined;
      if (envelope !== undefined)
        queueMicrotask(() => backend.end({ status: 'cancelled', how: 'ask' }, envelope));
      return 'requested';
    };
    const answers = await Promise.all(handles.map((handle) => handle.cancel('ask')));
    expect(answers.filter((answer) => answer === 'cancelled').length).toBe(3000);
    expect(answers.filter((answer) => answer === 'requested').length).toBe(2000);
    const outcomes = await Promise.all(handles.map((handle) => handle.outcome()));
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['cancelled']));
    expect(clock.pendingTimers).toBe(0);
    expect((await client.health()).openTasks).toBe(0);
  });
});

describe('a signal', () => {
  it('cancels tasks wherever they are, however many share it', async () => {
    const { backend, client, clock } = scriptedClient({ backend: { windowTasks: 5, ...KILLABLE } });
    const controller = new AbortController();
    const handles = Array.from({ length: 20 }, (_, index) =>
      client.submit(echo, index, { signal: controller.signal }),
    );
    await clock.drain();
    controller.abort(new Error('enough'));
    await clock.drain();
    expect(backend.cancelled.length).toBe(5);
    for (const envelope of [...backend.open]) backend.end({ status: 'cancelled', how: 'ask' }, envelope);
    const outcomes = await Promise.all(handles.map((handle) => handle.outcome()));
    expect(outcomes.every(({ status }) => status === 'cancelled')).toBe(true);
    const waiting = outcomes.at(-1)!;
    expect(waiting.status === 'cancelled' && waiting.error.cause).toMatchObject({ message: 'enough' });
  });

  it('ends a task in bounded time even when nothing stops the attempt', async () => {
    const { backend, client, clock } = scriptedClient({ backend: KILLABLE });
    const controller = new AbortController();
    const handle = client.submit(echo, 1, { signal: controller.signal, cancel: { graceMs: 100 } });
    await clock.drain();
    controller.abort();
    await clock.advance(100);
    await clock.advance(100);
    expect(backend.cancelled.map(({ how }) => how)).toEqual(['ask', 'kill', 'forget']);
    expect(await handle.outcome()).toMatchObject({ status: 'cancelled', how: 'forget', elapsedMs: 200 });
  });

  it('frees the place of an attempt the backend does not know', async () => {
    const { backend, client, clock } = scriptedClient({ backend: { windowTasks: 1 } });
    backend.onCancel = () => 'unknown-task';
    const controller = new AbortController();
    const handle = client.submit(echo, 1, { signal: controller.signal });
    await clock.drain();
    controller.abort();
    await clock.drain();
    expect(await handle.outcome()).toMatchObject({ status: 'cancelled' });
    client.submit(echo, 2);
    await clock.drain();
    expect(backend.submitted.length).toBe(2);
  });

  it('is let go of when the task ends', async () => {
    const { backend, client, clock } = scriptedClient();
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...rest: Parameters<typeof addEventListener>) => {
      listeners += 1;
      addEventListener.apply(signal, rest);
    };
    signal.removeEventListener = (...rest: Parameters<typeof removeEventListener>) => {
      listeners -= 1;
      removeEventListener.apply(signal, rest);
    };
    backend.onSubmit = (envelope) => backend.ok(0, envelope);
    await clock.drive(client.map(echo, [1, 2, 3], { signal }));
    await clock.drive(client.run(echo, 1, { signal }));
    expect(listeners).toBe(0);
  });

  it('reaches a running task as its own signal', async () => {
    const client = connect({ backends: { memory: memoryBackend() }, defaults: { backend: 'memory' } });
    const patient = defineTask({
      module: import.meta.url,
      export: 'patient',
      run: (_input: null, context) =>
        new Promise<never>((_, reject) => {
          context.progress(0, 1);
          context.signal.addEventListener('abort', () => reject(context.signal.reason));
        }),
    });
    const controller = new AbortController();
    const handle = client.submit(patient, null, { signal: controller.signal });
    for await (const _ of handle.progress()) {
      controller.abort();
      break;
    }
    expect(await handle.outcome()).toMatchObject({ status: 'cancelled', how: 'ask' });
    await client.close();
  });
});
