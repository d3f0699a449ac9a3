import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskEnvelope } from '../contract/index.js';
import { ObjectRef } from '../contract/index.js';
import { defineTask } from '../define/index.js';
import { memoryBackend, scriptedClient, seededRandom } from '../testing/index.js';
import { connect } from './connect.js';
import type { GraphNode } from './types/index.js';

const module = import.meta.url;
const constant = defineTask({ module, export: 'constant', run: (input: number) => input });
const sum = defineTask({
  module,
  export: 'sum',
  run: (list: readonly number[]) => list.reduce((total, next) => total + next, 0),
});
const describeInput = defineTask({
  module,
  export: 'describeInput',
  run: (input: unknown) => `${Array.isArray(input) ? `list of ${input.length}` : typeof input}`,
});
const fail = defineTask({
  module,
  export: 'fail',
  run: (_input: unknown): number => {
    throw new Error('no');
  },
});
const STORELESS = {
  features: {
    objects: { level: 'absent', reason: 'it has no store' },
    'result-by-reference': { level: 'absent', reason: 'it has no store' },
  },
} as const;

function memoryBench() {
  const backend = memoryBackend();
  const client = connect({ backends: { memory: backend }, defaults: { backend: 'memory' } });
  return { backend, client };
}

describe('graph', () => {
  it('runs a diamond with a shared parent, intermediate results by reference, and releases them', async () => {
    const { backend, client } = memoryBench();
    const seen: TaskEnvelope[] = [];
    const { doSubmit } = backend;
    backend.doSubmit = (tasks) => {
      seen.push(...tasks);
      doSubmit.call(backend, tasks);
    };
    const graph = client.graph((add) => {
      const top = add.add(constant, 5);
      const left = add.add(sum, [top, 1]);
      const right = add.add(sum, [top, 2]);
      return { total: add.add(sum, [left, right]), note: 'diamond' };
    });
    expect(await graph.results()).toEqual({ total: 13, note: 'diamond' });
    expect(seen.map(({ options }) => options.output)).toEqual([
      'reference',
      'reference',
      'reference',
      'value',
    ]);
    expect(ObjectRef.is((seen[1]!.input as unknown[])[0])).toBe(true);
    expect(seen[3]!.references.length).toBe(2);
    await Promise.resolve();
    expect(backend.storedObjects).toBe(0);
    const outcomes = await graph.outcomes();
    expect(
      [...outcomes.values()].every(({ status, warnings }) => status === 'ok' && warnings.length === 0),
    ).toBe(true);
    await client.close();
  });

  it('fetches a result that is both wanted and needed, and releases it then', async () => {
    const { backend, client } = memoryBench();
    const graph = client.graph((add) => {
      const top = add.add(constant, 5);
      return [top, add.add(sum, [top, top])];
    });
    expect(await graph.results()).toEqual([5, 10]);
    expect(backend.storedObjects).toBe(0);
    await client.close();
  });

  it('keeps lists lists, with none, one or many results in them', async () => {
    const { client } = memoryBench();
    const results = await client
      .graph((add) => {
        const one = add.add(constant, 1);
        return [
          add.add(describeInput, []),
          add.add(describeInput, [one]),
          add.add(describeInput, [one, one]),
          add.add(describeInput, one),
        ];
      })
      .results();
    expect(results).toEqual(['list of 0', 'list of 1', 'list of 2', 'number']);
    await client.close();
  });

  it('skips what needs a result that is not there, however far, and nothing else', async () => {
    const { backend, client } = memoryBench();
    let nodes: Record<string, GraphNode> = {};
    const graph = client.graph((add) => {
      const bad = add.add(fail, 1);
      const good = add.add(constant, 1);
      const child = add.add(sum, [bad, good]);
      const grandchild = add.add(sum, [child]);
      const other = add.add(sum, [good, 4]);
      nodes = { bad, good, child, grandchild, other };
      return { grandchild, other };
    });
    await expect(graph.results()).rejects.toMatchObject({ code: 'E_SKIPPED' });
    expect(await graph.outcome(nodes.bad!)).toMatchObject({ status: 'app-error' });
    expect(await graph.outcome(nodes.child!)).toMatchObject({
      status: 'skipped',
      because: nodes.bad!.id,
      attempts: 0,
    });
    expect(await graph.outcome(nodes.grandchild!)).toMatchObject({
      status: 'skipped',
      because: nodes.child!.id,
    });
    expect(await graph.outcome(nodes.other!)).toMatchObject({ status: 'ok', value: 5 });
    await graph.outcomes();
    expect(backend.storedObjects).toBe(0);
    await client.close();
  });

  it('passes results through the client when the backend has no store, and warns', async () => {
    const { backend, client, clock } = scriptedClient({ backend: STORELESS });
    backend.onSubmit = (envelope) => backend.ok(envelope.input, envelope);
    let top: GraphNode<number> | undefined;
    const graph = client.graph((add) => {
      top = add.add(constant, 5);
      return add.add(sum, [top, 1]);
    });
    expect(await clock.drive(graph.results())).toEqual([5, 1]);
    expect((await graph.outcome(top!)).warnings).toMatchObject([
      { type: 'degraded', subject: 'result-by-reference', backend: 'scripted' },
    ]);
  });

  it('moves a result by value when its reader goes elsewhere', async () => {
    const near = memoryBackend({ id: 'near' });
    const far = memoryBackend({ id: 'far' });
    const client = connect({ backends: { near, far } });
    const graph = client.graph((add) => {
      const top = add.add(constant, 5, { backend: 'near' });
      return add.add(sum, [top, 1], { backend: 'far' });
    });
    expect(await graph.results()).toBe(6);
    const stored = await client.put(7, { backend: 'near' });
    const handle = client.submit(sum, [stored, 1], { backend: 'far' });
    expect(await handle.result()).toBe(8);
    expect((await handle.outcome()).warnings).toMatchObject([{ type: 'degraded', subject: 'objects' }]);
    await client.close();
  });

  it('is refused as a whole when one of its tasks is', async () => {
    const { backend, client, clock } = scriptedClient();
    expect(() =>
      client.graph((add) => {
        const top = add.add(constant, 1);
        return add.add(sum, [top, Symbol('no') as unknown as number]);
      }),
    ).toThrow('cannot be carried');
    await clock.drain();
    expect(backend.submitted).toEqual([]);
    expect((await client.health()).openTasks).toBe(0);
  });

  it('refuses an id that is taken', () => {
    const { client } = scriptedClient();
    client.submit(constant, 1, { id: 'taken' });
    expect(() => client.graph((add) => add.add(constant, 1, { id: 'taken' }))).toThrow('"taken"');
  });

  it('refuses nodes of another graph', () => {
    const { client } = scriptedClient();
    let stray: GraphNode<number> | undefined;
    client.graph((add) => {
      stray = add.add(constant, 1);
      return stray;
    });
    expect(() => client.graph((add) => add.add(sum, [stray!]))).toThrow('another graph');
    expect(() => client.graph(() => stray!)).toThrow('another graph');
  });

  it('can be cancelled as a whole, and by a signal', async () => {
    for (const how of ['cancel', 'signal'] as const) {
      const { backend, client, clock } = scriptedClient();
      const controller = new AbortController();
      const graph = client.graph(
        (add) => {
          const top = add.add(constant, 1);
          return add.add(sum, [add.add(sum, [top])]);
        },
        { signal: controller.signal },
      );
      await clock.drain();
      const cancelled = how === 'cancel' ? graph.cancel() : controller.abort();
      await clock.drain();
      backend.end({ status: 'cancelled', how: 'ask' });
      await cancelled;
      const outcomes = await graph.outcomes();
      const statuses = [...outcomes.values()].map(({ status }) => status);
      expect(statuses[0]).toBe('cancelled');
      expect(statuses.every((status) => status === 'cancelled' || status === 'skipped')).toBe(true);
      await expect(graph.results()).rejects.toBeInstanceOf(Error);
    }
  });

  it('gives the same results as plain code, for any graph and any order of ending', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.nat(20), { maxLength: 4 }), { minLength: 1, maxLength: 25 }),
        fc.integer(),
        async (edges, seed) => {
          const { backend, client, clock } = scriptedClient();
          const random = seededRandom(seed);
          const expected: number[] = [];
          const graph = client.graph((add) => {
            const nodes: GraphNode<number>[] = [];
            edges.forEach((parents, index) => {
              const own = parents.filter((parent) => parent < index);
              nodes.push(add.add(sum, [index, ...own.map((parent) => nodes[parent]!)]));
              expected.push(index + own.reduce((total, parent) => total + expected[parent]!, 0));
            });
            return nodes;
          });
          const stored = new Map<string, number>();
          Object.assign(backend, {
            doPut: async () => ({ bytes: 1 }),
            doGet: async (id: string) => stored.get(id),
            doRelease: (ids: string[]) => {
              for (const id of ids) stored.delete(id);
            },
          });
          for (let turn = 0; turn < edges.length * 3; turn++) {
            await clock.drain();
            const open = backend.open;
            const envelope = open[Math.floor(random() * open.length)];
            if (envelope === undefined) continue;
            const values = (envelope.input as unknown[]).map((part) =>
              ObjectRef.is(part) ? stored.get(part.id)! : (part as number),
            );
            const value = values.reduce((total, next) => total + next, 0);
            if (envelope.options.output === 'reference') {
              stored.set(`${envelope.id}.r`, value);
              backend.end({ status: 'ok-reference', object: `${envelope.id}.r`, bytes: 8 }, envelope);
            } else backend.ok(value, envelope);
          }
          expect(await clock.drive(graph.results())).toEqual(expected);
          await clock.drain();
          expect(stored.size).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('handles inside inputs', () => {
  it('stand for results, at any depth', async () => {
    const { client } = memoryBench();
    const two = client.submit(constant, 2);
    expect(await client.run(sum, [two, 3, two])).toBe(7);
    expect(await client.run(constant, two)).toBe(2);
    await two.result();
    expect(await client.run(sum, [two])).toBe(2);
    const nested = await client.run(
      defineTask({ module, export: 'nested', run: (input: { deep: Map<string, number[]> }) => input }),
      { deep: new Map([['k', [two, 1]]]) } as never,
    );
    expect(nested).toEqual({ deep: new Map([['k', [2, 1]]]) });
    await client.close();
  });

  it('make a task wait, and skip it when they fail, before or after', async () => {
    const { backend, client, clock } = scriptedClient();
    const parent = client.submit(constant, 1);
    const child = client.submit(sum, [parent]);
    await clock.drain();
    expect(backend.submitted.length).toBe(1);
    backend.fail('gone');
    const outcome = await child.outcome();
    expect(outcome).toMatchObject({ status: 'skipped', because: parent.id });
    expect(outcome.status === 'skipped' && outcome.error.cause).toMatchObject({ message: 'gone' });
    expect(await client.submit(sum, [parent]).outcome()).toMatchObject({ status: 'skipped' });
    expect(await client.submit(sum, [child as never]).outcome()).toMatchObject({ because: child.id });
  });

  it('do not keep a task from being cancelled while it waits', async () => {
    const { backend, client, clock } = scriptedClient();
    const parent = client.submit(constant, 1);
    const child = client.submit(sum, [parent]);
    const grandchild = client.submit(sum, [child]);
    expect(await child.cancel()).toBe('cancelled');
    expect(await grandchild.outcome()).toMatchObject({ status: 'skipped', because: child.id });
    await clock.drain();
    backend.ok(1);
    expect(await parent.result()).toBe(1);
    expect((await client.health()).openTasks).toBe(0);
  });

  it('start the timeouts of a task when they are there', async () => {
    const { backend, client, clock } = scriptedClient();
    const parent = client.submit(constant, 1);
    const child = client.submit(sum, [parent], { timeouts: { scheduleToCloseMs: 100 } });
    await clock.advance(10_000);
    backend.ok(1);
    await clock.advance(99);
    expect(backend.submitted.length).toBe(2);
    await clock.advance(1);
    expect(await child.outcome()).toMatchObject({ status: 'timeout', elapsedMs: 10_100 });
  });

  it('are refused when they are of another client, a stream, or released', async () => {
    const one = memoryBench();
    const two = memoryBench();
    const stream = defineTask({
      module,
      export: 'stream',
      run: async function* (_input: null) {
        yield 1;
      },
    });
    expect(() => one.client.submit(sum, [two.client.submit(constant, 1)])).toThrow(
      'cannot stand for a value',
    );
    expect(() => one.client.submit(sum, [one.client.submit(stream, null) as never])).toThrow('cannot stand');
    const stored = await one.client.put(4);
    expect(() => two.client.submit(sum, [stored])).toThrow('cannot stand for a value');
    stored.release();
    expect(() => one.client.submit(sum, [stored])).toThrow('cannot stand for a value');
    await Promise.all([one.client.close({ graceMs: 0 }), two.client.close({ graceMs: 0 })]);
  });
});
