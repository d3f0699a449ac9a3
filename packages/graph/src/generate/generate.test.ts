import { describe, expect, test } from 'vitest';
import type { Hypergraph } from '../graph.js';
import { generatorCalls } from '../testing/generator-calls.js';
import { kernelClient } from '../testing/kernel-client.js';
import { hashesInV8, hashesInWasmtime, wasmtimePython } from '../testing/two-engines.js';
import { chungLuHypergraph, configurationHypergraph, dcsbmHypergraph } from './degree-corrected.js';
import { uniformHypergraph } from './uniform.js';

const client = kernelClient();
const SEEDS = [0, 1, 0xffff_ffff];

const listsOf = (graph: Hypergraph): number[][] =>
  Array.from({ length: graph.hyperedgeCount }, (_, hyperedge) => [...graph.membersOf(hyperedge)]);
const degreesOf = (graph: Hypergraph): number[] =>
  Array.from({ length: graph.vertexCount }, (_, vertex) => graph.degreeOf(vertex));
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('uniform', () => {
  test('as many different sets of one size as asked for; another seed gives others', async () => {
    const all = await Promise.all(
      SEEDS.map(async (seed) =>
        listsOf(await uniformHypergraph(client, { vertices: 12, size: 3, hyperedges: 110, seed })),
      ),
    );
    for (const lists of all) {
      expect(new Set(lists.map(String)).size).toBe(110);
      for (const members of lists) {
        expect(members).toHaveLength(3);
        expect(members).toEqual([...new Set(members)].sort((a, b) => a - b));
      }
    }
    expect(new Set(all.map(String)).size).toBe(SEEDS.length);
  });

  test('every set is as likely as any other (chi-square)', async () => {
    const counts = new Map<string, number>();
    const rounds = 2_000;
    for (let seed = 0; seed < rounds; seed++) {
      const graph = await uniformHypergraph(client, { vertices: 5, size: 2, hyperedges: 3, seed });
      for (const members of listsOf(graph))
        counts.set(String(members), (counts.get(String(members)) ?? 0) + 1);
    }
    const want = (rounds * 3) / 10;
    const chiSquare = sum([...counts.values()].map((count) => (count - want) ** 2 / want));
    expect(counts.size).toBe(10);
    // 9 degrees of freedom: above 27.9 once in a thousand.
    expect(chiSquare).toBeLessThan(27.9);
  });

  test('each set with a probability: the right number, all different, and all of them for 1', async () => {
    const vertices = 60;
    const sets = (60 * 59 * 58) / 6;
    for (const probability of [0, 0.01, 0.3, 1]) {
      const graph = await uniformHypergraph(client, { vertices, size: 3, probability, seed: 5 });
      const lists = listsOf(graph);
      expect(new Set(lists.map(String)).size).toBe(lists.length);
      for (const members of lists) expect(members).toEqual([...new Set(members)].sort((a, b) => a - b));
      const deviation = Math.sqrt(sets * probability * (1 - probability));
      expect(Math.abs(lists.length - sets * probability)).toBeLessThanOrEqual(4.5 * deviation);
    }
  });

  test('a vast number of sets costs no memory', async () => {
    const graph = await uniformHypergraph(client, { vertices: 100_000, size: 2, probability: 1e-7, seed: 1 });
    expect(Math.abs(graph.hyperedgeCount - 500)).toBeLessThan(110);
  });
});

