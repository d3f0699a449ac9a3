import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { kernelClient } from '../testing/kernel-client.js';
import { adjustedRandIndex, naiveLabelScores, naiveModularity } from '../testing/naive-labels.js';
import { randomHypergraph } from '../testing/random-hypergraph.js';
import { labelPropagation } from './label-propagation.js';

const client = kernelClient();
const idsTo = (count: number) => Array.from({ length: count }, (_, id) => id);
const fact = (summary: readonly { name: string; value: unknown }[], name: string) =>
  summary.find((one) => one.name === name)?.value;

describe('by the definition, on random hypergraphs', () => {
  test('a vertex keeps its label only where no other is better; modularity, and converged or not', () =>
    fc.assert(
      fc.asyncProperty(
        randomHypergraph,
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.constantFrom(1, 2, 1000),
        fc.constantFrom(0, 0.5, 1),
        async ({ vertexCount, hyperedges }, seed, iterationsMax, resolution) => {
          using graph = Hypergraph.from(hyperedges, { vertices: idsTo(vertexCount) });
          const lists = idsTo(graph.hyperedgeCount).map((hyperedge) => [...graph.membersOf(hyperedge)]);
          const { values, summary } = await labelPropagation.run(client, graph, {
            seed,
            iterationsMax,
            resolution,
          });
          const labels = [...values.labels];
          expect(labels.every((label, vertex) => label <= vertex && labels[label] === label)).toBe(true);
          expect(values.modularity[0]).toBeCloseTo(naiveModularity(lists, labels), 12);
          if (fact(summary, 'converged') === 'no') return;
          for (let vertex = 0; vertex < vertexCount; vertex++) {
            const scores = naiveLabelScores(lists, labels, vertex, resolution);
            const own = scores.get(labels[vertex]!) ?? 0;
            for (const score of scores.values()) expect(score).toBeLessThan(own + 1e-6);
          }
        },
      ),
    ));

  test('does not say converged while only the vertices near a change have looked again', async () => {
    const hyperedges = [
      [3, 6, 0],
      [5, 2, 4, 8],
      [2, 0, 7],
    ];
    using graph = Hypergraph.from(hyperedges, { vertices: idsTo(11) });
    const options = { seed: 2_856_778_069, iterationsMax: 2, resolution: 0.5 };
    const { values, summary } = await labelPropagation.run(client, graph, options);
    const further = await labelPropagation.run(client, graph, { ...options, iterationsMax: 1000 });
    const isSame = [...values.labels].join() === [...further.values.labels].join();
    expect(fact(summary, 'converged') === 'no' || isSame).toBe(true);
    expect(fact(further.summary, 'converged')).toBe('yes');
  });

  test('hyperedges of more than 32 members count by their most frequent labels', async () => {
    const large = [idsTo(60), Array.from({ length: 60 }, (_, i) => 60 + i)];
    using graph = Hypergraph.from([...large, ...large, [3, 70]]);
    for (const seed of [0, 1, 2, 3]) {
      const { values, summary } = await labelPropagation.run(client, graph, { seed, resolution: 0 });
      expect([...new Set(values.labels)]).toEqual([0, 60]);
      expect(fact(summary, 'converged')).toBe('yes');
    }
  });
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

const name = 'contact-high-school-classes';
const folder = join(data, 'small', name);
test.skipIf(!existsSync(folder))(
  `${name}: communities close to the classes (needs ANANT_DATA_DIR)`,
  async () => {
    using graph = await Hypergraph.load(join(folder, `hyperedges-${name}.txt`));
    const classes = readFileSync(join(folder, `node-labels-${name}.txt`), 'utf8')
      .trim()
      .split('\n')
      .map(Number);
    for (const seed of [0, 1, 2]) {
      const { values } = await labelPropagation.run(client, graph, { seed });
      expect(adjustedRandIndex(values.labels, classes)).toBeGreaterThan(0.75);
    }
  },
);

const tags = join(data, 'medium', 'tags-ask-ubuntu');
test.skipIf(!existsSync(tags))('tags are not all one community (needs ANANT_DATA_DIR)', async () => {
  using graph = await Hypergraph.load(tags);
  expect((await labelPropagation.run(client, graph)).values.modularity[0]).toBeGreaterThan(0.2);
});
