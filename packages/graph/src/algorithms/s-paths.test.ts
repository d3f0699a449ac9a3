import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { onRandomHypergraphs } from '../testing/check-random.js';
import { dataPath, referenceCounts } from '../testing/data-folder.js';
import { kernelClient } from '../testing/kernel-client.js';
import {
  type NaiveLine,
  type NaivePaths,
  naiveBetweenness,
  naiveDual,
  naiveLineGraph,
  naivePaths,
} from '../testing/naive-lines.js';
import type { RandomHypergraph } from '../testing/random-hypergraph.js';
import { algorithms } from './registry.js';
import { sBetweenness } from './s-betweenness.js';
import { sCloseness } from './s-closeness.js';
import { sDiameter } from './s-diameter.js';
import { sDistance } from './s-distance.js';
import { sEccentricity } from './s-eccentricity.js';
import { sHarmonic } from './s-harmonic.js';

const client = kernelClient();

interface Case {
  readonly s: number;
  readonly of?: 'hyperedges' | 'vertices';
  readonly multiEdges?: 'merge' | 'keep';
}
const CASES: readonly Case[] = [
  { s: 1 },
  { s: 2 },
  { s: 1, multiEdges: 'keep' },
  { s: 1, of: 'vertices' },
  { s: 2, of: 'vertices' },
];

/** The line graph by definition, and the node that stands for every hyperedge (or vertex), -1 for none. */
function naive({ hyperedges, vertexCount }: RandomHypergraph, { s, of, multiEdges = 'merge' }: Case) {
  const lists = of === 'vertices' ? naiveDual(hyperedges, vertexCount) : hyperedges;
  const line: NaiveLine = naiveLineGraph(lists, s, of === 'vertices' ? 'keep' : multiEdges);
  const paths: NaivePaths = naivePaths(line);
  const keys = lists.map((members) => [...new Set(members)].sort((a, b) => a - b).join());
  const isMerged = of !== 'vertices' && multiEdges === 'merge';
  const nodeOf = lists.map((_, id) => paths.at.get(isMerged ? keys.indexOf(keys[id]!) : id) ?? -1);
  return { line, ...paths, nodeOf };
}

const finite = (distances: readonly number[]) => distances.filter((distance) => distance < Infinity);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function expectNear(values: Float64Array, want: readonly number[]): void {
  expect(values.length).toBe(want.length);
  for (const [id, value] of values.entries()) expect(value).toBeCloseTo(want[id]!, 10);
}

for (const [index, given] of CASES.entries()) {
  describe(`against the definitions, on random hypergraphs: ${JSON.stringify(given)}`, () => {
    test('distances', () =>
      onRandomHypergraphs(async (random, graph) => {
        const { distances, line, nodeOf } = naive(random, given);
        for (const source of line.nodes.slice(0, 3)) {
          const { values } = await sDistance.run(client, graph, { ...given, source });
          const row = distances[nodeOf[source]!]!;
          const want = nodeOf.map((node) => (node < 0 || row[node] === Infinity ? -1 : row[node]));
          expect([...values.distances]).toEqual(want);
        }
      }, 30));

    test('eccentricity, diameter, closeness, harmonic', () =>
      onRandomHypergraphs(async (random, graph) => {
        const { distances, nodeOf } = naive(random, given);
        const byNode = (value: (row: readonly number[]) => number, otherwise: number) =>
          nodeOf.map((node) => (node < 0 ? otherwise : value(finite(distances[node]!))));
        const { eccentricities } = (await sEccentricity.run(client, graph, given)).values;
        expect([...eccentricities]).toEqual(byNode((row) => Math.max(...row), -1));

        const { diameter, averageDistance } = (await sDiameter.run(client, graph, given)).values;
        const all = distances.flatMap(finite).filter((distance) => distance > 0);
        expect(diameter[0]).toBe(Math.max(0, ...all));
        expect(averageDistance[0]).toBeCloseTo(all.length === 0 ? 0 : sum(all) / all.length, 10);

        const others = distances.length - 1;
        const own = (row: readonly number[]) => (row.length === 1 ? 0 : (row.length - 1) / sum(row));
        const whole = (row: readonly number[]) =>
          row.length === 1 ? 0 : (own(row) * (row.length - 1)) / others;
        expectNear((await sCloseness.run(client, graph, given)).values.scores, byNode(whole, 0));
        const component = await sCloseness.run(client, graph, { ...given, normalisation: 'component' });
        expectNear(component.values.scores, byNode(own, 0));

        const reciprocals = (row: readonly number[]) =>
          sum(row.filter((far) => far > 0).map((far) => 1 / far));
        const raw = await sHarmonic.run(client, graph, { ...given, normalisation: 'none' });
        expectNear(raw.values.scores, byNode(reciprocals, 0));
        const share = (row: readonly number[]) => reciprocals(row) / Math.max(others, 1);
        expectNear((await sHarmonic.run(client, graph, given)).values.scores, byNode(share, 0));
      }, 30));

    test('betweenness', () =>
      onRandomHypergraphs(async (random, graph) => {
        const { nodeOf, ...paths } = naive(random, given);
        const scores = naiveBetweenness(paths);
        const raw = await sBetweenness.run(client, graph, { ...given, normalisation: 'none' });
        expectNear(
          raw.values.scores,
          nodeOf.map((node) => scores[node] ?? 0),
        );
        expect([...raw.values.errorBound]).toEqual([0]);
        const pairs = Math.max(((scores.length - 1) * (scores.length - 2)) / 2, 1);
        const shares = await sBetweenness.run(client, graph, given);
        expectNear(
          shares.values.scores,
          nodeOf.map((node) => (scores[node] ?? 0) / pairs),
        );
      }, 20 + index));
  });
}

