/** Single incidences of live hypergraphs: roles and weights of members come, change and go like everything else. */
import { AnantError } from '@anant/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Hypergraph } from '../graph.js';
import type { ExternalId } from '../ids/id-table.js';
import { valueAt } from '../store/properties.js';
import { tempFiles } from '../testing/temp-files.js';
import type { GraphChange, IncidenceName, PropertyChanges } from './change.js';
import type { GraphSnapshot } from './graph-snapshot.js';
import { LiveComponents } from './live-components.js';
import { LiveDegrees } from './live-degrees.js';
import { LiveHypergraph } from './live-hypergraph.js';
import { LivePagerank } from './live-pagerank.js';

type Said = Record<string, number | string>;
interface Member {
  readonly vertex: ExternalId;
  readonly said: Said;
}

/** What a live hypergraph should hold, in the plainest form: hyperedges as lists of members with what is said of each. */
class Model {
  vertices = new Set<ExternalId>();
  hyperedges = new Map<ExternalId, Member[]>();

  /** @returns whether the change is possible */
  apply(change: GraphChange): boolean {
    switch (change.type) {
      case 'hyperedge-add': {
        const { members, memberProperties } = change;
        if (this.hyperedges.has(change.id!)) return false;
        if (memberProperties && memberProperties.length !== members.length) return false;
        for (const member of members) this.vertices.add(member);
        const listed = memberProperties ? members : [...new Set(members)];
        this.hyperedges.set(
          change.id!,
          listed.map((vertex, place) => ({ vertex, said: { ...memberProperties?.[place] } })),
        );
        return true;
      }
      case 'hyperedge-remove':
        return this.hyperedges.delete(change.id);
      case 'vertex-add':
        this.vertices.add(change.id);
        return true;
      case 'vertex-remove':
        for (const [id, members] of this.hyperedges) {
          this.hyperedges.set(
            id,
            members.filter(({ vertex }) => vertex !== change.id),
          );
        }
        return this.vertices.delete(change.id);
      case 'incidence-add': {
        const members = this.hyperedges.get(change.hyperedge);
        if (!members) return false;
        this.vertices.add(change.vertex);
        members.push({ vertex: change.vertex, said: { ...change.properties } });
        return true;
      }
      case 'incidence-remove':
        return this.#at(change, (members, place) => members.splice(place, 1));
      case 'property-set':
        if (change.of !== 'incidence') return false;
        return this.#at(change, (members, place) => set(members[place]!.said, change.properties));
    }
  }

  #at(name: IncidenceName, act: (members: Member[], place: number) => void): boolean {
    const members = this.hyperedges.get(name.hyperedge) ?? [];
    const places = members.flatMap(({ vertex }, place) => (vertex === name.vertex ? [place] : []));
    const place = name.place ?? (places.length === 1 ? places[0]! : -1);
    if (!places.includes(place)) return false;
    act(members, place);
    return true;
  }

  copy(): Model {
    const copy = new Model();
    copy.vertices = new Set(this.vertices);
    for (const [id, members] of this.hyperedges) {
      copy.hyperedges.set(
        id,
        members.map(({ vertex, said }) => ({ vertex, said: { ...said } })),
      );
    }
    return copy;
  }
}

function set(said: Said, changes: PropertyChanges): void {
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) delete said[name];
    else said[name] = value;
  }
}

function expectToHold(snapshot: GraphSnapshot, model: Model): void {
  expect(new Set(snapshot.vertices())).toEqual(model.vertices);
  expect(snapshot.hyperedgeCount).toBe(model.hyperedges.size);
  for (const [id, members] of model.hyperedges) {
    expect(snapshot.membersOf(id)).toEqual(members.map(({ vertex }) => vertex));
    expect(snapshot.memberPropertiesOf(id)).toEqual(members.map(({ said }) => said));
  }
}

/** The flat graph says the same of every member, by name and in its place. */
function expectSameGraph(graph: Hypergraph, model: Model): void {
  expect(graph.hyperedgeCount).toBe(model.hyperedges.size);
  expect(
    new Set(Array.from({ length: graph.vertexCount }, (_, at) => graph.vertices.externalOf(at))),
  ).toEqual(model.vertices);
  for (const [id, members] of model.hyperedges) {
    const hyperedge = graph.hyperedges.indexOf(id);
    const first = graph.edgeToNodes.offsets[hyperedge]!;
    const found = Array.from(graph.membersOf(hyperedge), (vertex, place): Member => {
      const said: Said = {};
      for (const [name, column] of Object.entries(graph.properties.incidences)) {
        const value = valueAt(column, first + place);
        if (value !== undefined) said[name] = value;
      }
      return { vertex: graph.vertices.externalOf(vertex), said };
    });
    expect(found).toEqual(members);
  }
}

