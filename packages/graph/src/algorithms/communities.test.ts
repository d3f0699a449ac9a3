import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { kernelClient } from '../testing/kernel-client.js';
import { naiveComponents } from '../testing/naive.js';
import {
  adjustedRandIndex,
  EDGE_WEIGHTS,
  naiveCliqueModularity,
  naiveConductance,
  naiveModularity,
  naivePairs,
} from '../testing/naive-labels.js';
import { randomHypergraph } from '../testing/random-hypergraph.js';
import { conductance } from './conductance.js';
import { hyperLouvain } from './hyper-louvain.js';
import { labelPropagation } from './label-propagation.js';
import { leiden, louvain } from './louvain.js';
import { modularity } from './modularity.js';

const client = kernelClient();
const idsTo = (count: number) => Array.from({ length: count }, (_, id) => id);
const refused = (message: RegExp) =>
  expect.objectContaining({ code: 'E_GRAPH_INVALID', message: expect.stringMatching(message) });
const isCanonical = (labels: readonly number[]) =>
  labels.every((label, vertex) => label <= vertex && labels[label] === label);
const seeds = fc.integer({ min: 0, max: 0xffff_ffff });
const weightings = fc.constantFrom('one', 'count', 'share' as const);
const graphOf = ({ vertexCount, hyperedges }: { vertexCount: number; hyperedges: number[][] }) =>
  Hypergraph.from(hyperedges, { vertices: idsTo(vertexCount), repeatedMembers: 'keep' });

describe.each([
  ['louvain', louvain],
  ['leiden', leiden],
] as const)('%s, on random hypergraphs', (name, algorithm) => {
  test('canonical labels, modularity by the definition, nothing gained by moving a vertex or joining two parts', () =>
    fc.assert(
      fc.asyncProperty(
        randomHypergraph,
        seeds,
        weightings,
        fc.constantFrom(0.5, 1, 2),
        async (random, seed, weights, resolution) => {
          using graph = graphOf(random);
          const { values } = await algorithm.run(client, graph, { seed, weights, resolution });
          const labels = [...values.labels];
          expect(isCanonical(labels)).toBe(true);
          const pairs = naivePairs(random.hyperedges, weights);
          const value = naiveCliqueModularity(pairs, labels, resolution);
          expect(values.modularity[0]).toBeCloseTo(value, 10);
          const parts = [...new Set(labels)];
          for (const [index, one] of parts.entries()) {
            for (const other of parts.slice(index + 1)) {
              const joined = labels.map((label) => (label === other ? one : label));
              expect(naiveCliqueModularity(pairs, joined, resolution)).toBeLessThan(value + 1e-9);
            }
          }
          const again = await algorithm.run(client, graph, { seed, weights, resolution });
          expect(again.checksumBytes()).toEqual(
            (await algorithm.run(client, graph, { seed, weights, resolution })).checksumBytes(),
          );
          if (name !== 'leiden') return;
          const inside = random.hyperedges.flatMap((members) =>
            parts.map((part) => members.filter((vertex) => labels[vertex] === part)),
          );
          expect(naiveComponents(inside, random.vertexCount)).toEqual(labels);
        },
      ),
    ));
});

test('two cliques joined by one pair are two communities', async () => {
  using graph = Hypergraph.from(
    [
      [0, 1, 2, 3],
      [0, 1],
      [2, 3],
      [4, 5, 6, 7],
      [4, 5],
      [6, 7],
      [3, 4],
    ],
    {
      vertices: idsTo(9),
    },
  );
  for (const algorithm of [louvain, leiden]) {
    const { values, summary, table } = await algorithm.run(client, graph, { seed: 3 });
    expect([...values.labels]).toEqual([0, 0, 0, 0, 4, 4, 4, 4, 8]);
    expect(summary[0]).toEqual({ name: 'communities', value: 3 });
    expect(table(1).rows).toEqual([['0', 4, '0, 1, 2, 3']]);
  }
});

describe.each(['strict', 'majority', 'linear'] as const)('hyper-louvain by %s modularity', (objective) => {
  test('canonical labels, modularity by the definition, nothing gained by joining two parts, at least the start', () =>
    fc.assert(
      fc.asyncProperty(randomHypergraph, seeds, async (random, seed) => {
        using graph = graphOf(random);
        const measure = (labels: readonly number[]) =>
          naiveModularity(random.hyperedges, labels, EDGE_WEIGHTS[objective]);
        for (const start of ['louvain', 'alone'] as const) {
          const { values } = await hyperLouvain.run(client, graph, { objective, start, seed });
          const labels = [...values.labels];
          expect(isCanonical(labels)).toBe(true);
          const value = measure(labels);
          expect(values.modularity[0]).toBeCloseTo(value, 9);
          const from =
            start === 'alone'
              ? idsTo(random.vertexCount)
              : [...(await louvain.run(client, graph, { seed, resolution: 4 })).values.labels];
          expect(value).toBeGreaterThan(measure(from) - 1e-9);
          const parts = [...new Set(labels)];
          for (const [index, one] of parts.entries()) {
            for (const other of parts.slice(index + 1)) {
              expect(measure(labels.map((label) => (label === other ? one : label)))).toBeLessThan(
                value + 1e-9,
              );
            }
            for (let vertex = 0; vertex < labels.length; vertex++) {
              expect(measure(labels.map((label, at) => (at === vertex ? one : label)))).toBeLessThan(
                value + 1e-5,
              );
            }
          }
        }
      }),
      { numRuns: 40 },
    ));
});

