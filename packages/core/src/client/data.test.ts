import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { STREAM_CREDITS_INITIAL, type TaskEnvelope } from '../contract/index.js';
import { definePythonTask, defineTask, type StandardSchema } from '../define/index.js';
import { memoryBackend, type ScriptedBackend, scriptedClient } from '../testing/index.js';
import { defineActor } from './actor/define-actor.js';
import { connect } from './connect.js';

const module = import.meta.url;
const count = defineTask({
  module,
  export: 'count',
  run: async function* (to: number) {
    for (let item = 0; item < to; item++) yield item;
  },
});
const echo = defineTask({ module, export: 'echo', run: (input: unknown) => input });

function memoryBench() {
  const backend = memoryBackend();
  const client = connect({ backends: { memory: backend }, defaults: { backend: 'memory' } });
  return { backend, client };
}

function item(
  backend: ScriptedBackend,
  sequence: number,
  value: unknown = sequence,
  of?: TaskEnvelope,
): void {
  const { id, attempt } = of ?? backend.last;
  backend.emit({ type: 'task-item', id, attempt, sequence, value });
}

describe('streams', () => {
  it('give items in order, and give credits back as they are read', async () => {
    const { backend, client, clock } = scriptedClient();
    const credits: number[] = [];
    Object.assign(backend, {
      doStreamCredit: (_id: string, _attempt: number, more: number) => credits.push(more),
    });
    const handle = client.submit(count, 5);
    const iterator = handle.items()[Symbol.asyncIterator]();
    await clock.drain();
    for (let sequence = 0; sequence < STREAM_CREDITS_INITIAL; sequence++) item(backend, sequence);
    for (let sequence = 0; sequence < STREAM_CREDITS_INITIAL; sequence++) {
      expect(await iterator.next()).toEqual({ done: false, value: sequence });
    }
    expect(credits).toEqual([8, 8]);
    backend.ok();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(await handle.outcome()).toMatchObject({ status: 'ok', value: undefined });
  });

  it('can be collected, of any length, against a real producer', async () => {
    const { client } = memoryBench();
    expect(await client.run(count, 0)).toEqual([]);
    expect(await client.run(count, 1000)).toEqual(Array.from({ length: 1000 }, (_, index) => index));
    await client.close();
  });

  it('are read once', async () => {
    const { client } = memoryBench();
    const handle = client.submit(count, 3);
    handle.items();
    expect(() => handle.items()).toThrow('read once');
    await expect(handle.result()).rejects.toThrow('read once');
    await client.close({ graceMs: 0 });
  });

  it('cancel their producer when the reader leaves', async () => {
    const { client } = memoryBench();
    const handle = client.submit(count, 1_000_000);
    for await (const value of handle.items()) if (value === 3) break;
    expect(await handle.outcome()).toMatchObject({ status: 'cancelled' });
    await client.close();
  });

  it('are not tried again once an item arrived: it cannot be taken back', async () => {
    for (const items of [0, 2]) {
      const { backend, client, clock } = scriptedClient();
      const handle = client.submit(count, 5);
      const reading = handle.result().catch((error: unknown) => error);
      await clock.drain();
      for (let sequence = 0; sequence < items; sequence++) item(backend, sequence);
      backend.lose();
      await clock.advance(1000);
      expect(backend.submitted.length).toBe(items === 0 ? 2 : 1);
      if (items === 0) {
        item(backend, 0, 'of the second');
        backend.ok();
        expect(await reading).toEqual(['of the second']);
      } else expect(await reading).toMatchObject({ code: 'E_LOST' });
    }
  });

  it('drop repeated items and end when one is missing or came without credit', async () => {
    const { backend, client, clock } = scriptedClient();
    const handle = client.submit(count, 5);
    await clock.drain();
    item(backend, 0);
    item(backend, 0, 'again');
    item(backend, 1);
    item(backend, 3);
    const seen: unknown[] = [];
    await expect(
      (async () => {
        for await (const value of handle.items()) seen.push(value);
      })(),
    ).rejects.toMatchObject({ code: 'E_LOST' });
    expect(seen).toEqual([0, 1]);
    const greedy = client.submit(count, 5);
    await clock.drain();
    for (let sequence = 0; sequence <= STREAM_CREDITS_INITIAL; sequence++) item(backend, sequence);
    expect(await greedy.outcome()).toMatchObject({ status: 'lost' });
    expect(backend.cancelled.length).toBe(2);
  });

  it('check each item against the schema', async () => {
    const numbers: StandardSchema<number> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: async (value) =>
          typeof value === 'number' ? { value: value * 10 } : { issues: [{ message: 'no number' }] },
      },
    };
    const anything: StandardSchema = {
      '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
    };
    const task = definePythonTask({ target: 'm:f', input: anything, output: numbers, returns: 'stream' });
    const { backend, client, clock } = scriptedClient({
      backend: { features: { 'task.python': { level: 'native' } } },
    });
    const handle = client.submit(task, null);
    const iterator = handle.items()[Symbol.asyncIterator]();
    await clock.drain();
    item(backend, 0, 4);
    item(backend, 1, 'x');
    expect(await iterator.next()).toEqual({ done: false, value: 40 });
    await expect(iterator.next()).rejects.toMatchObject({ code: 'E_OUTPUT_INVALID' });
    await clock.drain();
    expect(backend.cancelled.length).toBe(1);
  });
});

