import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { onRandomHypergraphs } from '../testing/check-random.js';
import { dataPath, referenceCounts } from '../testing/data-folder.js';
import { kernelClient } from '../testing/kernel-client.js';
import { naiveDual, naiveLineGraph } from '../testing/naive-lines.js';
import { sBetweenness } from './s-betweenness.js';
import { sDiameter } from './s-diameter.js';
import { sLineGraph } from './s-line-graph.js';

const client = kernelClient();

interface Edges {
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  readonly overlaps: Uint32Array;
}
const triples = ({ sources, targets, overlaps }: Edges) =>
  [...sources].map((source, edge) => [source, targets[edge], overlaps[edge]]);

describe('against the definition, on random hypergraphs', () => {
  for (const s of [1, 2, 3]) {
    for (const multiEdges of ['merge', 'keep'] as const) {
      test(`s = ${s}, multi-edges: ${multiEdges}`, () =>
        onRandomHypergraphs(async ({ hyperedges }, graph) => {
          const { values } = await sLineGraph.run(client, graph, { s, multiEdges });
          const want = naiveLineGraph(hyperedges, s, multiEdges);
          expect([...values.nodes]).toEqual(want.nodes);
          expect(triples(values)).toEqual(want.edges);
        }));
    }
    test(`of vertices, s = ${s}`, () =>
      onRandomHypergraphs(async ({ hyperedges, vertexCount }, graph) => {
        const { values } = await sLineGraph.run(client, graph, { s, of: 'vertices' });
        const want = naiveLineGraph(naiveDual(hyperedges, vertexCount), s, 'keep');
        expect([...values.nodes]).toEqual(want.nodes);
        expect(triples(values)).toEqual(want.edges);
      }));
  }

  test('long rows are sorted as short ones are', async () => {
    // Hyperedge i is {hub, i, i + 1000}: all share the hub, in pieces of very different numbers.
    const hyperedges = Array.from({ length: 3_000 }, (_, i) => [0, 1 + i, 5_000 + ((i * 7_919) % 3_000)]);
    using graph = Hypergraph.from(hyperedges);
    const { values } = await sLineGraph.run(client, graph, { s: 1 });
    expect(values.sources.length).toBe((3_000 * 2_999) / 2);
    const isRising = values.targets.every(
      (target, edge) =>
        edge === 0 || values.sources[edge - 1]! < values.sources[edge]! || values.targets[edge - 1]! < target,
    );
    expect(isRising).toBe(true);
  });

  test('the order of hyperedges and of members does not matter', () =>
    fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.uniqueArray(fc.nat(9), { maxLength: 5 }), {
          maxLength: 20,
          selector: (members) => [...members].sort().join(),
        }),
        fc.integer({ min: 1, max: 3 }),
        async (hyperedges, s) => {
          using graph = Hypergraph.from(hyperedges);
          using turned = Hypergraph.from(hyperedges.map((members) => [...members].reverse()).reverse());
          const last = hyperedges.length - 1;
          const given = (await sLineGraph.run(client, graph, { s })).values;
          const back = (await sLineGraph.run(client, turned, { s })).values;
          const turnedBack = triples(back).map(([a, b, shared]) => [last - b!, last - a!, shared]);
          const rising = turnedBack.sort((one, other) => one[0]! - other[0]! || one[1]! - other[1]!);
          expect(rising).toEqual(triples(given));
        },
      ),
    ));
});

test('the vertices of a graph joined by hyperedges are those of the line graph of its dual', () =>
  onRandomHypergraphs(async (_, graph) => {
    using dual = graph.dual();
    const vertices = await sLineGraph.run(client, graph, { s: 1, of: 'vertices' });
    const hyperedges = await sLineGraph.run(client, dual, { s: 1, multiEdges: 'keep' });
    expect(vertices.checksumBytes()).toEqual(hyperedges.checksumBytes());
  }));

describe('trouble', () => {
  test('an s above every size, an empty graph and empty hyperedges leave nothing', async () => {
    using graph = Hypergraph.from([['a', 'b'], ['b', 'c'], []]);
    const { values, summary, table } = await sLineGraph.run(client, graph, { s: 9 });
    expect(Object.values(values).map(({ length }) => length)).toEqual([0, 0, 0, 0]);
    expect(summary).toContainEqual({ name: 'largest overlap', value: 0 });
    expect(table(5).rows).toEqual([]);
    using empty = Hypergraph.from([]);
    expect((await sLineGraph.run(client, empty)).checksumBytes().length).toBe(0);
    expect((await sLineGraph.run(client, empty, { of: 'vertices' })).checksumBytes().length).toBe(0);
  });

  test('distances of a line graph whose edges do not fit go without them; betweenness of large hyperedges is refused', async () => {
    const star = (size: number) =>
      Hypergraph.from(
        Array.from({ length: 24_000 }, (_, i) =>
          Array.from({ length: size }, (_, k) => (k === 0 ? 0 : size * i + k)),
        ),
      );
    using pairs = star(2);
    // All 287,988,000 pairs of hyperedges are neighbours.
    const { diameter, averageDistance } = (await sDiameter.run(client, pairs)).values;
    expect([diameter[0], averageDistance[0]]).toEqual([1, 1]);
    expect((await sLineGraph.run(client, pairs, { s: 2 })).values.sources.length).toBe(0);
    using large = star(17);
    await expect(sBetweenness.run(client, large, { samples: 16 })).rejects.toMatchObject({
      code: 'E_OUT_OF_MEMORY',
      message: expect.stringMatching(/1-line graph has 287988000 edges between 24000 nodes.*4\.3 GiB/),
      advice: expect.stringMatching(/larger s/),
    });
  });

  test('parameters are checked, and malformed arrays trap', async () => {
    using graph = Hypergraph.from([[0, 1]]);
    await expect(sLineGraph.run(client, graph, { s: 0 })).rejects.toMatchObject({ code: 'E_GRAPH_INVALID' });
    await expect(sLineGraph.run(client, graph, { of: 'edges' as never })).rejects.toMatchObject({
      code: 'E_GRAPH_INVALID',
    });
    graph.edgeToNodes.members[1] = 99;
    await expect(sLineGraph.run(client, graph)).rejects.toMatchObject({ code: 'E_KERNEL_TRAP' });
  });
});

const gold = referenceCounts();
const SETS = {
  'email-Enron': 'small',
  'contact-high-school': 'small',
  'contact-primary-school': 'small',
  'NDC-classes': 'small',
  'email-Eu': 'medium',
} as const;

for (const [name, folder] of Object.entries(SETS)) {
  test.skipIf(!gold || !dataPath(folder, name))(
    `${name}: published numbers of line edges and of pairs (needs ANANT_DATA_DIR)`,
    async () => {
      using graph = await Hypergraph.load(dataPath(folder, name)!);
      for (const s of [1, 2, 3]) {
        const { values } = await sLineGraph.run(client, graph, { s });
        const want = gold![name].s_line[s];
        expect(values.nodes.length).toBe(want.hyperedges_of_size_ge_s);
        expect(values.sources.length).toBe(want.line_edges);
      }
      const pairs = await sLineGraph.run(client, graph, { of: 'vertices' });
      expect(pairs.values.sources.length).toBe(gold![name].clique_expansion_edges);
    },
    120_000,
  );
}