describe('known graphs', () => {
  /** A cycle of n hyperedges of two: hyperedge i is next to i - 1 and i + 1. */
  const cycle = (n: number) => Hypergraph.from(Array.from({ length: n }, (_, i) => [i, (i + 1) % n]));

  test('a path: betweenness i (n - 1 - i), distances, diameter', async () => {
    const n = 9;
    using path = Hypergraph.from(Array.from({ length: n }, (_, i) => [i, i + 1]));
    const { scores } = (await sBetweenness.run(client, path, { normalisation: 'none' })).values;
    expect([...scores]).toEqual(Array.from({ length: n }, (_, i) => i * (n - 1 - i)));
    const { distances } = (await sDistance.run(client, path, { source: 0 })).values;
    expect([...distances]).toEqual(Array.from({ length: n }, (_, i) => i));
    expect((await sDiameter.run(client, path)).values.diameter[0]).toBe(n - 1);
  });

  test('a cycle of more nodes than are searched at once: all are alike', async () => {
    using graph = cycle(301);
    const { values } = await sEccentricity.run(client, graph);
    expect(new Set(values.eccentricities)).toEqual(new Set([150]));
    const harmonic = (await sHarmonic.run(client, graph, { normalisation: 'none' })).values.scores;
    const want = 2 * sum(Array.from({ length: 150 }, (_, i) => 1 / (i + 1)));
    for (const score of harmonic) expect(score).toBeCloseTo(want, 10);
  });

  test('more shortest paths than a number can hold: betweenness is finite and symmetric', async () => {
    // 1,200 rhombs in a row, as a graph: 2^1200 shortest paths from end to end.
    const rhombs = Array.from({ length: 1_200 }, (_, i) => 3 * i).flatMap((at) => [
      [at, at + 1],
      [at, at + 2],
      [at + 1, at + 3],
      [at + 2, at + 3],
    ]);
    using graph = Hypergraph.from(rhombs);
    const { scores } = (await sBetweenness.run(client, graph, { of: 'vertices', normalisation: 'none' }))
      .values;
    expect(scores.every((score) => Number.isFinite(score))).toBe(true);
    const middle = 3 * 600;
    // All pairs of a node before it and one behind it, and half of each pair of a rhomb beside it.
    expect(scores[middle]! / (middle * middle + 1)).toBeCloseTo(1, 10);
    expect(scores[1]! / scores[2]!).toBeCloseTo(1, 10);
    expect(scores[1]! / scores[scores.length - 2]!).toBeCloseTo(1, 10);
  }, 120_000);

  test('samples stay within the error bound, and all of them are exact', async () => {
    using graph = Hypergraph.from(
      Array.from({ length: 400 }, (_, i) => [i % 97, (i * 31) % 89, (i * 7) % 101]),
    );
    const exact = (await sBetweenness.run(client, graph)).values.scores;
    for (const seed of [1, 2, 3]) {
      const { scores, errorBound } = (await sBetweenness.run(client, graph, { samples: 100, seed })).values;
      const worst = Math.max(...scores.map((score, id) => Math.abs(score - exact[id]!)));
      expect(worst).toBeGreaterThan(0);
      expect(worst).toBeLessThan(errorBound[0]!);
      expect(errorBound[0]).toBeLessThan(0.3);
    }
    const all = await sBetweenness.run(client, graph, { samples: 100_000 });
    expect(all.values.scores).toEqual(exact);
  });
});

