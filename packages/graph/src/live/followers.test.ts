/** What follows a live hypergraph gives what counting anew gives. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { naiveComponents } from '../testing/naive.js';
import type { GraphChange } from './change.js';
import { ingest } from './ingest.js';
import { LiveComponents } from './live-components.js';
import { LiveHypergraph } from './live-hypergraph.js';
import { TimeWindow } from './time-window.js';

const vertex = fc.integer({ min: 0, max: 15 });
const change: fc.Arbitrary<GraphChange> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('hyperedge-add' as const),
      members: fc.array(vertex, { maxLength: 3 }),
    }),
  },
  fc.record({ type: fc.constant('vertex-add' as const), id: vertex }),
  fc.record({ type: fc.constant('vertex-remove' as const), id: vertex }),
  fc.record({ type: fc.constant('hyperedge-remove' as const), id: fc.nat(20) }),
);

describe('LiveComponents', () => {
  it('counts what a count anew gives, after any changes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 40 }), async (changes) => {
        await using graph = await LiveHypergraph.open();
        using components = new LiveComponents(graph);
        for (const one of changes) {
          await graph.apply([one]).catch(() => {});
          const flat = graph.snapshot().toHypergraph();
          const lists = Array.from({ length: flat.hyperedgeCount }, (_, at) => [...flat.membersOf(at)]);
          const labels = naiveComponents(lists, flat.vertexCount);
          expect(components.count).toBe(new Set(labels).size);
          for (let at = 1; at < flat.vertexCount; at++) {
            const [left, right] = [flat.vertices.externalOf(at - 1), flat.vertices.externalOf(at)];
            expect(components.areConnected(left, right)).toBe(labels[at - 1] === labels[at]);
          }
        }
        expect(() => components.areConnected('nobody', 0)).toThrow(/There is no vertex/);
      }),
      { numRuns: 60 },
    );
  });
});

describe('TimeWindow', () => {
  it('drops, as one batch, what is as old as the window is long', async () => {
    await using graph = await LiveHypergraph.open();
    await graph.apply([{ type: 'hyperedge-add', id: 'before', members: [1], properties: { time: 1 } }]);
    using window = new TimeWindow(graph, { length: 10 });
    await graph.apply(
      [4, 9, 2, 7].map((time) => ({
        type: 'hyperedge-add',
        id: `at ${time}`,
        members: [time],
        properties: { time },
      })),
    );
    await graph.apply([{ type: 'hyperedge-add', id: 'timeless', members: [] }]);
    expect(await window.advanceTo(10)).toBe(0);
    await graph.apply([{ type: 'property-set', of: 'hyperedge', id: 'at 2', properties: { time: 8 } }]);
    await graph.apply([{ type: 'hyperedge-remove', id: 'at 4' }]);
    const before = graph.snapshot();
    expect(await window.advanceTo(17)).toBe(2);
    expect(graph.epoch).toBe(before.epoch + 1);
    expect([...graph.snapshot().hyperedges()]).toEqual(['at 9', 'at 2', 'timeless']);
    expect(before.hyperedgeCount).toBe(5);
    expect(() => new TimeWindow(graph, { length: 0 })).toThrow(/longer than 0/);
  });
});

describe('ingest', () => {
  it('applies a stream in batches, asks for no more than may be pending, and tells what is durable in order', async () => {
    await using graph = await LiveHypergraph.open();
    let asked = 0;
    async function* source(): AsyncGenerator<GraphChange | GraphChange[]> {
      for (; asked < 10; asked++) yield { type: 'vertex-add', id: asked };
      yield Array.from({ length: 5 }, (_, at) => ({ type: 'hyperedge-add', members: [at] }));
    }
    const durable: number[] = [];
    const report = await ingest(graph, source(), {
      batchChangesMax: 2,
      pendingBatchesMax: 1,
      onDurable: (changes) => {
        durable.push(changes.length);
        expect(asked).toBeLessThanOrEqual(durable.length + 1);
      },
    });
    expect(report).toEqual({ batches: 13, changes: 15 });
    expect(durable).toEqual([...Array(10).fill(1), 2, 2, 1]);
    expect(graph.snapshot()).toMatchObject({ vertexCount: 10, hyperedgeCount: 5 });
  });

  it('ends with its signal while the stream has nothing to give, and reads nothing after it', async () => {
    await using graph = await LiveHypergraph.open();
    const stop = new AbortController();
    const { signal } = stop;
    let reads = 0;
    const silent: AsyncIterable<GraphChange> = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          reads += 1;
          if (reads === 1) return Promise.resolve({ value: { type: 'vertex-add', id: 1 }, done: false });
          queueMicrotask(() => stop.abort());
          return new Promise(() => {});
        },
      }),
    };
    expect(await ingest(graph, silent, { signal })).toEqual({ batches: 1, changes: 1 });
    expect(graph.snapshot().hasVertex(1)).toBe(true);
    expect(await ingest(graph, silent, { signal })).toEqual({ batches: 0, changes: 0 });
    expect(reads).toBe(2);
  });

  it('ends with the first batch that is refused; what came before is there', async () => {
    await using graph = await LiveHypergraph.open();
    async function* source(): AsyncGenerator<GraphChange> {
      yield { type: 'vertex-add', id: 1 };
      yield { type: 'vertex-remove', id: 2 };
      yield { type: 'vertex-add', id: 3 };
    }
    await expect(ingest(graph, source())).rejects.toThrow(/There is no vertex 2/);
    expect(graph.snapshot().hasVertex(1)).toBe(true);
    await expect(ingest(graph, source(), { pendingBatchesMax: 0 })).rejects.toThrow(/pendingBatchesMax/);
  });
});
