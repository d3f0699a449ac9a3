import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { kernelClient } from '../testing/kernel-client.js';
import { randomHypergraph } from '../testing/random-hypergraph.js';
import { cliqueExpansion } from './clique-expansion.js';
import { components } from './components.js';
import { neighborhood } from './neighborhood.js';
import { starExpansion } from './star-expansion.js';
import { toplexes } from './toplexes.js';

const client = kernelClient();
const idsTo = (count: number) => Array.from({ length: count }, (_, id) => id);
const listsOf = (graph: Hypergraph) =>
  idsTo(graph.hyperedgeCount).map((hyperedge) =>
    [...graph.membersOf(hyperedge)].map((vertex) => graph.vertices.externalOf(vertex)),
  );
const graphOf = ({ vertexCount, hyperedges }: { vertexCount: number; hyperedges: number[][] }) =>
  Hypergraph.from(hyperedges, { vertices: idsTo(vertexCount), repeatedMembers: 'keep' });

describe('by the definitions, on random hypergraphs', () => {
  test('toplexes: no other set contains one, the first of equal ones; those of toplexes are themselves', () =>
    fc.assert(
      fc.asyncProperty(randomHypergraph, async (random) => {
        using graph = graphOf(random);
        const { values, graph: build } = await toplexes.run(client, graph);
        const sets = random.hyperedges.map((members) => new Set(members));
        const isToplex = (e: number) =>
          sets.every((other, f) => {
            const holds = [...sets[e]!].every((vertex) => other.has(vertex));
            return !holds || (other.size === sets[e]!.size && f >= e);
          });
        expect([...values.hyperedges]).toEqual(idsTo(sets.length).filter(isToplex));
        using derived = build();
        expect(derived.vertexCount).toBe(graph.vertexCount);
        expect(listsOf(derived)).toEqual([...values.hyperedges].map((e) => random.hyperedges[e]));
        const again = (await toplexes.run(client, derived)).values.hyperedges;
        expect([...again]).toEqual(idsTo(derived.hyperedgeCount));
      }),
    ));

  test('sub-hypergraphs keep members inside, or trim them', () =>
    fc.assert(
      fc.property(randomHypergraph, fc.infiniteStream(fc.boolean()), (random, stream) => {
        using graph = graphOf(random);
        const isKept = idsTo(random.vertexCount).map(() => stream.next().value as boolean);
        const vertices = idsTo(random.vertexCount).filter((vertex) => isKept[vertex]);
        using inside = graph.subHypergraph({ vertices });
        expect(listsOf(inside)).toEqual(
          random.hyperedges.filter((members) => members.every((v) => isKept[v])),
        );
        expect(idsTo(inside.vertexCount).map((v) => inside.vertices.externalOf(v))).toEqual(vertices);
        using trimmed = graph.subHypergraph({ vertices, members: 'trim' });
        const left = random.hyperedges.map((members) => members.filter((v) => isKept[v]));
        expect(listsOf(trimmed)).toEqual(
          left.filter((members, e) => members.length > 0 || random.hyperedges[e]!.length === 0),
        );
        using whole = graph.subHypergraph({});
        expect(listsOf(whole)).toEqual(random.hyperedges);
        expect([...whole.nodeToEdges.members]).toEqual([...graph.nodeToEdges.members]);
      }),
    ));

  test('star expansion: as many components among vertices, sizes and degrees as degrees', () =>
    fc.assert(
      fc.asyncProperty(randomHypergraph, async (random) => {
        using graph = graphOf(random);
        using star = (await starExpansion.run(client, graph)).graph();
        expect(star.vertexCount).toBe(graph.vertexCount + graph.hyperedgeCount);
        expect(star.hyperedgeCount).toBe(graph.incidenceCount);
        for (const vertex of idsTo(graph.vertexCount)) {
          expect(star.degreeOf(star.vertices.indexOf(`v:${vertex}`))).toBe(graph.degreeOf(vertex));
        }
        for (const hyperedge of idsTo(graph.hyperedgeCount)) {
          expect(star.degreeOf(star.vertices.indexOf(`e:${hyperedge}`))).toBe(graph.sizeOf(hyperedge));
        }
        const { labels } = (await components.run(client, graph)).values;
        const starLabels = (await components.run(client, star)).values.labels;
        expect([...starLabels.subarray(0, graph.vertexCount)]).toEqual([...labels]);
      }),
    ));

  test('a neighborhood of one hop is what the clique expansion joins', () =>
    fc.assert(
      fc.asyncProperty(randomHypergraph, async (random) => {
        using graph = graphOf(random);
        const { values, graph: build } = await neighborhood.run(client, graph, { source: 0, hops: 1 });
        const { offsets, neighbours } = (await cliqueExpansion.run(client, graph)).values;
        const want = [0, ...neighbours.subarray(offsets[0], offsets[1])].toSorted((a, b) => a - b);
        expect([...values.vertices]).toEqual(want);
        using part = build();
        expect(listsOf(part)).toEqual(random.hyperedges.filter((m) => m.every((v) => want.includes(v))));
      }),
    ));
});

test('ids, labels and properties of what is kept come along, and can be saved', () => {
  const base = Hypergraph.from(
    [
      ['a', 7],
      ['b', 'c'],
      [7, 9],
    ],
    { hyperedgeIds: ['x', 'y', 'z'] },
  );
  using graph = base.derive({
    ...base.parts(),
    properties: {
      vertices: {},
      hyperedges: { weight: { values: Float64Array.of(1, 2, 3) } },
      incidences: { direction: { values: Uint8Array.of(1, 2, 1, 2, 1, 2) } },
    },
  });
  using part = graph.subHypergraph({ hyperedges: [2, 0, 2] });
  expect(idsTo(2).map((e) => part.hyperedges.externalOf(e))).toEqual(['x', 'z']);
  expect(part.vertices.indexOf('c')).toBe(graph.vertices.indexOf('c'));
  expect([...part.properties.hyperedges.weight!.values]).toEqual([1, 3]);
  expect([...part.properties.incidences.direction!.values]).toEqual([1, 2, 1, 2]);
  using few = graph.subHypergraph({ vertices: [graph.vertices.indexOf(7), graph.vertices.indexOf('a')] });
  expect([few.vertices.indexOf(7), few.vertices.indexOf('a'), few.vertices.indexOf('b')]).toEqual([0, 1, -1]);
  expect(listsOf(few)).toEqual([['a', 7]]);
});

test('indexes that there are not, and empty graphs', async () => {
  using graph = Hypergraph.from([['a', 'b'], []]);
  expect(() => graph.subHypergraph({ vertices: [5] })).toThrow(/no vertex with the index 5; the graph has 2/);
  expect(() => graph.subHypergraph({ hyperedges: [-1] })).toThrow(/no hyperedge with the index -1/);
  expect([...(await toplexes.run(client, graph)).values.hyperedges]).toEqual([0]);
  using empty = Hypergraph.from([]);
  expect((await toplexes.run(client, empty)).values.hyperedges.length).toBe(0);
  using star = (await starExpansion.run(client, empty)).graph();
  expect(star.vertexCount).toBe(0);
  using none = graph.subHypergraph({ vertices: [] });
  expect([none.vertexCount, none.hyperedgeCount]).toEqual([0, 1]);
});
