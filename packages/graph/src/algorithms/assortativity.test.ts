import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { onRandomHypergraphs } from '../testing/check-random.js';
import { kernelClient } from '../testing/kernel-client.js';
import { assortativity } from './assortativity.js';

const client = kernelClient();
const RUNS = 100;

/** All draws of two members, in both orders, each with its probability. */
function naivePairs(
  hyperedges: readonly (readonly number[])[],
  kind: string,
): readonly (readonly [number, number, number])[] {
  const sets = hyperedges.map((members) => [...new Set(members)]);
  const degreeOf = (vertex: number) => sets.filter((set) => set.includes(vertex)).length;
  return sets
    .filter((set) => set.length > 1)
    .flatMap((set) => {
      const degrees = set.map(degreeOf).sort((one, other) => other - one);
      const picks =
        kind === 'uniform'
          ? degrees.flatMap((x, i) => degrees.flatMap((y, j) => (i === j ? [] : [[x, y] as const])))
          : [[degrees[0]!, kind === 'top-2' ? degrees[1]! : degrees.at(-1)!] as const];
      return picks.flatMap(([x, y]) => {
        const share = 0.5 / picks.length;
        return [[x, y, share] as const, [y, x, share] as const];
      });
    });
}

function pearson(pairs: readonly (readonly [number, number, number])[]): number {
  const mean = (of: (x: number, y: number) => number) =>
    pairs.reduce((total, [x, y, share]) => total + share * of(x, y), 0) /
    pairs.reduce((total, [, , share]) => total + share, 0);
  const middle = mean((x) => x);
  const variance = mean((x) => (x - middle) ** 2);
  // Shares of a third do not add up exactly: degrees that are alike leave a rounding error.
  return variance < 1e-9 ? Number.NaN : mean((x, y) => (x - middle) * (y - middle)) / variance;
}

describe.each(['uniform', 'top-2', 'top-bottom'] as const)('%s', (kind) => {
  test('is the correlation over all draws, on random hypergraphs', () =>
    onRandomHypergraphs(async ({ hyperedges }, graph) => {
      const result = await assortativity.run(client, graph, { kind });
      const want = pearson(naivePairs(hyperedges, kind));
      if (Number.isNaN(want)) {
        expect(result.values.assortativity).toEqual(Float64Array.of(0));
        expect(result.warnings[0]?.message).toMatch(/not defined/);
      } else {
        expect(result.values.assortativity[0]).toBeCloseTo(want, 9);
        expect(result.warnings).toEqual([]);
      }
    }, RUNS));
});

test('a star is as disassortative as can be; separate cliques of two sizes are as assortative', async () => {
  using star = Hypergraph.from([1, 2, 3, 4].map((leaf) => [0, leaf]));
  expect((await assortativity.run(client, star)).values.assortativity[0]).toBeCloseTo(-1, 12);
  using cliques = Hypergraph.from([
    [0, 1],
    [0, 2],
    [1, 2],
    [3, 4],
  ]);
  expect((await assortativity.run(client, cliques)).values.assortativity[0]).toBeCloseTo(1, 12);
});

describe('dynamical', () => {
  test('is ⟨k k′⟩⟨k⟩² / ⟨k²⟩² − 1 over pairs of members and all vertices', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.uniqueArray(fc.nat(9), { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 20 }),
        async (hyperedges) => {
          using graph = Hypergraph.from(hyperedges, { vertices: [...Array(11).keys()] });
          const degrees = [...Array(11).keys()].map((vertex) => graph.degreeOf(vertex));
          const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
          const pairs = hyperedges.flatMap(([a, b, c]) =>
            [
              [a!, b!],
              [a!, c!],
              [b!, c!],
            ].map(([x, y]) => degrees[graph.vertices.indexOf(x!)]! * degrees[graph.vertices.indexOf(y!)]!),
          );
          const want = (mean(pairs) * mean(degrees) ** 2) / mean(degrees.map((k) => k * k)) ** 2 - 1;
          const { values } = await assortativity.run(client, graph, { kind: 'dynamical' });
          expect(values.assortativity[0]).toBeCloseTo(want, 10);
        },
      ),
    ));

  test('agrees with XGI 0.10 on its example, -0.0526 to three digits', async () => {
    using graph = Hypergraph.from([
      [0, 1, 2],
      [1, 2, 3],
      [2, 3, 4],
    ]);
    const { values } = await assortativity.run(client, graph, { kind: 'dynamical' });
    expect(values.assortativity[0]).toBeCloseTo(-0.0526, 3);
  });

  test('is refused where hyperedges differ in size', async () => {
    using graph = Hypergraph.from([
      [0, 1],
      [0, 1, 2],
    ]);
    await expect(assortativity.run(client, graph, { kind: 'dynamical' })).rejects.toMatchObject({
      code: 'E_GRAPH_INVALID',
      message: expect.stringMatching(/same number of members/),
    });
  });
});