describe('degrees and sizes', () => {
  const degrees = Array.from({ length: 300 }, (_, vertex) => 1 + (vertex % 17));
  const total = sum(degrees);
  const sizes = Array.from({ length: 500 }, (_, hyperedge) => 1 + (hyperedge % 7));
  sizes.push(...new Array(Math.max(0, total - sum(sizes))).fill(1));

  test('Chung-Lu keeps sizes, and degrees on average', async () => {
    const sums = new Array<number>(300).fill(0);
    const rounds = 60;
    const wanted = sum(sizes);
    for (let seed = 0; seed < rounds; seed++) {
      const graph = await chungLuHypergraph(client, { degrees, sizes, seed });
      expect(Array.from({ length: sizes.length }, (_, at) => graph.sizeOf(at))).toEqual(sizes);
      for (const members of listsOf(graph)) expect(new Set(members).size).toBe(members.length);
      degreesOf(graph).forEach((degree, vertex) => {
        sums[vertex]! += degree;
      });
    }
    sums.forEach((got, vertex) => {
      const want = (degrees[vertex]! * wanted * rounds) / total;
      expect(Math.abs(got - want)).toBeLessThan(6 * Math.sqrt(want) + 0.02 * want);
    });
  });

  test('places without a vertex that is new to the hyperedge are left out', async () => {
    const graph = await chungLuHypergraph(client, { degrees: [1, 0, 2], sizes: [3, 2, 0] });
    expect(listsOf(graph).map((members) => members.toSorted())).toEqual([[0, 2], [0, 2], []]);
  });

  test('the configuration model keeps both exactly, without repetitions where that can be had', async () => {
    const exact = [...degrees];
    const rest = sum(sizes) - total;
    for (let i = 0; i < rest; i++) exact[i % exact.length]! += 1;
    for (const seed of SEEDS) {
      const { graph, repeatedMembers } = await configurationHypergraph(client, {
        degrees: exact,
        sizes,
        seed,
      });
      expect(degreesOf(graph)).toEqual(exact);
      expect(Array.from({ length: sizes.length }, (_, at) => graph.sizeOf(at))).toEqual(sizes);
      expect(repeatedMembers).toBe(0);
      for (const members of listsOf(graph)) expect(new Set(members).size).toBe(members.length);
    }
    const forced = await configurationHypergraph(client, { degrees: [3, 1], sizes: [3, 1] });
    expect(forced.repeatedMembers).toBeGreaterThan(0);
    expect(degreesOf(forced.graph)).toEqual([3, 1]);
  });

  test('groups: hyperedges go where the affinity leads them', async () => {
    const vertexGroups = degrees.map((_, vertex) => vertex % 2);
    const hyperedgeGroups = sizes.map((_, hyperedge) => hyperedge % 2);
    const affinity = [
      [1, 0.25],
      [0, 0.75],
    ];
    const graph = await dcsbmHypergraph(client, { degrees, sizes, vertexGroups, hyperedgeGroups, affinity });
    const counts = [0, 0];
    listsOf(graph).forEach((members, hyperedge) => {
      for (const vertex of members) {
        if (hyperedge % 2 === 0) expect(vertex % 2).toBe(0);
        else counts[vertex % 2]! += 1;
      }
    });
    expect(counts[1]! / sum(counts)).toBeCloseTo(0.75, 1);
  });
});

test.each([
  [
    () => uniformHypergraph(client, { vertices: 4, size: 5, hyperedges: 1 }),
    /"size" must be an integer from 1 to 4/,
  ],
  [() => uniformHypergraph(client, { vertices: 4, size: 2 }), /One of "hyperedges" and "probability"/],
  [() => uniformHypergraph(client, { vertices: 4, size: 2, hyperedges: 4 }), /at most half of the 6 sets/],
  [
    () => uniformHypergraph(client, { vertices: 4, size: 2, probability: Number.NaN }),
    /"probability" must be/,
  ],
  [() => uniformHypergraph(client, { vertices: 1e6, size: 9, probability: 0.1 }), /too many to number/],
  [() => uniformHypergraph(client, { vertices: 4, size: 2, hyperedges: 1, seed: -1 }), /"seed"/],
  [
    () => chungLuHypergraph(client, { degrees: [0, 0], sizes: [1] }),
    /none has a degree above 0|not all be 0/,
  ],
  [() => chungLuHypergraph(client, { degrees: [1.5], sizes: [1] }), /"degrees\[0\]" must be an integer/],
  [() => configurationHypergraph(client, { degrees: [1], sizes: [2] }), /add up to 1 and "sizes" to 2/],
  [
    () =>
      dcsbmHypergraph(client, {
        degrees: [1],
        sizes: [1],
        vertexGroups: [0],
        hyperedgeGroups: [1],
        affinity: [[1]],
      }),
    /"hyperedgeGroups\[0\]" must be an integer from 0 to 0/,
  ],
])('what cannot be generated is refused by name', async (make, message) => {
  await expect(make()).rejects.toThrow(
    expect.objectContaining({ code: 'E_GRAPH_INVALID', message: expect.stringMatching(message) }),
  );
});

test.skipIf(!wasmtimePython)('V8 and wasmtime generate the same bytes (needs ANANT_PYTHON)', () => {
  const calls = generatorCalls();
  expect(hashesInWasmtime(calls)).toEqual(hashesInV8(calls));
});