describe('a given partition', () => {
  test('modularities and conductances by their definitions, on random hypergraphs', () =>
    fc.assert(
      fc.asyncProperty(
        randomHypergraph,
        fc.infiniteStream(fc.nat(4)),
        weightings,
        async (random, stream, weights) => {
          using graph = graphOf(random);
          const partition = Array.from({ length: random.vertexCount }, () => stream.next().value as number);
          const { values } = await modularity.run(client, graph, { partition, weights, resolution: 0.7 });
          const { hyperedges } = random;
          const pairs = naivePairs(hyperedges, weights);
          const want = [
            naiveCliqueModularity(pairs, partition, 0.7),
            naiveModularity(hyperedges, partition, EDGE_WEIGHTS.strict),
            naiveModularity(hyperedges, partition, EDGE_WEIGHTS.majority),
            naiveModularity(hyperedges, partition, EDGE_WEIGHTS.linear),
          ];
          for (const [index, value] of want.entries())
            expect(values.modularities[index]).toBeCloseTo(value, 10);
          const cuts = (await conductance.run(client, graph, { partition })).values;
          const parts = [...new Set(partition)].map((part) => partition.indexOf(part));
          expect([...cuts.parts]).toEqual(parts);
          expect([...cuts.conductances]).toEqual(
            parts.map((first) => naiveConductance(hyperedges, partition, partition[first]!)),
          );
        },
      ),
    ));

  test('one part has modularity 0 of every kind, also with a hyperedge of 3,000 members', async () => {
    using graph = Hypergraph.from([idsTo(3000), [0, 1]]);
    const { values } = await modularity.run(client, graph, { partition: new Array(3000).fill('all') });
    for (const value of values.modularities) expect(value).toBeCloseTo(0, 8);
    const halves = idsTo(3000).map((vertex) => Math.floor(vertex / 1600));
    const cut = await modularity.run(client, graph, { partition: halves });
    expect(cut.values.modularities.every(Number.isFinite)).toBe(true);
  });

  test('names may be texts; a partition that does not fit is refused', async () => {
    using graph = Hypergraph.from([['a', 'b'], ['c']]);
    const { parameters } = await conductance.run(client, graph, { partition: ['x', 'x', 'y'] });
    expect(parameters).toEqual({ partition: '2 parts of 3 vertices' });
    for (const algorithm of [modularity, conductance]) {
      await expect(algorithm.run(client, graph)).rejects.toEqual(refused(/"partition" must be given/));
      await expect(algorithm.run(client, graph, { partition: [1, 2] })).rejects.toEqual(
        refused(/2 names of parts.*3 vertices/),
      );
      await expect(algorithm.run(client, graph, { partition: [1, 2, Number.NaN] })).rejects.toEqual(
        refused(/part of vertex 2/),
      );
      await expect(algorithm.run(client, graph, { partition: 'abc' as never })).rejects.toEqual(
        refused(/must be a list/),
      );
    }
  });
});

test('empty graphs, lone vertices and repeated members give numbers, never NaN', async () => {
  for (const lists of [[], [[]], [['a']], [['a'], []], [['a', 'a']]]) {
    using graph = Hypergraph.from(lists, { repeatedMembers: 'keep' });
    const partition = idsTo(graph.vertexCount);
    for (const algorithm of [louvain, leiden, hyperLouvain, labelPropagation]) {
      const { values } = await algorithm.run(client, graph);
      expect([...values.labels]).toEqual(partition);
      expect(values.modularity[0]).toBe(0);
    }
    expect(
      [...(await modularity.run(client, graph, { partition })).values.modularities].some(Number.isNaN),
    ).toBe(false);
    expect([...(await conductance.run(client, graph, { partition })).values.conductances]).toEqual(
      partition.map(() => 0),
    );
  }
});

test('parameters that are not valid are named', async () => {
  using graph = Hypergraph.from([['a', 'b']]);
  await expect(louvain.run(client, graph, { resolution: -1 })).rejects.toEqual(
    refused(/"resolution".*from 0/),
  );
  await expect(leiden.run(client, graph, { weights: 'heavy' as never })).rejects.toEqual(
    refused(/"weights" must be one of one, count, share/),
  );
});

const data =
  process.env.ANANT_DATA_DIR ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url));

// Children of a grade meet across classes: there communities of greater modularity join classes.
for (const [name, least] of [
  ['contact-high-school-classes', 0.85],
  ['contact-primary-school-classes', 0.55],
] as const) {
  const folder = join(data, 'small', name);
  test.skipIf(!existsSync(folder))(
    `${name}: close to the classes, of greater modularity (needs ANANT_DATA_DIR)`,
    async () => {
      using graph = await Hypergraph.load(join(folder, `hyperedges-${name}.txt`));
      const classes = readFileSync(join(folder, `node-labels-${name}.txt`), 'utf8')
        .trim()
        .split('\n')
        .map(Number);
      const known = (await modularity.run(client, graph, { partition: classes })).values.modularities[0]!;
      for (const seed of [0, 1, 2]) {
        for (const algorithm of [louvain, leiden]) {
          const { values } = await algorithm.run(client, graph, { seed });
          expect(values.modularity[0]).toBeGreaterThan(known);
          expect(adjustedRandIndex(values.labels, classes)).toBeGreaterThan(least);
        }
        for (const [kind, objective] of (['strict', 'majority', 'linear'] as const).entries()) {
          const found = await hyperLouvain.run(client, graph, { seed, objective });
          const ofClasses = (await modularity.run(client, graph, { partition: classes })).values.modularities;
          expect(found.values.modularity[0]).toBeGreaterThan(ofClasses[kind + 1]!);
          if (objective === 'majority')
            expect(adjustedRandIndex(found.values.labels, classes)).toBeGreaterThan(least + 0.1);
        }
      }
    },
  );
}
