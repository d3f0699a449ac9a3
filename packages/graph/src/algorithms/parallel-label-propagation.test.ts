import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Hypergraph } from '../graph.js';
import { dataPath } from '../testing/data-folder.js';
import { kernelClient } from '../testing/kernel-client.js';
import { adjustedRandIndex, naiveLabelScores, naiveModularity } from '../testing/naive-labels.js';
import { randomHypergraph } from '../testing/random-hypergraph.js';
import { parallelLabelPropagation } from './parallel-label-propagation.js';

const client = kernelClient();
const idsTo = (count: number) => Array.from({ length: count }, (_, id) => id);

test('a vertex keeps its label only where no other is better; modularity, and converged or not', () =>
  fc.assert(
    fc.asyncProperty(
      randomHypergraph,
      fc.nat(1000),
      fc.constantFrom(1, 2, 1000),
      async ({ vertexCount, hyperedges }, seed, iterationsMax) => {
        using graph = Hypergraph.from(hyperedges, { vertices: idsTo(vertexCount) });
        const lists = idsTo(graph.hyperedgeCount).map((hyperedge) => [...graph.membersOf(hyperedge)]);
        const limits = { seed, iterationsMax };
        const { values, warnings } = await parallelLabelPropagation.run(client, graph, limits);
        const labels = [...values.labels];
        expect(labels.every((label, vertex) => label <= vertex && labels[label] === label)).toBe(true);
        expect(values.modularity[0]).toBeCloseTo(naiveModularity(lists, labels), 12);
        if (warnings.length > 0) return;
        for (let vertex = 0; vertex < vertexCount; vertex++) {
          const scores = naiveLabelScores(lists, labels, vertex, 0);
          const own = scores.get(labels[vertex]!) ?? 0;
          for (const score of scores.values()) expect(score).toBeLessThan(own + 1e-6);
        }
      },
    ),
  ));

test('neighbours do not exchange labels for ever', async () => {
  const ring = idsTo(200).map((at) => [at, (at + 1) % 200]);
  using graph = Hypergraph.from(ring);
  for (const seed of [0, 1, 2]) {
    const { warnings } = await parallelLabelPropagation.run(client, graph, { seed });
    expect(warnings).toEqual([]);
  }
});

const folder = 'contact-high-school-classes';
const path = dataPath('small', folder, `hyperedges-${folder}.txt`);
const classes = dataPath('small', folder, `node-labels-${folder}.txt`);
test.skipIf(!path || !classes)(
  'contact-high-school: communities close to the classes (needs ANANT_DATA_DIR)',
  async () => {
    using graph = await Hypergraph.load(path!);
    const wanted = readFileSync(classes!, 'utf8').trim().split('\n').map(Number);
    const { values } = await parallelLabelPropagation.run(client, graph);
    expect(adjustedRandIndex(values.labels, wanted)).toBeGreaterThan(0.6);
    expect(values.modularity[0]).toBeGreaterThan(0.63);
  },
);
