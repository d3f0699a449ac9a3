import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { kernelClient } from '../testing/kernel-client.js';
import { naivePairs } from '../testing/naive-labels.js';
import { randomHypergraph } from '../testing/random-hypergraph.js';
import { cliqueExpansion } from './clique-expansion.js';

const client = kernelClient();
const idsTo = (count: number) => Array.from({ length: count }, (_, id) => id);

test('pairs and weights by the definition, as rows and as a hypergraph', () =>
  fc.assert(
    fc.asyncProperty(
      randomHypergraph,
      fc.constantFrom('one', 'count', 'share' as const),
      async ({ vertexCount, hyperedges }, weights) => {
        using graph = Hypergraph.from(hyperedges, { vertices: idsTo(vertexCount), repeatedMembers: 'keep' });
        const result = await cliqueExpansion.run(client, graph, { weights });
        const { offsets, neighbours, weights: found } = result.values;
        const want = naivePairs(hyperedges, weights);
        expect(neighbours.length).toBe(2 * want.size);
        for (const vertex of idsTo(vertexCount)) {
          for (let arc = offsets[vertex]!; arc < offsets[vertex + 1]!; arc++) {
            const other = neighbours[arc]!;
            expect(arc === offsets[vertex] || other > neighbours[arc - 1]!).toBe(true);
            const pair = `${Math.min(vertex, other)},${Math.max(vertex, other)}`;
            expect(found[arc]).toBeCloseTo(want.get(pair)!, 12);
          }
        }
        using pairs = result.graph();
        expect(pairs.vertexCount).toBe(vertexCount);
        const lists = idsTo(pairs.hyperedgeCount).map((pair) => [...pairs.membersOf(pair)]);
        expect(lists.map(String).toSorted()).toEqual([...want.keys()].toSorted());
        const column = pairs.properties.hyperedges.weight!.values;
        expect(lists.every((list, pair) => Math.abs(column[pair]! - want.get(String(list))!) < 1e-12)).toBe(
          true,
        );
        // Expanding a graph of pairs changes nothing.
        using again = (await cliqueExpansion.run(client, pairs)).graph();
        expect(idsTo(again.hyperedgeCount).map((pair) => [...again.membersOf(pair)])).toEqual(lists);
      },
    ),
  ));

test('ids and labels are those of the vertices, the heaviest pairs come first', async () => {
  using graph = Hypergraph.from([
    ['a', 'b'],
    ['a', 'b', 'c'],
    ['c', 'd'],
  ]);
  const result = await cliqueExpansion.run(client, graph, { weights: 'count' });
  expect(result.table(2).rows).toEqual([
    ['a', 'b', 2],
    ['a', 'c', 1],
  ]);
  using pairs = result.graph();
  expect(idsTo(4).map((vertex) => pairs.vertices.externalOf(vertex))).toEqual(['a', 'b', 'c', 'd']);
  expect(pairs.source.format).toBe('clique-expansion');
});

test('an empty graph has no pairs', async () => {
  using graph = Hypergraph.from([[], ['a']]);
  const result = await cliqueExpansion.run(client, graph);
  expect(result.values.neighbours.length).toBe(0);
  expect(result.table(5).rows).toEqual([]);
  using pairs = result.graph();
  expect([pairs.vertexCount, pairs.hyperedgeCount]).toEqual([1, 0]);
});

const data =
  process.env.ANANT_DATA_DIR ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
const goldPath = join(data, 'gold', 'reference-counts.json');
describe.skipIf(!existsSync(goldPath))('published numbers of pairs (needs ANANT_DATA_DIR)', () => {
  const folders = { small: ['email-Enron', 'contact-high-school', 'contact-primary-school', 'NDC-classes'] };
  const all = {
    ...folders,
    medium: ['email-Eu', 'tags-ask-ubuntu', 'congress-bills'],
    large: ['tags-math-sx'],
  };
  const gold = existsSync(goldPath) ? JSON.parse(readFileSync(goldPath, 'utf8')) : {};
  for (const [folder, names] of Object.entries(all)) {
    test.each(names)('%s', async (name) => {
      using graph = await Hypergraph.load(join(data, folder, name));
      const { summary } = await cliqueExpansion.run(client, graph);
      expect(summary[1]).toEqual({ name: 'pairs', value: gold[name].clique_expansion_edges });
    });
  }
});
