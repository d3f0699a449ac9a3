import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { onRandomHypergraphs } from '../testing/check-random.js';
import { kernelClient } from '../testing/kernel-client.js';
import { naiveDual, naiveLineGraph } from '../testing/naive-lines.js';
import type { RandomHypergraph } from '../testing/random-hypergraph.js';
import { clustering } from './clustering.js';

const client = kernelClient();

/** Of the hypergraph below, from XGI 0.10.2: `clustering_coefficient` and `two_node_clustering_coefficient`. */
const XGI = {
  projection: [0.333333333333333, 0.666666666666667, 0.666666666666667, 0.6, 0.6, 1, 0.5],
  union: [
    0.305555555555556, 0.395833333333333, 0.416666666666667, 0.4, 0.416666666666667, 0.444444444444444,
    0.354166666666667,
  ],
  least: [0.5, 0.625, 0.666666666666667, 0.733333333333333, 0.7, 1, 0.625],
  most: [0.444444444444444, 0.5, 0.5, 0.466666666666667, 0.5, 0.444444444444444, 0.458333333333333],
};

const expectNear = (values: ArrayLike<number>, want: readonly number[]) => {
  expect(values.length).toBe(want.length);
  for (const [at, value] of want.entries()) expect(values[at]).toBeCloseTo(value, 12);
};

/** Neighbours of each vertex, and how many hyperedges both are in. */
function neighbours({ hyperedges, vertexCount }: RandomHypergraph) {
  const dual = naiveDual(hyperedges, vertexCount);
  const shared = Array.from({ length: vertexCount }, () => new Map<number, number>());
  for (const [a, b, count] of naiveLineGraph(dual, 1, 'keep').edges) {
    shared[a]!.set(b, count);
    shared[b]!.set(a, count);
  }
  return { degrees: dual.map(({ length }) => length), shared };
}

describe('against the definitions, on random hypergraphs', () => {
  test('projection, average and transitivity', () =>
    onRandomHypergraphs(async (random, graph) => {
      const { shared } = neighbours(random);
      const closed = shared.map((near) => {
        const ids = [...near.keys()];
        const pairs = ids.flatMap((a, at) => ids.slice(at + 1).map((b) => shared[a]!.has(b)));
        return { pairs: pairs.length, joined: pairs.filter(Boolean).length };
      });
      const { values } = await clustering.run(client, graph);
      const want = closed.map(({ pairs, joined }) => (pairs === 0 ? 0 : joined / pairs));
      expectNear(values.coefficients, want);
      expectNear(values.average, [want.reduce((sum, value) => sum + value, 0) / want.length]);
      const total = (key: 'pairs' | 'joined') => closed.reduce((sum, each) => sum + each[key], 0);
      expectNear(values.transitivity, [total('pairs') === 0 ? 0 : total('joined') / total('pairs')]);
    }));

  test('shared hyperedges, by union, least and most', () =>
    onRandomHypergraphs(async (random, graph) => {
      const { degrees, shared } = neighbours(random);
      const wholes = {
        union: (a: number, b: number, both: number) => a + b - both,
        least: (a: number, b: number) => Math.min(a, b),
        most: (a: number, b: number) => Math.max(a, b),
      };
      for (const kind of ['union', 'least', 'most'] as const) {
        const { values } = await clustering.run(client, graph, { kind });
        const want = shared.map((near, vertex) => {
          const shares = [...near].map(
            ([other, both]) => both / wholes[kind](degrees[vertex]!, degrees[other]!, both),
          );
          return shares.length === 0 ? 0 : shares.reduce((sum, share) => sum + share, 0) / shares.length;
        });
        expectNear(values.coefficients, want);
      }
    }));
});

test('what XGI 0.10 gives', async () => {
  using graph = Hypergraph.from([
    [0, 1, 2],
    [2, 3],
    [3, 4, 5, 6],
    [0, 6],
    [1, 2, 3, 4],
  ]);
  for (const [kind, want] of Object.entries(XGI)) {
    const { values } = await clustering.run(client, graph, { kind: kind as keyof typeof XGI });
    expectNear(values.coefficients, want);
  }
});

test('known graphs: a complete one, a star, single vertices, none', async () => {
  using complete = Hypergraph.from([[0, 1, 2, 3, 4]]);
  for (const kind of ['projection', 'union', 'least', 'most'] as const) {
    expect([...(await clustering.run(client, complete, { kind })).values.coefficients]).toEqual(
      Array(5).fill(1),
    );
  }
  using star = Hypergraph.from([[0, 1], [0, 2], [0, 3], [4]]);
  const { values } = await clustering.run(client, star);
  expect([...values.coefficients, ...values.transitivity]).toEqual(Array(6).fill(0));
  using empty = Hypergraph.from([]);
  const none = (await clustering.run(client, empty, { kind: 'union' })).values;
  expect([none.coefficients.length, none.average[0], none.transitivity[0]]).toEqual([0, 0, 0]);
  await expect(clustering.run(client, star, { kind: 'best' as never })).rejects.toMatchObject({
    code: 'E_GRAPH_INVALID',
  });
});
