import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { kernelClient } from '../testing/kernel-client.js';
import { naiveLabels, naiveModularity } from '../testing/naive-labels.js';
import { randomHypergraph } from '../testing/random-hypergraph.js';
import { labelPropagation } from './label-propagation.js';

const client = kernelClient();
const idsTo = (count: number) => Array.from({ length: count }, (_, id) => id);
const fact = (summary: readonly { name: string; value: unknown }[], name: string) =>
  summary.find((one) => one.name === name)?.value;

describe('against the definition, on random hypergraphs', () => {
  test('labels, iterations and modularity, for several seeds, converged or not', () =>
    fc.assert(
      fc.asyncProperty(
        randomHypergraph,
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.constantFrom(1, 2, 1000),
        async ({ vertexCount, hyperedges }, seed, iterationsMax) => {
          using graph = Hypergraph.from(hyperedges, {
            vertices: idsTo(vertexCount),
            repeatedMembers: 'keep',
          });
          const { values, summary } = await labelPropagation.run(client, graph, { seed, iterationsMax });
          const want = naiveLabels(hyperedges, vertexCount, { seed, iterationsMax });
          expect([...values.labels]).toEqual(want.labels);
          expect(fact(summary, 'iterations')).toBe(want.iterations);
          expect(fact(summary, 'converged')).toBe(want.changed === 0 ? 'yes' : 'no');
          expect(values.modularity[0]).toBeCloseTo(naiveModularity(hyperedges, want.labels), 12);
        },
      ),
    ));
});

test('separate cliques are communities, and lone vertices stay alone', async () => {
  const pairs = (ids: readonly number[]) => ids.flatMap((a) => ids.filter((b) => b > a).map((b) => [a, b]));
  using graph = Hypergraph.from([[0, 1, 2, 3], ...pairs([0, 1, 2, 3]), [4, 5, 6], [4, 5, 6], [7]], {
    vertices: idsTo(9),
  });
  const { values, summary, table } = await labelPropagation.run(client, graph);
  expect([...values.labels]).toEqual([0, 0, 0, 0, 4, 4, 4, 7, 8]);
  expect(fact(summary, 'communities')).toBe(4);
  expect(table(1).rows).toEqual([['0', 4, '0, 1, 2, 3']]);
});

test('strict modularity of one part is 0, and by hand for two', async () => {
  using whole = Hypergraph.from([[0, 1, 2]]);
  expect((await labelPropagation.run(client, whole)).values.modularity[0]).toBe(0);
  using halves = Hypergraph.from([
    [0, 1],
    [2, 3],
  ]);
  // Two of two hyperedges are inside; expected are 2 · (1/2)² of each part.
  expect((await labelPropagation.run(client, halves)).values.modularity[0]).toBe(0.5);
});

describe('trouble', () => {
  const refused = (message: RegExp) =>
    expect.objectContaining({ code: 'E_GRAPH_INVALID', message: expect.stringMatching(message) });

  test('parameters that are not valid are named', async () => {
    using graph = Hypergraph.from([['a', 'b']]);
    await expect(labelPropagation.run(client, graph, { seed: -1 })).rejects.toEqual(
      refused(/"seed".*from 0/),
    );
    await expect(labelPropagation.run(client, graph, { iterationsMax: 0 })).rejects.toEqual(
      refused(/"iterationsMax".*from 1/),
    );
  });

  test('not converging is a result that says so', async () => {
    using graph = Hypergraph.from([['a', 'b']]);
    const { warnings, summary } = await labelPropagation.run(client, graph, { iterationsMax: 1 });
    expect(warnings[0]?.message).toMatch(/did not converge: iteration 1 still changed 1 vertices/);
    expect(fact(summary, 'converged')).toBe('no');
  });

  test('an empty graph, and one without any hyperedge of two, have modularity 0', async () => {
    using empty = Hypergraph.from([]);
    expect((await labelPropagation.run(client, empty)).values.modularity[0]).toBe(0);
    using single = Hypergraph.from([['a'], []]);
    expect((await labelPropagation.run(client, single)).values.modularity[0]).toBe(0);
  });

  test('arrays of which one is no incidence trap', async () => {
    const broken = Hypergraph.from([
      [0, 1],
      [1, 2],
    ]);
    broken.nodeToEdges.members[0] = 99;
    await expect(labelPropagation.run(client, broken)).rejects.toMatchObject({ code: 'E_KERNEL_TRAP' });
  });
});

const data =
  process.env.ANANT_DATA_DIR ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url));

/** Adjusted Rand index of two partitions: 1 when they agree, about 0 when they are unrelated. Hubert and Arabie 1985. */
function adjustedRandIndex(one: readonly number[], other: readonly number[]): number {
  const pairsOf = (keys: readonly string[]) => {
    const counts = new Map<string, number>();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    return [...counts.values()].reduce((sum, count) => sum + (count * (count - 1)) / 2, 0);
  };
  const [a, b] = [pairsOf(one.map(String)), pairsOf(other.map(String))];
  const both = pairsOf(one.map((label, index) => `${label} ${other[index]}`));
  const expected = (a * b) / ((one.length * (one.length - 1)) / 2);
  return (both - expected) / ((a + b) / 2 - expected);
}

for (const [name, least] of [
  ['contact-high-school-classes', 0.85],
  // Children of a grade meet across classes: there communities of greater modularity join classes.
  ['contact-primary-school-classes', undefined],
] as const) {
  const folder = join(data, 'small', name);
  test.skipIf(!existsSync(folder))(
    `${name}: communities of no less modularity than the classes (needs ANANT_DATA_DIR)`,
    async () => {
      using graph = await Hypergraph.load(join(folder, `hyperedges-${name}.txt`));
      const classes = readFileSync(join(folder, `node-labels-${name}.txt`), 'utf8')
        .trim()
        .split('\n')
        .map(Number);
      const lists = idsTo(graph.hyperedgeCount).map((hyperedge) => [...graph.membersOf(hyperedge)]);
      for (const seed of [0, 1, 2]) {
        const { values } = await labelPropagation.run(client, graph, { seed });
        expect(values.modularity[0]).toBeCloseTo(naiveModularity(lists, [...values.labels]), 12);
        expect(values.modularity[0]).toBeGreaterThan(naiveModularity(lists, classes));
        if (least !== undefined) {
          expect(adjustedRandIndex([...values.labels], classes)).toBeGreaterThan(least);
        }
      }
    },
  );
}
