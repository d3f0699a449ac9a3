import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { dataPath } from '../testing/data-folder.js';
import { kernelClient } from '../testing/kernel-client.js';
import { adjustedRandIndex } from '../testing/naive-labels.js';
import { randomHypergraph } from '../testing/random-hypergraph.js';
import { components } from './components.js';
import { spectralClustering } from './spectral-clustering.js';

const client = kernelClient();
const idsTo = (count: number) => Array.from({ length: count }, (_, id) => id);
const cycleOf = (count: number, first = 0) =>
  idsTo(count).map((id) => [first + id, first + ((id + 1) % count)]);
const refused = (message: RegExp) =>
  expect.objectContaining({ code: 'E_GRAPH_INVALID', message: expect.stringMatching(message) });

function expectNear(values: Float64Array, expected: readonly number[]) {
  expect(values).toHaveLength(expected.length);
  expected.forEach((value, index) => {
    expect(Math.abs(values[index]! - value)).toBeLessThan(1e-9);
  });
}

test('on random hypergraphs: at most k clusters, eigenvalues from 1 down to 0, and 1 per component', () =>
  fc.assert(
    fc.asyncProperty(
      randomHypergraph,
      fc.nat(5),
      fc.nat(100),
      async ({ vertexCount, hyperedges }, more, seed) => {
        using graph = Hypergraph.from(hyperedges, { vertices: idsTo(vertexCount), repeatedMembers: 'keep' });
        const held = idsTo(vertexCount).filter((vertex) => graph.degreeOf(vertex) > 0);
        fc.pre(held.length > 0);
        const k = Math.min(1 + more, held.length);
        const { values } = await spectralClustering.run(client, graph, { k, seed, tolerance: 1e-12 });
        const labels = [...values.labels];
        expect(labels.every((label, vertex) => label <= vertex && labels[label] === label)).toBe(true);
        expect(new Set(held.map((vertex) => labels[vertex])).size).toBeLessThanOrEqual(k);
        for (const vertex of idsTo(vertexCount))
          if (graph.degreeOf(vertex) === 0) expect(labels[vertex]).toBe(vertex);
        const joined = (await components.run(client, graph)).values.labels;
        const parts = new Set(held.map((vertex) => joined[vertex])).size;
        values.eigenvalues.forEach((value, index) => {
          expect(value).toBeGreaterThan(-1e-9);
          expect(value).toBeLessThan(1 + 1e-9);
          expect(index === 0 || value <= values.eigenvalues[index - 1]! + 1e-12).toBe(true);
          if (index < parts) expect(value).toBeCloseTo(1, 6);
        });
      },
    ),
  ));

test('components are the clusters when there are k of them', async () => {
  using graph = Hypergraph.from(
    [
      [0, 1, 2],
      [1, 2],
      [3, 4],
      [4, 5],
      [6, 7, 8],
    ],
    { vertices: idsTo(10) },
  );
  for (const seed of [0, 1, 2]) {
    const { values, summary } = await spectralClustering.run(client, graph, { k: 3, seed });
    expect([...values.labels]).toEqual([0, 0, 0, 3, 3, 3, 6, 6, 6, 9]);
    expect(summary.find(({ name }) => name === 'converged')?.value).toBe('yes');
  }
});

test('more clusters than vertices in hyperedges are refused; too few iterations are a warning', async () => {
  using graph = Hypergraph.from([['a', 'b'], ['b', 'c'], []], { vertices: ['z'] });
  await expect(spectralClustering.run(client, graph, { k: 4 })).rejects.toEqual(
    refused(/at most the 3 vertices.*not 4/),
  );
  await expect(spectralClustering.run(client, graph, { k: 0 })).rejects.toEqual(refused(/"k".*from 1/));
  using cycle = Hypergraph.from(cycleOf(100));
  const { warnings } = await spectralClustering.run(client, cycle, { iterationsMax: 1, tolerance: 1e-12 });
  expect(warnings[0]?.message).toMatch(/did not converge: after 1 products a residual is/);
});

test('eigenvalues of a cycle are as the formula says, and those of many cycles as often as there are cycles', async () => {
  using cycle = Hypergraph.from(cycleOf(60));
  const { values } = await spectralClustering.run(client, cycle, { k: 9, tolerance: 1e-10 });
  const expected = idsTo(9).map((place) => (1 + Math.cos((2 * Math.PI * Math.ceil(place / 2)) / 60)) / 2);
  expectNear(values.eigenvalues, expected);
  using many = Hypergraph.from(idsTo(30).flatMap((each) => cycleOf(5, 5 * each)));
  const repeated = await spectralClustering.run(client, many, { k: 34, tolerance: 1e-10 });
  const second = (1 + Math.cos((2 * Math.PI) / 5)) / 2;
  expectNear(repeated.values.eigenvalues, [...idsTo(30).map(() => 1), ...idsTo(4).map(() => second)]);
});

/** By numpy.linalg.eigvalsh (2.4.6) on the whole matrix, where scipy.sparse.linalg.eigsh misses some that are repeated. */
const EIGENVALUES: readonly (readonly [
  folder: string,
  name: string,
  repeated: number,
  rest: readonly number[],
])[] = [
  [
    'small',
    'email-Enron',
    1,
    [0.9739824418882271, 0.963925419074645, 0.9417218225465328, 0.9204369314959048, 0.8980808198571366],
  ],
  [
    'medium',
    'tags-ask-ubuntu',
    9,
    [0.8750158317736343, 0.8750117839891807, 0.8338609519076297, 0.8134739256392292, 0.8001490057524103],
  ],
];

for (const [folder, name, repeated, rest] of EIGENVALUES) {
  const path = dataPath(folder, name);
  test.skipIf(!path)(
    `${name}: the largest eigenvalues, with their multiplicities (needs ANANT_DATA_DIR)`,
    async () => {
      using graph = await Hypergraph.load(path!);
      const k = repeated + rest.length;
      const { values, warnings } = await spectralClustering.run(client, graph, { k });
      expect(warnings).toEqual([]);
      // The error of an eigenvalue is about the square of the residual.
      expectNear(values.eigenvalues, [...idsTo(repeated).map(() => 1), ...rest]);
    },
  );
}

for (const [name, k, least] of [
  ['contact-high-school-classes', 9, 0.85],
  ['contact-primary-school-classes', 11, 0.85],
] as const) {
  const folder = dataPath('small', name);
  test.skipIf(!folder)(`${name}: the classes (needs ANANT_DATA_DIR)`, async () => {
    using graph = await Hypergraph.load(join(folder!, `hyperedges-${name}.txt`));
    const classes = readFileSync(join(folder!, `node-labels-${name}.txt`), 'utf8')
      .trim()
      .split('\n')
      .map(Number);
    for (const seed of [0, 1, 2]) {
      const { values } = await spectralClustering.run(client, graph, { k, seed });
      expect(adjustedRandIndex(values.labels, classes)).toBeGreaterThan(least);
    }
  });
}