describe('stored objects', () => {
  it('are put, used, read and released', async () => {
    const { backend, client } = memoryBench();
    const stored = await client.put(new Float64Array([1, 2]));
    expect(stored).toMatchObject({ backend: 'memory', ref: { id: stored.id, backend: 'memory' } });
    expect(stored.bytes).toBeGreaterThan(16);
    expect(await client.run(echo, { a: stored, b: stored.ref })).toEqual({
      a: new Float64Array([1, 2]),
      b: new Float64Array([1, 2]),
    });
    expect(await stored.get()).toEqual(new Float64Array([1, 2]));
    stored.release();
    stored.release();
    await Promise.resolve();
    expect(backend.storedObjects).toBe(0);
    await expect(stored.get()).rejects.toMatchObject({ code: 'E_OBJECT_LOST' });
    await client.close();
  });

  it('stay until the tasks that use them have ended', async () => {
    const { backend, client } = memoryBench();
    const stored = await client.put('still here');
    backend.faults.pause();
    const handle = client.submit(echo, stored);
    stored.release();
    await new Promise(setImmediate);
    expect(backend.storedObjects).toBe(1);
    backend.faults.resume();
    expect(await handle.result()).toBe('still here');
    await Promise.resolve();
    expect(backend.storedObjects).toBe(0);
    await client.close();
  });

  it('hold results by reference', async () => {
    const { backend, client } = memoryBench();
    const handle = client.submit(echo, [1, 2, 3], { output: 'reference' });
    const stored = await handle.result();
    expect(await handle.reference()).toEqual(stored.ref);
    expect(await client.run(echo, handle)).toEqual([1, 2, 3]);
    expect(await stored.get()).toEqual([1, 2, 3]);
    await stored[Symbol.asyncDispose]();
    await Promise.resolve();
    expect(backend.storedObjects).toBe(0);
    await expect(client.submit(echo, 1).reference()).rejects.toMatchObject({ code: 'E_TASK_INVALID' });
    await client.close();
  });

  it('stay for a task that still waits for something else, even when released meanwhile', async () => {
    const { backend, client, clock } = scriptedClient();
    const released: string[] = [];
    Object.assign(backend, {
      doPut: async () => ({ bytes: 1 }),
      doGet: async () => 'the value',
      doRelease: (ids: string[]) => released.push(...ids),
    });
    const kept = client.submit(echo, 1, { output: 'reference' });
    const slow = client.submit(echo, 2);
    const child = client.submit(echo, [kept, slow]);
    await clock.drain();
    const [first, second] = backend.open;
    backend.end({ status: 'ok-reference', object: 'o1', bytes: 9 }, first!);
    (await kept.result()).release();
    await clock.drain();
    expect(released).toEqual([]);
    backend.ok(2, second!);
    await clock.drain();
    expect(backend.last.references).toEqual(['o1']);
    backend.ok('both');
    expect(await child.result()).toBe('both');
    await clock.drain();
    expect(released).toEqual(['o1']);
  });

  it('say lost when they are gone', async () => {
    const { backend, client } = memoryBench();
    const stored = await client.put(1);
    backend.faults.loseObject(stored.id);
    expect(await client.submit(echo, [stored]).outcome()).toMatchObject({
      status: 'lost',
      error: { cause: { code: 'E_OBJECT_LOST' } },
    });
    await client.close();
  });

  it('can be read and released by reference alone', async () => {
    const { backend, client } = memoryBench();
    const stored = await client.put([1, 2]);
    expect(await client.get(stored)).toEqual([1, 2]);
    expect(await client.get(stored.ref)).toEqual([1, 2]);
    client.release(stored.ref);
    await Promise.resolve();
    expect(backend.storedObjects).toBe(0);
    client.release(stored);
    await expect(client.get(stored.ref)).rejects.toMatchObject({ code: 'E_OBJECT_LOST' });
    await client.close();
  });

  it('are given up with their signal, and not kept', async () => {
    const { backend, client, clock } = scriptedClient();
    const released: string[] = [];
    let stored: () => void = () => {};
    Object.assign(backend, {
      doPut: () =>
        new Promise((resolve) => {
          stored = () => resolve({ bytes: 1 });
        }),
      doGet: async () => 1,
      doRelease: (ids: string[]) => released.push(...ids),
    });
    const controller = new AbortController();
    const put = client.put(1, { signal: controller.signal }).catch((error: unknown) => error);
    await clock.drain();
    controller.abort(new Error('no longer wanted'));
    expect(await put).toMatchObject({ code: 'E_CANCELLED', cause: { message: 'no longer wanted' } });
    stored();
    await clock.drain();
    expect(released.length).toBe(1);
    await expect(client.put(1, { signal: controller.signal })).rejects.toMatchObject({ code: 'E_CANCELLED' });
  });

  it('are refused while their backend is down, without starting it again', async () => {
    const { backend, client, clock } = scriptedClient();
    Object.assign(backend, { doPut: async () => ({ bytes: 1 }), doGet: async () => 1, doRelease: () => {} });
    const stored = await client.put(1);
    backend.state('down', 1, 'its process died');
    await expect(stored.get()).rejects.toMatchObject({ code: 'E_BACKEND_UNAVAILABLE' });
    expect(backend.starts).toBe(1);
    backend.state('ready', 2);
    expect(await clock.drive(stored.get())).toBe(1);
  });

  it('are refused where there is no store', async () => {
    const { client } = scriptedClient({
      backend: { features: { objects: { level: 'absent', reason: 'it has no store' } } },
    });
    await expect(client.put(1, { backend: 'scripted' })).rejects.toMatchObject({
      code: 'E_CAPABILITY_MISSING',
    });
    await expect(client.put(() => 1, { backend: 'scripted' })).rejects.toMatchObject({
      code: 'E_VALUE_NOT_PORTABLE',
    });
  });

  it('come back as values when the backend keeps a result nobody wanted kept', async () => {
    const { backend, client, clock } = scriptedClient();
    const released: string[] = [];
    Object.assign(backend, {
      doPut: async () => ({ bytes: 1 }),
      doGet: async () => 'the value',
      doRelease: (ids: string[]) => released.push(...ids),
    });
    const handle = client.submit(echo, 1);
    await clock.drain();
    backend.end({ status: 'ok-reference', object: 'o1', bytes: 9 });
    expect(await handle.result()).toBe('the value');
    await clock.drain();
    expect(released).toEqual(['o1']);
  });
});