const id: fc.Arbitrary<ExternalId> = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom('a', '4'));
const said = fc.record(
  { role: fc.constantFrom('author', 'work', 'editor'), weight: fc.integer({ min: 0, max: 9 }) },
  { requiredKeys: [] },
);
const said3 = fc.array(said, { minLength: 3, maxLength: 3 });
const place = { place: fc.nat(3) };
const incidence = { hyperedge: id, vertex: id, ...place };
const named = { requiredKeys: ['type', 'hyperedge', 'vertex'] as ('type' | 'hyperedge' | 'vertex')[] };
const change = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(
      {
        type: fc.constant('hyperedge-add' as const),
        id,
        members: fc.array(id, { minLength: 3, maxLength: 3 }),
        memberProperties: said3,
      },
      { requiredKeys: ['type', 'id', 'members'] },
    ),
  },
  fc.record({ type: fc.constant('hyperedge-remove' as const), id }),
  fc.record({ type: fc.constant('vertex-remove' as const), id }),
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('incidence-add' as const),
      hyperedge: id,
      vertex: id,
      properties: said,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('incidence-remove' as const), ...incidence }, named),
  },
  {
    weight: 5,
    arbitrary: fc
      .record({ type: fc.constant('property-set' as const), ...incidence }, named)
      .chain((one) =>
        fc
          .oneof(said, fc.constant({ role: null }), fc.constant({ weight: null, role: 'work' }))
          .map((properties) => ({ ...one, of: 'incidence' as const, properties })),
      ),
  },
) as fc.Arbitrary<GraphChange>;
const steps = (others: readonly ('merge' | 'reopen')[]) =>
  fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.array(change, { minLength: 1, maxLength: 3 }) },
      { weight: 1, arbitrary: fc.constantFrom(...others) },
    ),
    { maxLength: 25 },
  );

/** One vertex stands in two places of the first hyperedge. */
const base = () =>
  Hypergraph.from(
    [
      [0, 1, 'a', 0],
      ['a', 2],
    ],
    { repeatedMembers: 'keep' },
  );

