import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { onRandomHypergraphs } from '../testing/check-random.js';
import { dataPath } from '../testing/data-folder.js';
import { kernelClient } from '../testing/kernel-client.js';
import { HyperedgeWeights } from './hyperedge-weights.js';
import { louvain } from './louvain.js';
import { modularity } from './modularity.js';
import { reweightedLouvain } from './reweighted-louvain.js';

const client = kernelClient();

test('one round of weights is what the paper says, on random hypergraphs and labels', () =>
  onRandomHypergraphs(async ({ hyperedges, vertexCount }, graph) => {
    const labels = Uint32Array.from({ length: vertexCount }, (_, vertex) => vertex - (vertex % 3));
    const real = hyperedges.filter((members) => members.length >= 2);
    const joined = new Set(real.flat());
    const clusters = [...new Set(labels)].filter((label) => joined.has(label));
    const inside = (members: readonly number[], label: number) =>
      members.filter((vertex) => labels[vertex] === label).length;
    const touched = [...new Set(labels)];
    const want = hyperedges.map((members) => {
      if (members.length < 2) return 1;
      // Communities whose first vertex is in no hyperedge of two are not counted, and none of those can be.
      const sum = touched.reduce((total, label) => {
        const count = inside(members, label);
        return count > 0 ? total + 1 / (count + 1) : total;
      }, 0);
      const missed = clusters.length - touched.filter((label) => inside(members, label) > 0).length;
      return 0.5 + (0.5 * (sum + missed) * (members.length + clusters.length)) / real.length;
    });
    const weights = new HyperedgeWeights(graph);
    const change = weights.update(labels);
    for (const [hyperedge, weight] of weights.values.entries())
      expect(weight).toBeCloseTo(want[hyperedge]!, 10);
    expect(change).toBeCloseTo(Math.max(0, ...want.map((weight) => Math.abs(weight - 1))), 10);
  }, 100));

test('canonical communities inside components, modularity by the definition, the same for the same seed', () =>
  fc.assert(
    fc.asyncProperty(fc.nat(1000), async (seed) => {
      await onRandomHypergraphs(async (_, graph) => {
        const { values, warnings } = await reweightedLouvain.run(client, graph, { seed });
        for (const [vertex, label] of values.labels.entries()) {
          expect(label).toBeLessThanOrEqual(vertex);
          expect(values.labels[label]).toBe(label);
        }
        const given = { partition: values.labels };
        const { modularities } = (await modularity.run(client, graph, given)).values;
        expect(values.modularity[0]).toBe(modularities[0]);
        for (const weight of values.hyperedgeWeights) expect(weight).toBeGreaterThan(0);
        for (const { message } of warnings) expect(message).toMatch(/did not converge/);
        const again = await reweightedLouvain.run(client, graph, { seed });
        expect(again.checksumBytes()).toEqual(
          (await reweightedLouvain.run(client, graph, { seed })).checksumBytes(),
        );
      }, 5);
    }),
    { numRuns: 8 },
  ));

test('cliques joined by a pair stay apart, and a vertex of its own alone', async () => {
  const triples = [
    [0, 1, 2],
    [0, 1, 3],
    [0, 2, 3],
    [1, 2, 3],
  ];
  const others = triples.map((members) => members.map((vertex) => vertex + 4));
  using graph = Hypergraph.from([...triples, ...others, [3, 4]], { vertices: [...Array(9).keys()] });
  const { values, summary } = await reweightedLouvain.run(client, graph);
  expect([...values.labels]).toEqual([0, 0, 0, 0, 4, 4, 4, 4, 8]);
  expect(summary).toContainEqual({ name: 'converged', value: 'yes' });
  // Two communities: (3 + 2) / 9 (1 / 4 + 1) for a triple inside one, (2 + 2) / 9 (1 / 2 + 1 / 2) for the pair between.
  for (const weight of values.hyperedgeWeights.subarray(0, 8)) expect(weight).toBeCloseTo(0.694, 1);
  expect(values.hyperedgeWeights[8]).toBeCloseTo(0.444, 1);
});

const classes = dataPath('small', 'contact-high-school');
test.skipIf(classes === undefined)(
  'contact-high-school: near Louvain (needs ANANT_DATA_DIR)',
  async () => {
    using graph = await Hypergraph.load(classes!);
    const plain = (await louvain.run(client, graph)).values.modularity[0]!;
    const { values } = await reweightedLouvain.run(client, graph);
    expect(values.modularity[0]).toBeGreaterThan(0.95 * plain);
  },
  60_000,
);
