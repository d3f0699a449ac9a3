import { AnantError } from '@anant/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Hypergraph } from '../graph.js';
import type { ExternalId } from '../ids/id-table.js';
import type { GraphChange } from './change.js';
import type { GraphSnapshot } from './graph-snapshot.js';
import { LiveHypergraph } from './live-hypergraph.js';

/** Changes without names of incidences; `live-incidences.test.ts` has those. */
type WholeChange = Exclude<
  GraphChange,
  { readonly type: 'incidence-add' | 'incidence-remove' } | { readonly of: 'incidence' }
>;

/** What a live hypergraph should hold, in the plainest form. */
class Model {
  vertices = new Map<ExternalId, Record<string, unknown>>();
  hyperedges = new Map<ExternalId, { members: ExternalId[]; properties: Record<string, unknown> }>();

  /** @returns whether the change is possible */
  apply(change: WholeChange): boolean {
    switch (change.type) {
      case 'hyperedge-add': {
        if (this.hyperedges.has(change.id!)) return false;
        for (const member of change.members) if (!this.vertices.has(member)) this.vertices.set(member, {});
        this.hyperedges.set(change.id!, {
          members: [...new Set(change.members)],
          properties: { ...change.properties },
        });
        return true;
      }
      case 'hyperedge-remove':
        return this.hyperedges.delete(change.id);
      case 'vertex-add':
        this.vertices.set(change.id, { ...this.vertices.get(change.id), ...change.properties });
        return true;
      case 'vertex-remove':
        for (const hyperedge of this.hyperedges.values()) {
          hyperedge.members = hyperedge.members.filter((member) => member !== change.id);
        }
        return this.vertices.delete(change.id);
      case 'property-set': {
        const found =
          change.of === 'vertex' ? this.vertices.get(change.id) : this.hyperedges.get(change.id)?.properties;
        if (found) Object.assign(found, change.properties);
        return found !== undefined;
      }
    }
  }

  copy(): Model {
    const copy = new Model();
    for (const [id, properties] of this.vertices) copy.vertices.set(id, { ...properties });
    for (const [id, { members, properties }] of this.hyperedges) {
      copy.hyperedges.set(id, { members: [...members], properties: { ...properties } });
    }
    return copy;
  }
}

function expectToHold(snapshot: GraphSnapshot, model: Model): void {
  expect(snapshot.vertexCount).toBe(model.vertices.size);
  expect(snapshot.hyperedgeCount).toBe(model.hyperedges.size);
  expect(new Set(snapshot.vertices())).toEqual(new Set(model.vertices.keys()));
  expect(new Set(snapshot.hyperedges())).toEqual(new Set(model.hyperedges.keys()));
  let incidences = 0;
  for (const [id, { members, properties }] of model.hyperedges) {
    expect(snapshot.membersOf(id)).toEqual(members);
    expect(snapshot.hyperedgeProperties(id)).toEqual(properties);
    incidences += members.length;
  }
  expect(snapshot.incidenceCount).toBe(incidences);
  for (const [id, properties] of model.vertices) {
    const holders = [...model.hyperedges]
      .filter(([, { members }]) => members.includes(id))
      .map(([name]) => name);
    expect(new Set(snapshot.hyperedgesOf(id))).toEqual(new Set(holders));
    expect(snapshot.degreeOf(id)).toBe(holders.length);
    expect(snapshot.vertexProperties(id)).toEqual(properties);
    const neighbors = new Set(holders.flatMap((name) => model.hyperedges.get(name)!.members));
    neighbors.delete(id);
    expect(new Set(snapshot.neighborsOf(id))).toEqual(neighbors);
  }
}

function expectSameGraph(graph: Hypergraph, model: Model): void {
  expect(
    new Set(Array.from({ length: graph.vertexCount }, (_, at) => graph.vertices.externalOf(at))),
  ).toEqual(new Set(model.vertices.keys()));
  for (const [id, { members }] of model.hyperedges) {
    const hyperedge = graph.hyperedges.indexOf(id);
    expect(Array.from(graph.membersOf(hyperedge), (vertex) => graph.vertices.externalOf(vertex))).toEqual(
      members,
    );
  }
  expect(graph.hyperedgeCount).toBe(model.hyperedges.size);
}

