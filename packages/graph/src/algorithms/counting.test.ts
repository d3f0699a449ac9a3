import { seededRandom } from '@anant/core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../graph.js';
import { countingCalls } from '../testing/counting-calls.js';
import { dataPath } from '../testing/data-folder.js';
import { kernelClient } from '../testing/kernel-client.js';
import { randomHypergraph } from '../testing/random-hypergraph.js';
import { hashesInV8, hashesInWasmtime, wasmtimePython } from '../testing/two-engines.js';
import { describeMotif, MOTIF_CLASSES, MOTIF_COUNT, MOTIF_PATTERNS } from './motif-classes.js';
import { algorithms } from './registry.js';

const client = kernelClient();
const { triangles, 'h-motifs': hMotifs, 'random-walks': randomWalks } = algorithms;

const forAll = (
  check: (lists: readonly number[][], vertexCount: number, graph: Hypergraph) => Promise<void>,
) =>
  fc.assert(
    fc.asyncProperty(randomHypergraph, fc.constantFrom('merge', 'keep'), async (random, repeatedMembers) => {
      const { vertexCount, hyperedges } = random;
      const vertices = Array.from({ length: vertexCount }, (_, vertex) => vertex);
      using graph = Hypergraph.from(hyperedges, { vertices, repeatedMembers });
      await check(hyperedges, vertexCount, graph);
    }),
    { numRuns: 60 },
  );

const triplesOf = function* (count: number) {
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) for (let c = b + 1; c < count; c++) yield [a, b, c] as const;
  }
};

test('triangles and closed triples, against all triples of vertices', () =>
  forAll(async (lists, vertexCount, graph) => {
    const sets = lists.map((members) => new Set(members));
    const together = (...vertices: number[]) =>
      sets.some((set) => vertices.every((vertex) => set.has(vertex)));
    const all = new Array<number>(vertexCount).fill(0);
    const closed = new Array<number>(vertexCount).fill(0);
    for (const [a, b, c] of triplesOf(vertexCount)) {
      if (!together(a, b) || !together(b, c) || !together(a, c)) continue;
      const isClosed = together(a, b, c);
      for (const vertex of [a, b, c]) {
        all[vertex]! += 1;
        if (isClosed) closed[vertex]! += 1;
      }
    }
    const { values, summary } = await triangles.run(client, graph);
    expect([...values.triangles]).toEqual(all);
    expect([...values.closed]).toEqual(closed);
    const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0) / 3;
    expect(summary).toContainEqual({ name: 'open', value: sum(all) - sum(closed) });
  }));

describe('h-motifs', () => {
  test('are 26, each with a class of its own and a description of its own', () => {
    expect(MOTIF_PATTERNS).toHaveLength(MOTIF_COUNT);
    const described = MOTIF_PATTERNS.map((_, motif) => describeMotif(motif));
    expect(new Set(described).size).toBe(MOTIF_COUNT);
    expect(Math.max(...MOTIF_CLASSES.filter((motif) => motif !== 255))).toBe(MOTIF_COUNT - 1);
  });

  test('against all triples of different hyperedges', () =>
    forAll(async (lists, _, graph) => {
      const keys = new Set(lists.map((members) => [...new Set(members)].sort((a, b) => a - b).join()));
      keys.delete('');
      const sets = [...keys].map((key) => new Set(key.split(',').map(Number)));
      const counts = new Array<number>(MOTIF_COUNT).fill(0);
      for (const [a, b, c] of triplesOf(sets.length)) {
        const motif = MOTIF_CLASSES[patternOf(sets[a]!, sets[b]!, sets[c]!)]!;
        if (motif !== 255) counts[motif]! += 1;
      }
      expect([...(await hMotifs.run(client, graph)).values.counts]).toEqual(counts);
    }));

  test('from samples: within the bound that is stated, and exact with as many samples as pairs', async () => {
    const random = seededRandom(11);
    const lists = Array.from({ length: 300 }, (_, at) =>
      Array.from({ length: 2 + (at % 4) }, () => Math.floor(random() ** 2 * 60)),
    );
    using graph = Hypergraph.from(lists);
    const exact = (await hMotifs.run(client, graph)).values;
    expect([...exact.errorBounds]).toEqual(new Array(MOTIF_COUNT).fill(0));
    let within = 0;
    for (let seed = 0; seed < 40; seed++) {
      const { counts, errorBounds } = (await hMotifs.run(client, graph, { samples: 1500, seed })).values;
      within += Number(
        counts.every((count, motif) => Math.abs(count - exact.counts[motif]!) <= errorBounds[motif]!),
      );
      if (seed > 0) continue;
      const [found, all] = [counts, exact.counts].map((values) =>
        values.reduce((sum, value) => sum + value, 0),
      );
      expect(Math.abs(found! / all! - 1)).toBeLessThan(0.1);
    }
    expect(within).toBeGreaterThanOrEqual(38);
    expect((await hMotifs.run(client, graph, { samples: 1e9 })).values.counts).toEqual(exact.counts);
    await expect(hMotifs.run(client, graph, { samples: 1 })).rejects.toThrow(/from 2/);
  });

  const enron = dataPath('small/email-Enron');
  test.skipIf(!enron)(
    'email-Enron: the counts do not depend on the order of the hyperedges (needs ANANT_DATA_DIR)',
    async () => {
      using graph = await Hypergraph.load(enron!);
      const lists = Array.from({ length: graph.hyperedgeCount }, (_, at) => [...graph.membersOf(at)]);
      using reversed = Hypergraph.from(lists.reverse());
      const { counts } = (await hMotifs.run(client, graph)).values;
      expect((await hMotifs.run(client, reversed)).values.counts).toEqual(counts);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
    },
    120_000,
  );
});

