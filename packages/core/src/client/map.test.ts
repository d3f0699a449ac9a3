import { describe, expect, it } from 'vitest';
import { defineTask } from '../define/index.js';
import { memoryBackend, scriptedClient, seededRandom } from '../testing/index.js';
import { connect } from './connect.js';

const module = import.meta.url;
const double = defineTask({ module, export: 'double', run: (input: number) => input * 2 });
const count = defineTask({
  module,
  export: 'count',
  run: async function* (to: number) {
    for (let item = 0; item < to; item++) yield item;
  },
});
const shaky = defineTask({
  module,
  export: 'shaky',
  run: async (input: number) => {
    if (input === 7) throw new RangeError('seven');
    return input;
  },
});

const memoryClient = () =>
  connect({ backends: { memory: memoryBackend({ windowTasks: 50 }) }, defaults: { backend: 'memory' } });

async function* slowly(values: Iterable<number>, onPull: (value: number) => void = () => {}) {
  for (const value of values) {
    onPull(value);
    await Promise.resolve();
    yield value;
  }
}

const range = (length: number) => Array.from({ length }, (_, index) => index);

describe('map', () => {
  it('gives results in the order of the inputs, whatever the order of ending', async () => {
    const { backend, client, clock } = scriptedClient();
    const results = client.map(double, range(200));
    await clock.drain();
    const random = seededRandom(4);
    for (const envelope of [...backend.open].sort(() => random() - 0.5))
      backend.ok((envelope.input as number) * 2, envelope);
    expect(await results).toEqual(range(200).map((value) => value * 2));
  });

  it('takes plain and async iterables, empty ones too', async () => {
    const client = memoryClient();
    expect(await client.map(double, [])).toEqual([]);
    expect(await client.map(double, slowly([]))).toEqual([]);
    expect(await client.map(double, new Set([1, 2]))).toEqual([2, 4]);
    expect(await client.map(double, slowly(range(100)))).toEqual(range(100).map((value) => value * 2));
    await client.close();
  });

  it('keeps no more open than its concurrency, and reads no further', async () => {
    const { backend, client, clock } = scriptedClient();
    const pulled: number[] = [];
    const results = client.map(
      double,
      slowly(range(20), (value) => pulled.push(value)),
      { concurrency: 4 },
    );
    while (backend.submitted.length < 20 || backend.open.length > 0) {
      await clock.drain();
      expect(backend.open.length).toBeLessThanOrEqual(4);
      expect(pulled.length).toBeLessThanOrEqual(backend.submitted.length + 1);
      const first = backend.open[0];
      if (first !== undefined) backend.ok(first.input, first);
    }
    expect(await results).toEqual(range(20));
  });

  it('ends with the first failure, cancels the rest and closes its inputs', async () => {
    const { backend, client, clock } = scriptedClient();
    let isClosed = false;
    const inputs = (function* () {
      try {
        yield* range(1000);
      } finally {
        isClosed = true;
      }
    })();
    const results = client.map(double, inputs, { concurrency: 10 }).catch((error: unknown) => error);
    await clock.drain();
    backend.fail('the third one', backend.open[2]!);
    expect(await results).toMatchObject({ code: 'E_APP_ERROR', message: 'the third one' });
    await clock.drain();
    expect(isClosed).toBe(true);
    expect(backend.cancelled.length).toBe(9);
    expect(backend.submitted.length).toBe(10);
  });

  it('ends when its inputs throw, or one of them is wrong', async () => {
    const client = memoryClient();
    const throwing = (function* () {
      yield 1;
      throw new Error('no more inputs');
    })();
    await expect(client.map(double, throwing)).rejects.toThrow('no more inputs');
    await expect(client.map(double, [1, Symbol('x') as unknown as number])).rejects.toMatchObject({
      code: 'E_VALUE_NOT_PORTABLE',
    });
    await client.close();
  });

  it('ends with its signal', async () => {
    const { backend, client, clock } = scriptedClient();
    const controller = new AbortController();
    const results = client
      .map(double, range(100), { signal: controller.signal, concurrency: 5 })
      .catch((error: unknown) => error);
    await clock.drain();
    controller.abort();
    await clock.drain();
    for (const envelope of [...backend.open]) backend.end({ status: 'cancelled', how: 'ask' }, envelope);
    expect(await results).toMatchObject({ code: 'E_CANCELLED' });
    await clock.drain();
    expect(backend.submitted.length).toBe(5);
  });

  it('waits for room when the client is full, instead of failing', async () => {
    const { backend, client, clock } = scriptedClient({ limits: { openTasksMax: 3 } });
    const maps = [
      client.map(double, range(20)),
      client.map(double, slowly(range(20))),
      client.map(double, range(20)),
    ];
    for (let turn = 0; turn < 100; turn++) {
      await clock.drain();
      expect(backend.open.length).toBeLessThanOrEqual(3);
      for (const envelope of [...backend.open]) backend.ok(envelope.input, envelope);
    }
    expect(await Promise.all(maps)).toEqual([range(20), range(20), range(20)]);
  });

  it('does not take streams', async () => {
    const { client } = scriptedClient();
    await expect(client.map(count as never, [1])).rejects.toMatchObject({ code: 'E_TASK_INVALID' });
  });

  it('gives the event loop turns of its own', async () => {
    const { backend, client } = scriptedClient({ backend: { windowTasks: 100_000 } });
    backend.onSubmit = (envelope) => backend.ok(0, envelope);
    let turns = 0;
    let isDone = false;
    const tick = () => {
      turns += 1;
      if (!isDone) setImmediate(tick);
    };
    setImmediate(tick);
    await client.map(double, range(100_000));
    isDone = true;
    expect(turns).toBeGreaterThan(5);
  });
});

describe('mapStream and mapOutcomes', () => {
  it('yield in order, and read inputs no faster than results are taken', async () => {
    const client = memoryClient();
    const pulled: number[] = [];
    let expected = 0;
    for await (const value of client.mapStream(
      double,
      slowly(range(200), (input) => pulled.push(input)),
      { concurrency: 8 },
    )) {
      expect(value).toBe(expected * 2);
      expected += 1;
      expect(pulled.length).toBeLessThanOrEqual(expected + 8);
    }
    expect(expected).toBe(200);
    await client.close();
  });

  it('throw at the place of the failure, or yield it as an outcome', async () => {
    const client = memoryClient();
    const seen: number[] = [];
    await expect(
      (async () => {
        for await (const value of client.mapStream(shaky, range(20))) seen.push(value);
      })(),
    ).rejects.toMatchObject({ message: 'seven' });
    expect(seen).toEqual(range(7));
    const statuses: string[] = [];
    for await (const outcome of client.mapOutcomes(shaky, range(20))) statuses.push(outcome.status);
    expect(statuses).toEqual(range(20).map((index) => (index === 7 ? 'app-error' : 'ok')));
    await client.close();
  });

  it('cancel what is open when the loop is left', async () => {
    const { backend, client, clock } = scriptedClient();
    const reading = (async () => {
      for await (const value of client.mapStream(double, range(100), { concurrency: 6 })) return value;
      return undefined;
    })();
    await clock.drain();
    backend.ok('first', backend.open[0]!);
    expect(await reading).toBe('first');
    await clock.drain();
    expect(backend.cancelled.length).toBe(backend.open.length);
    expect(backend.submitted.length).toBeLessThanOrEqual(7);
  });
});
