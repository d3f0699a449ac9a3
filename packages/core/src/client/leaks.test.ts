import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { defineTask } from '../define/index.js';
import { memoryBackend, ScriptedBackend, scriptedClient } from '../testing/index.js';
import { connect } from './connect.js';

const echo = defineTask({ module: import.meta.url, export: 'echo', run: (input: unknown) => input });

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Runs the collector until `isGone`, over a bounded number of turns of the event loop. */
async function settle(isGone: () => boolean): Promise<void> {
  for (let turn = 0; turn < 50 && !isGone(); turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
}

const TASKS = 100_000;

describe('100,000 tasks with a deadline a day away', () => {
  it('leave nothing behind when they have ended', async () => {
    const { backend, client, clock } = scriptedClient({ backend: { windowTasks: 1000 } });
    const inputs: WeakRef<object>[] = [];
    const results: WeakRef<object>[] = [];
    backend.onSubmit = (envelope) => {
      const value = { big: new Array(10).fill(0) };
      if (inputs.length < 1000) {
        inputs.push(new WeakRef(envelope.input as object));
        results.push(new WeakRef(value));
      }
      backend.ok(value, envelope);
      backend.submitted.length = 0;
    };
    const makeInputs = function* () {
      for (let index = 0; index < TASKS; index++) yield { index };
    };
    let ended = 0;
    for await (const outcome of client.mapOutcomes(echo, makeInputs(), {
      timeouts: { scheduleToCloseMs: 86_400_000, startToCloseMs: 86_400_000 },
    })) {
      if (outcome.status === 'ok') ended += 1;
    }
    expect(ended).toBe(TASKS);
    expect(clock.pendingTimers).toBe(0);
    const isGone = () => [...inputs, ...results].every((ref) => ref.deref() === undefined);
    await settle(isGone);
    const kept = [...inputs, ...results].filter((ref) => ref.deref() !== undefined).length;
    // The newest few may still sit in registers and caches of the engine.
    expect(kept).toBeLessThan(10);
    expect(await client.health()).toMatchObject({
      openTasks: 0,
      backends: { scripted: { openAttempts: 0, waitingTasks: 0 } },
    });
  }, 120_000);
});

describe('a handle that is kept', () => {
  it('keeps the result of its task, not the input', async () => {
    const { backend, client, clock } = scriptedClient();
    backend.onSubmit = (envelope) => {
      backend.ok('small', envelope);
      backend.submitted.length = 0;
    };
    const inputs: WeakRef<object>[] = [];
    const submit = () => {
      const input = { big: new Float64Array(1000) };
      inputs.push(new WeakRef(input));
      return client.submit(echo, input);
    };
    const handles = Array.from({ length: 20 }, submit);
    await clock.drain();
    await settle(() => inputs.every((ref) => ref.deref() === undefined));
    expect(inputs.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(3);
    for (const handle of handles) expect(await handle.result()).toBe('small');
  });
});

describe('a client that was closed', () => {
  it('is not kept alive by a timer or anything global', async () => {
    const refs: WeakRef<object>[] = [];
    await (async () => {
      const backend = new ScriptedBackend();
      const client = connect({ backends: { scripted: backend }, defaults: { backend: 'scripted' } });
      backend.onSubmit = (envelope) => backend.ok(0, envelope);
      await client.run(echo, 1);
      client.submit(echo, 1, { id: 'remembered', delayMs: 3_600_000 });
      await client.close({ graceMs: 0 });
      refs.push(new WeakRef(client));
    })();
    const isGone = () => refs.every((ref) => ref.deref() === undefined);
    await settle(isGone);
    expect(isGone()).toBe(true);
  });
});

describe('timers of the process', () => {
  it('are back to where they were', async () => {
    const count = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = count();
    const client = connect({ backends: { memory: memoryBackend() }, defaults: { backend: 'memory' } });
    await client.map(
      echo,
      Array.from({ length: 1000 }, (_, index) => index),
      { timeouts: { heartbeatMs: 60_000 } },
    );
    await client.close();
    expect(count()).toBeLessThanOrEqual(before);
  });
});