function patternOf(a: Set<number>, b: Set<number>, c: Set<number>): number {
  let pattern = 0;
  const bits = new Map([
    ['100', 0],
    ['010', 1],
    ['001', 2],
    ['110', 3],
    ['011', 4],
    ['101', 5],
    ['111', 6],
  ]);
  for (const vertex of new Set([...a, ...b, ...c])) {
    pattern |= 1 << bits.get([a, b, c].map((set) => Number(set.has(vertex))).join(''))!;
  }
  return pattern;
}

describe('random walks', () => {
  test('go from member to member of a hyperedge, start where they should, and stay where there is none', () =>
    forAll(async (lists, vertexCount, graph) => {
      const [length, walks] = [5, 3];
      const { values } = await randomWalks.run(client, graph, { length, walks, seed: 4 });
      expect(values.walks).toHaveLength(walks * vertexCount * (length + 1));
      for (let walk = 0; walk < walks * vertexCount; walk++) {
        const places = [...values.walks.subarray(walk * (length + 1), (walk + 1) * (length + 1))];
        expect(places[0]).toBe(walk % vertexCount);
        for (let step = 0; step < length; step++) {
          const [from, to] = [places[step]!, places[step + 1]!];
          const isStep = lists.some((members) => members.includes(from) && members.includes(to));
          expect(isStep || (from === to && graph.degreeOf(from) === 0)).toBe(true);
        }
      }
    }));

  test('visit as often as the chain says (chi-square), another seed walks elsewhere', async () => {
    using graph = Hypergraph.from([[0, 1], [0, 1, 2], [2]]);
    const first = (await randomWalks.run(client, graph, { length: 1, walks: 30_000 })).values.walks;
    const other = (await randomWalks.run(client, graph, { length: 1, walks: 30_000, seed: 1 })).values.walks;
    expect(other).not.toEqual(first);
    // From vertex 0: half of the time over {0, 1}, half over {0, 1, 2}.
    const chances = [1 / 4 + 1 / 6, 1 / 4 + 1 / 6, 1 / 6];
    const visits = [0, 0, 0];
    for (let at = 0; at < first.length; at += 2) if (first[at] === 0) visits[first[at + 1]!]! += 1;
    const chiSquare = visits.reduce((sum, count, vertex) => {
      const want = 30_000 * chances[vertex]!;
      return sum + (count - want) ** 2 / want;
    }, 0);
    // 2 degrees of freedom: above 13.8 once in a thousand.
    expect(chiSquare).toBeLessThan(13.8);
  });

  test('too many are refused, an empty graph has none', async () => {
    using graph = Hypergraph.from([[0, 1]]);
    const run = randomWalks.run(client, graph, { length: 1_000_000, walks: 1_000_000 });
    await expect(run).rejects.toMatchObject({ code: 'E_GRAPH_INVALID' });
    using empty = Hypergraph.from([]);
    expect((await randomWalks.run(client, empty)).values.walks).toHaveLength(0);
    expect((await triangles.run(client, empty)).values.triangles).toHaveLength(0);
    expect((await hMotifs.run(client, empty)).values.counts).toEqual(new Float64Array(MOTIF_COUNT));
  });
});

test.skipIf(!wasmtimePython)('V8 and wasmtime count the same (needs ANANT_PYTHON)', () => {
  const calls = countingCalls();
  expect(hashesInWasmtime(calls)).toEqual(hashesInV8(calls));
});