const id: fc.Arbitrary<ExternalId> = fc.oneof(fc.integer({ min: 0, max: 7 }), fc.constantFrom('a', 'b', '7'));
const properties = fc.dictionary(fc.constantFrom('weight', 'time'), fc.integer({ min: 0, max: 9 }), {
  maxKeys: 2,
});
const change: fc.Arbitrary<WholeChange> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('hyperedge-add' as const),
      id,
      members: fc.array(id, { maxLength: 4 }),
      properties,
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('hyperedge-remove' as const), id }) },
  fc.record({ type: fc.constant('vertex-add' as const), id, properties }),
  fc.record({ type: fc.constant('vertex-remove' as const), id }),
  fc.record({
    type: fc.constant('property-set' as const),
    of: fc.constantFrom('vertex' as const, 'hyperedge' as const),
    id,
    properties,
  }),
);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.array(change, { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constant('merge' as const) },
);

describe('LiveHypergraph', () => {
  it('holds, at every epoch, what a plain model of the batches holds, however often it is merged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        await using graph = await LiveHypergraph.open();
        const kept: [GraphSnapshot, Model][] = [];
        let model = new Model();
        for (const batch of steps) {
          if (batch === 'merge') {
            await graph.merge();
            continue;
          }
          const next = model.copy();
          const isPossible = batch.every((one) => next.apply(one));
          if (isPossible) model = next;
          const epoch = graph.epoch;
          const applied = await graph.apply(batch).catch((error: unknown) => error);
          if (isPossible) expect(applied).toBe(epoch + 1);
          else expect(AnantError.is(applied, 'E_GRAPH_INVALID')).toBe(true);
          kept.push([graph.snapshot(), model.copy()]);
          for (const vertex of model.vertices.keys()) {
            expect(graph.degreeOf(vertex)).toBe(graph.snapshot().degreeOf(vertex));
          }
        }
        for (const [snapshot, then] of kept) expectToHold(snapshot, then);
        expectSameGraph(graph.snapshot().toHypergraph(), model);
      }),
      { numRuns: 150 },
    );
  });

  it('names the change that is wrong, and applies nothing of its batch', async () => {
    await using graph = await LiveHypergraph.open({ base: Hypergraph.from([['a', 'b']]) });
    const batch: GraphChange[] = [
      { type: 'hyperedge-add', members: ['b', 'c'] },
      { type: 'hyperedge-remove', id: 0 },
      { type: 'hyperedge-remove', id: 99 },
    ];
    await expect(graph.apply(batch)).rejects.toMatchObject({
      code: 'E_GRAPH_INVALID',
      message: expect.stringMatching(/^Change 2 of 3: There is no hyperedge 99\./),
      details: { change: 2 },
    });
    expect(graph.epoch).toBe(0);
    expect([...graph.snapshot().hyperedges()]).toEqual([0]);
    expect(graph.snapshot().hasVertex('c')).toBe(false);
    expect(graph.degreeOf('b')).toBe(1);
    expect(await graph.apply([{ type: 'hyperedge-add', members: ['b', 'c'] }])).toBe(1);
    expect(graph.snapshot().membersOf(1)).toEqual(['b', 'c']);
  });

  it.each<[string, unknown, RegExp]>([
    ['a change of no type', { type: 'rename' }, /"rename" is no type of change/],
    ['an id that is no id', { type: 'vertex-add', id: 1.5 }, /must be a string or a safe integer/],
    [
      'a value that is not finite',
      { type: 'vertex-add', id: 1, properties: { weight: Number.NaN } },
      /"weight"/,
    ],
    ['a text as members', { type: 'hyperedge-add', members: 'ab' }, /members must be a list, not a text/],
    ['a hyperedge that exists', { type: 'hyperedge-add', id: 0, members: [] }, /hyperedge 0 already/],
    [
      'a text where numbers are',
      { type: 'property-set', of: 'vertex', id: 'a', properties: { size: 'x' } },
      /holds numbers/,
    ],
  ])('refuses %s', async (_, wrong, message) => {
    await using graph = await LiveHypergraph.open({ base: Hypergraph.from([['a']]) });
    await graph.apply([{ type: 'vertex-add', id: 'a', properties: { size: 1 } }]);
    await expect(graph.apply([wrong as GraphChange])).rejects.toThrow(message);
  });

  it('refuses a batch that is no list, and a durability that there is not', async () => {
    await using graph = await LiveHypergraph.open({});
    const one = { type: 'vertex-add', id: 1 } as unknown as GraphChange[];
    await expect(graph.apply(one)).rejects.toThrow(/A batch is a list of changes/);
    const options = { folder: 'never-made', durability: 'proces' as 'process' };
    await expect(LiveHypergraph.open(options)).rejects.toThrow(/must be power or process, not "proces"/);
  });

  it('keeps texts as properties, and what the base says of its incidences', async () => {
    const base = Hypergraph.from([
      ['a', 'b'],
      ['b', 'c'],
    ]);
    await using graph = await LiveHypergraph.open({ base });
    await graph.apply([
      { type: 'hyperedge-add', id: 'x', members: ['a', 'c'], properties: { relation: 'likes', time: 5 } },
      { type: 'property-set', of: 'hyperedge', id: 0, properties: { relation: 'knows' } },
    ]);
    expect(graph.snapshot().hyperedgeProperties('x')).toEqual({ relation: 'likes', time: 5 });
    const flat = graph.snapshot().toHypergraph();
    const { relation, time } = flat.properties.hyperedges;
    const textOf = (id: ExternalId) =>
      relation!.dictionary!.externalOf(relation!.values[flat.hyperedges.indexOf(id)]!);
    expect(['x', 0, 1].map(textOf)).toEqual(['likes', 'knows', '']);
    expect(time!.values[flat.hyperedges.indexOf(0)]).toBeNaN();
  });

  it('merges by itself when enough has been added', async () => {
    await using graph = await LiveHypergraph.open();
    const members = Array.from({ length: 1_000 }, (_, at) => at);
    const before = graph.snapshot();
    for (let at = 0; at < 1_100; at++) await graph.apply([{ type: 'hyperedge-add', members }]);
    expect(graph.snapshot().toHypergraph().incidenceCount).toBe(1_100_000);
    expect(before.hyperedgeCount).toBe(0);
    expect(graph.degreeOf(999)).toBe(1_100);
  });

  it('tells subscribers every batch, and a slow one what it missed', async () => {
    await using graph = await LiveHypergraph.open();
    const fast = graph.changes()[Symbol.asyncIterator]();
    const slow = graph.changes({ batchesMax: 2 })[Symbol.asyncIterator]();
    for (let at = 0; at < 5; at++) await graph.apply([{ type: 'vertex-add', id: at }]);
    for (let epoch = 1; epoch <= 5; epoch++) {
      expect((await fast.next()).value).toEqual({
        type: 'batch',
        epoch,
        changes: [{ type: 'vertex-add', id: epoch - 1 }],
      });
    }
    expect((await slow.next()).value).toEqual({ type: 'gap', batches: 3 });
    expect((await slow.next()).value).toMatchObject({ epoch: 4 });
    await graph.close();
    expect((await fast.next()).done).toBe(true);
    await expect(graph.apply([])).rejects.toThrow(/was closed/);
  });

  it('ends a subscription with its signal', async () => {
    await using graph = await LiveHypergraph.open();
    const abort = new AbortController();
    const reader = graph.changes({ signal: abort.signal })[Symbol.asyncIterator]();
    const next = reader.next();
    abort.abort();
    expect((await next).done).toBe(true);
  });
});