describe.each([
  [sHarmonic, [{ normalisation: 'whole' }, { normalisation: 'none' }]],
  [sCloseness, [{ normalisation: 'whole' }, { normalisation: 'component' }]],
] as const)('$name from samples', (algorithm, variants) => {
  test('stays within the bound that it states, and is exact with all of them', () =>
    onRandomHypergraphs(async ({ vertexCount }, graph) => {
      for (const variant of variants) {
        for (const s of [1, 2]) {
          const given = { ...variant, s } as { s: number };
          const exact = (await algorithm.run(client, graph, given)).values;
          expect(exact.errorBound).toEqual(Float64Array.of(0));
          const sampled = { ...given, samples: 1 + (vertexCount % 4), seed: vertexCount };
          const { scores, errorBound } = (await algorithm.run(client, graph, sampled)).values;
          for (const [id, score] of scores.entries()) {
            expect(Math.abs(score - exact.scores[id]!)).toBeLessThanOrEqual(errorBound[0]! + 1e-12);
          }
          const all = (await algorithm.run(client, graph, { ...given, samples: 1_000 })).values;
          expect(all).toEqual(exact);
        }
      }
    }));

  test('gives a bound that is worth having on a larger graph', async () => {
    using graph = Hypergraph.from(
      Array.from({ length: 2_000 }, (_, i) => [i % 97, (i * 31) % 889, (i * 7) % 101]),
    );
    const exact = (await algorithm.run(client, graph)).values.scores;
    const { scores, errorBound } = (await algorithm.run(client, graph, { samples: 500, seed: 3 })).values;
    const worst = Math.max(...scores.map((score, id) => Math.abs(score - exact[id]!)));
    expect(worst).toBeGreaterThan(0);
    expect(worst).toBeLessThan(errorBound[0]!);
    expect(errorBound[0]).toBeLessThan(0.4);
  });
});

describe('trouble', () => {
  const NAMES = [
    's-distance',
    's-diameter',
    's-eccentricity',
    's-closeness',
    's-harmonic',
    's-betweenness',
  ] as const;

  test('an empty graph has empty results, and no source', async () => {
    using empty = Hypergraph.from([]);
    for (const name of NAMES.filter((each) => each !== 's-distance')) {
      const result = await algorithms[name].run(client, empty, {});
      expect(Object.values(result.values).every((array) => !array.some(Number.isNaN))).toBe(true);
      expect(result.table(3).rows).toEqual([]);
    }
    await expect(sDistance.run(client, empty)).rejects.toMatchObject({ code: 'E_GRAPH_INVALID' });
  });

  test('an s above every size: 0 or -1 everywhere, and no source', async () => {
    using graph = Hypergraph.from([['a', 'b'], ['b', 'c'], []]);
    expect([...(await sBetweenness.run(client, graph, { s: 9 })).values.scores]).toEqual([0, 0, 0]);
    expect([...(await sCloseness.run(client, graph, { s: 9 })).values.scores]).toEqual([0, 0, 0]);
    expect([...(await sEccentricity.run(client, graph, { s: 9 })).values.eccentricities]).toEqual([
      -1, -1, -1,
    ]);
    expect((await sDiameter.run(client, graph, { s: 9 })).values.averageDistance[0]).toBe(0);
    await expect(sDistance.run(client, graph, { s: 9 })).rejects.toMatchObject({
      code: 'E_GRAPH_INVALID',
      message: 'The hyperedge 0 has fewer than 9 different members: the 9-line graph is without it.',
    });
  });

  test('a source by its id: of a hyperedge, or of a vertex by id or label', async () => {
    using graph = Hypergraph.from([['a', 'b'], ['b', 'c'], ['x']], { hyperedgeIds: ['one', 'two', 'alone'] });
    const from = async (source: string) => [
      ...(await sDistance.run(client, graph, { source })).values.distances,
    ];
    expect(await from('one')).toEqual([0, 1, -1]);
    expect(await from('alone')).toEqual([-1, -1, 0]);
    await expect(from('a')).rejects.toMatchObject({
      code: 'E_GRAPH_INVALID',
      message: '"source": the graph has no hyperedge with the id "a".',
    });
    const vertices = await sDistance.run(client, graph, { of: 'vertices', source: 'a' });
    expect([...vertices.values.distances]).toEqual([0, 1, 2, -1]);
    await expect(sDistance.run(client, graph, { of: 'vertices', source: 'one' })).rejects.toMatchObject({
      code: 'E_GRAPH_INVALID',
    });
  });

  test('repeated members and multi-edges do not count', async () => {
    using graph = Hypergraph.from(
      [
        [0, 0, 1],
        [1, 0],
        [1, 2, 2],
      ],
      { repeatedMembers: 'keep' },
    );
    expect([...(await sBetweenness.run(client, graph, { normalisation: 'none' })).values.scores]).toEqual([
      0, 0, 0,
    ]);
    expect([...(await sDistance.run(client, graph, { source: 2 })).values.distances]).toEqual([1, 1, 0]);
  });
});

const gold = referenceCounts();
test.skipIf(!gold)(
  'email-Enron: components of the line graph by what can be reached (needs ANANT_DATA_DIR)',
  async () => {
    using graph = await Hypergraph.load(dataPath('small', 'email-Enron')!);
    for (const s of [1, 2, 3]) {
      const want = gold!['email-Enron'].s_line[s];
      const { summary, values } = await sDiameter.run(client, graph, { s });
      expect(summary).toContainEqual({ name: 'connected', value: want.s_components === 1 ? 'yes' : 'no' });
      const { eccentricities } = (await sEccentricity.run(client, graph, { s })).values;
      expect(Math.max(...eccentricities)).toBe(values.diameter[0]);
    }
  },
  120_000,
);