describe('actors', () => {
  const folder = mkdtempSync(join(tmpdir(), 'anant-actor-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'counter.mjs');
  writeFileSync(
    path,
    `export class Counter {
      constructor({ from }) { if (from < 0) throw new RangeError('below zero'); this.value = from; }
      async add(step) { const before = this.value; await null; this.value = before + step; return this.value; }
      read() { return this.value; }
    }`,
  );
  class Counter {
    constructor(readonly input: { from: number }) {}
    declare add: (step: number) => Promise<number>;
    declare read: () => number;
  }
  const counter = defineActor({ module: pathToFileURL(path).href, export: 'Counter', class: Counter });

  it('keep state, run calls in order, and stop', async () => {
    const { client } = memoryBench();
    const actor = await client.actor(counter, { from: 10 }, { backend: 'memory', name: 'tally' });
    expect(actor).toMatchObject({ id: 'tally', backend: 'memory' });
    const totals = await Promise.all(Array.from({ length: 20 }, () => actor.call('add', 1).result()));
    expect(totals).toEqual(Array.from({ length: 20 }, (_, index) => 11 + index));
    expect(await actor.call('read').result()).toBe(30);
    await actor.stop();
    await actor.stop();
    expect(await actor.call('read').outcome()).toMatchObject({ status: 'lost', attempts: 1 });
    await client.close();
  });

  it('say why they did not start', async () => {
    const { client } = memoryBench();
    await expect(client.actor(counter, { from: -1 }, { backend: 'memory' })).rejects.toMatchObject({
      code: 'E_APP_ERROR',
      message: 'below zero',
      details: { type: 'RangeError' },
    });
    const first = await client.actor(counter, { from: 1 }, { backend: 'memory', name: 'a' });
    await expect(client.actor(counter, { from: 2 }, { backend: 'memory', name: 'a' })).rejects.toMatchObject({
      code: 'E_TASK_DUPLICATE',
    });
    await first[Symbol.asyncDispose]();
    await client.close();
  });

  it('stop when their start is given up', async () => {
    const { backend, client, clock } = scriptedClient();
    const stopped: string[] = [];
    let started: () => void = () => {};
    Object.assign(backend, {
      doActorStart: () =>
        new Promise<void>((resolve) => {
          started = resolve;
        }),
      doActorStop: async (id: string) => stopped.push(id),
    });
    const controller = new AbortController();
    const start = client
      .actor(counter, { from: 1 }, { backend: 'scripted', name: 'slow', signal: controller.signal })
      .catch((error: unknown) => error);
    await clock.drain();
    controller.abort();
    expect(await start).toMatchObject({ code: 'E_CANCELLED' });
    started();
    await clock.drain();
    expect(stopped).toEqual(['slow']);
  });

  it('need a backend that hosts them', async () => {
    const { client } = scriptedClient({
      backend: { features: { actors: { level: 'absent', reason: 'nothing stays on its workers' } } },
    });
    await expect(client.actor(counter, { from: 1 }, { backend: 'scripted' })).rejects.toMatchObject({
      code: 'E_CAPABILITY_MISSING',
    });
  });
});