describe('incidences of a live hypergraph', () => {
  it('are at every epoch what a plain model holds; what follows the graph agrees', async () => {
    await fc.assert(
      fc.asyncProperty(steps(['merge']), async (given) => {
        await using graph = await LiveHypergraph.open({ base: base() });
        using degrees = new LiveDegrees(graph);
        using components = new LiveComponents(graph);
        using ranks = new LivePagerank(graph, { tolerance: 1e-6 });
        const kept: [GraphSnapshot, Model][] = [];
        let model = new Model();
        for (const vertex of [0, 1, 'a', 2]) model.vertices.add(vertex);
        model.hyperedges.set(
          0,
          [0, 1, 'a', 0].map((vertex) => ({ vertex, said: {} })),
        );
        model.hyperedges.set(
          1,
          ['a', 2].map((vertex) => ({ vertex, said: {} })),
        );
        for (const batch of given) {
          if (typeof batch === 'string') {
            await graph.merge();
            continue;
          }
          const next = model.copy();
          const isPossible = batch.every((one) => next.apply(one));
          if (isPossible) model = next;
          const applied = await graph.apply(batch).catch((error: unknown) => error);
          if (!isPossible) expect(AnantError.is(applied, 'E_GRAPH_INVALID')).toBe(true);
          else expect(applied).toBe(graph.epoch);
          kept.push([graph.snapshot(), model.copy()]);
        }
        for (const [snapshot, then] of kept) expectToHold(snapshot, then);
        const flat = graph.snapshot().toHypergraph();
        expectSameGraph(flat, model);
        for (const vertex of model.vertices) {
          expect(degrees.degreeOf(vertex)).toBe(flat.degreeOf(flat.vertices.indexOf(vertex)));
          expect(graph.degreeOf(vertex)).toBe(degrees.degreeOf(vertex));
        }
        await using anew = await LiveHypergraph.open({ base: flat });
        using counted = new LiveComponents(anew);
        expect(components.count).toBe(counted.count);
        expect(ranks.verify()).toBeLessThan(1e-9);
      }),
      { numRuns: 120 },
    );
  });

  it('are in the folder what they were, after reopening and merging', async () => {
    await fc.assert(
      fc.asyncProperty(steps(['merge', 'reopen']), async (given) => {
        const folder = tempFiles({});
        const options = { folder, durability: 'process' } as const;
        let graph = await LiveHypergraph.open(options);
        let model = new Model();
        for (const batch of given) {
          if (batch === 'merge') await graph.merge();
          else if (batch === 'reopen') {
            await graph.close();
            graph = await LiveHypergraph.open(options);
          } else {
            const next = model.copy();
            if (batch.every((one) => next.apply(one))) model = next;
            await graph.apply(batch).catch(() => {});
          }
          expectToHold(graph.snapshot(), model);
        }
        await graph.close();
        await using again = await LiveHypergraph.open(options);
        expectToHold(again.snapshot(), model);
        expectSameGraph(again.snapshot().toHypergraph(), model);
      }),
      { numRuns: 12 },
    );
  });

  it('answer queries of n-ary facts by role, before and after each change', async () => {
    await using graph = await LiveHypergraph.open();
    const authors = () =>
      graph.snapshot().toHypergraph().query('match wrote(author: ?who, work: notes)').rows.flat();
    await graph.apply([
      {
        type: 'hyperedge-add',
        id: 'f',
        members: ['ada', 'notes', 'ada'],
        memberProperties: [{ role: 'author', share: 0.5 }, { role: 'work' }, { role: 'editor' }],
        properties: { relation: 'wrote' },
      },
    ]);
    expect(authors()).toEqual(['ada']);
    const first = graph.snapshot();
    await graph.apply([
      { type: 'incidence-add', hyperedge: 'f', vertex: 'luigi', properties: { role: 'author' } },
      {
        type: 'property-set',
        of: 'incidence',
        hyperedge: 'f',
        vertex: 'ada',
        place: 0,
        properties: { role: 'translator' },
      },
    ]);
    expect(authors()).toEqual(['luigi']);
    expect(graph.snapshot().hyperedgeProperties('f')).toEqual({ relation: 'wrote' });
    await graph.merge();
    await graph.apply([{ type: 'incidence-remove', hyperedge: 'f', vertex: 'luigi' }]);
    expect(authors).toThrow(/the graph has no role "author"/);
    expect(first.memberPropertiesOf('f')).toEqual([
      { role: 'author', share: 0.5 },
      { role: 'work' },
      { role: 'editor' },
    ]);
    expect(graph.snapshot().memberPropertiesOf('nothing')).toBeUndefined();
  });

  it('of a directed base have heads and tails, and later ones too', async () => {
    await using graph = await LiveHypergraph.open();
    await graph.apply([
      {
        type: 'hyperedge-add',
        id: 'r',
        members: ['x', 'y'],
        memberProperties: [{ direction: 'tail' }, { direction: 'head' }],
      },
    ]);
    await graph.merge();
    await graph.apply([
      {
        type: 'hyperedge-add',
        id: 's',
        members: ['y', 'x'],
        memberProperties: [{ direction: 'tail' }, { direction: 'head' }],
      },
      { type: 'hyperedge-add', id: 't', members: ['z'] },
    ]);
    const flat = graph.snapshot().toHypergraph();
    expect(flat.kind).toBe('directed');
    expect(Array.from(flat.properties.incidences.direction!.values)).toEqual([2, 1, 2, 1, 0]);
    expect(graph.snapshot().memberPropertiesOf('r')).toEqual([{ direction: 'tail' }, { direction: 'head' }]);
  });

  it.each<[string, unknown, RegExp]>([
    [
      'a vertex that is no member',
      { type: 'incidence-remove', hyperedge: 1, vertex: 1 },
      /Vertex 1 is no member of hyperedge 1/,
    ],
    [
      'a vertex listed twice',
      { type: 'incidence-remove', hyperedge: 0, vertex: 0 },
      /lists vertex 0 more than once/,
    ],
    [
      'a place of another',
      { type: 'incidence-remove', hyperedge: 0, vertex: 0, place: 1 },
      /Place 1 of hyperedge 0 is not vertex 0/,
    ],
    [
      'a hyperedge that is not there',
      { type: 'incidence-add', hyperedge: 'f', vertex: 0 },
      /There is no hyperedge "f"/,
    ],
    [
      'a direction',
      { type: 'incidence-add', hyperedge: 0, vertex: 0, properties: { direction: 'up' } },
      /"head" or "tail", not "up"/,
    ],
    [
      'too few properties',
      { type: 'hyperedge-add', members: [1, 2], memberProperties: [{}] },
      /2 members, but memberProperties of 1/,
    ],
    [
      'what has no properties',
      { type: 'property-set', of: 'graph', id: 0, properties: {} },
      /"graph" has no properties/,
    ],
    ['a change that lacks its members', { type: 'hyperedge-add', id: 'h' }, /Change 0 of 1: it lacks a part/],
  ])('refuse %s', async (_, wrong, message) => {
    await using graph = await LiveHypergraph.open({ base: base() });
    await expect(graph.apply([wrong as GraphChange])).rejects.toThrow(message);
    expect(graph.epoch).toBe(0);
  });
});
