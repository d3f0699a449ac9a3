import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { kernelClient } from '../testing/kernel-client.js';
import { naiveComponents, naiveLevels, naivePagerank, naiveSComponents } from '../testing/naive.js';
import { type RandomHypergraph, randomHypergraph } from '../testing/random-hypergraph.js';
import { runDefault } from '../testing/run-default.js';
import { algorithms } from './registry.js';

const client = kernelClient();
const { bfs, components, degrees, pagerank, 's-components': sComponents } = algorithms;

const graphOf = ({ vertexCount, hyperedges }: RandomHypergraph, repeatedMembers: 'merge' | 'keep' = 'keep') =>
  Hypergraph.from(hyperedges, {
    vertices: Array.from({ length: vertexCount }, (_, id) => id),
    repeatedMembers,
  });

const forAll = (check: (random: RandomHypergraph, graph: Hypergraph) => Promise<void>, numRuns = 100) =>
  fc.assert(
    fc.asyncProperty(randomHypergraph, async (random) => {
      using graph = graphOf(random);
      await check(random, graph);
    }),
    { numRuns },
  );

describe('against the definitions, on random hypergraphs', () => {
  test('degrees and sizes', () =>
    forAll(async ({ vertexCount, hyperedges }, graph) => {
      const sizes = await degrees.run(client, graph, { of: 'hyperedges' });
      expect([...sizes.values.degrees]).toEqual(hyperedges.map((members) => members.length));
      const counts = new Array(vertexCount).fill(0);
      for (const vertex of hyperedges.flat()) counts[vertex] += 1;
      expect([...(await degrees.run(client, graph)).values.degrees]).toEqual(counts);
    }));

  test('breadth-first levels', () =>
    forAll(async ({ vertexCount, hyperedges }, graph) => {
      for (const source of [0, vertexCount - 1]) {
        const { levels } = (await bfs.run(client, graph, { source })).values;
        expect([...levels]).toEqual(naiveLevels(hyperedges, vertexCount, source));
      }
    }));

  test('components', () =>
    forAll(async ({ vertexCount, hyperedges }, graph) => {
      const { labels } = (await components.run(client, graph)).values;
      expect([...labels]).toEqual(naiveComponents(hyperedges, vertexCount));
    }));

  test('s-components', () =>
    forAll(async ({ hyperedges }, graph) => {
      for (const s of [1, 2, 3]) {
        const { values, summary } = await sComponents.run(client, graph, { s });
        const want = naiveSComponents(hyperedges, s);
        expect([...values.labels]).toEqual(want);
        const count = want.filter((label, hyperedge) => label === hyperedge).length;
        expect(summary).toContainEqual({ name: 's-components', value: count });
      }
    }));

  test('PageRank, bit for bit, and it sums to 1', () =>
    forAll(async ({ vertexCount, hyperedges }, graph) => {
      const parameters = { damping: 0.85, tolerance: 1e-12, iterationsMax: 200 };
      const { ranks } = (await pagerank.run(client, graph, parameters)).values;
      expect(ranks).toEqual(naivePagerank(hyperedges, vertexCount, parameters).ranks);
      expect(ranks.reduce((sum, rank) => sum + rank, 0)).toBeCloseTo(1, 9);
    }));
});

describe('laws', () => {
  const permutation = (length: number, seed: number) =>
    fc.sample(fc.shuffledSubarray([...Array(length).keys()], { minLength: length }), {
      numRuns: 1,
      seed,
    })[0]!;

  test('results do not depend on the order of hyperedges or on the names of vertices', () =>
    forAll(async (random, graph) => {
      const order = permutation(random.hyperedges.length, 1);
      const names = permutation(random.vertexCount, 2);
      const hyperedges = order.map((index) => random.hyperedges[index]!.map((vertex) => names[vertex]!));
      using other = graphOf({ vertexCount: random.vertexCount, hyperedges });
      const ranks = (await pagerank.run(client, graph)).values.ranks;
      const otherRanks = (await pagerank.run(client, other)).values.ranks;
      for (const [vertex, name] of names.entries()) expect(otherRanks[name]).toBeCloseTo(ranks[vertex]!, 9);
      const levels = (await bfs.run(client, graph, { source: 0 })).values.levels;
      const otherLevels = (await bfs.run(client, other, { source: names[0]! })).values.levels;
      expect(names.map((name) => otherLevels[name])).toEqual([...levels]);
      const count = async (one: Hypergraph) => (await components.run(client, one)).summary;
      expect(await count(other)).toEqual(await count(graph));
    }));

  test('1-components of hyperedges are components of vertices that have hyperedges', () =>
    forAll(async (_, graph) => {
      const { labels } = (await components.run(client, graph)).values;
      const inHyperedges = [...labels].filter((_label, vertex) => graph.degreeOf(vertex) > 0);
      const result = await sComponents.run(client, graph, { s: 1 });
      expect(result.summary).toContainEqual({ name: 's-components', value: new Set(inHyperedges).size });
    }));

  test('the dual of the dual is the hypergraph, and components of the dual are 1-components', () =>
    forAll(async (_, graph) => {
      using dual = graph.dual();
      using twice = dual.dual();
      expect(twice.edgeToNodes).toEqual(graph.edgeToNodes);
      expect(twice.nodeToEdges).toEqual(graph.nodeToEdges);
      const { labels } = (await components.run(client, dual)).values;
      const { values } = await sComponents.run(client, graph, { s: 1 });
      const filled = [...labels].filter((_label, hyperedge) => graph.sizeOf(hyperedge) > 0);
      expect(filled).toEqual([...values.labels].filter((label) => label !== 0xffff_ffff));
    }));

  test('two runs give the same bytes', () =>
    forAll(async (_, graph) => {
      for (const algorithm of Object.values(algorithms)) {
        // Some refuse graphs they are not meant for: then twice in the same words.
        const once = () =>
          runDefault(algorithm, client, graph).then((result) => result.checksumBytes(), String);
        expect(await once()).toEqual(await once());
      }
    }, 25));
});

describe('trouble', () => {
  const graph = Hypergraph.from([['a', 'b'], ['b', 'c'], ['d']]);
  const refused = (message: RegExp) =>
    expect.objectContaining({ code: 'E_GRAPH_INVALID', message: expect.stringMatching(message) });

  test('parameters that are not valid are named with what they must be', async () => {
    for (const damping of [0, 1, -1, 2, Number.NaN]) {
      await expect(pagerank.run(client, graph, { damping })).rejects.toEqual(
        refused(/"damping".*between 0 and 1/),
      );
    }
    await expect(pagerank.run(client, graph, { tolerance: 0 })).rejects.toEqual(refused(/greater than 0/));
    await expect(pagerank.run(client, graph, { iterationsMax: 1.5 })).rejects.toEqual(refused(/an integer/));
    await expect(sComponents.run(client, graph, { s: 0 })).rejects.toEqual(refused(/"s".*from 1/));
    await expect(bfs.run(client, graph, { source: 'x' })).rejects.toEqual(refused(/id or label "x"/));
    await expect(degrees.run(client, graph, { of: 'edges' as never })).rejects.toEqual(
      refused(/one of vertices/),
    );
    const misspelt = { dampng: 0.5 } as never;
    await expect(pagerank.run(client, graph, misspelt)).rejects.toEqual(
      refused(/no parameter "dampng".*damping/),
    );
  });

  test('an iteration that does not converge says so', async () => {
    const result = await pagerank.run(client, graph, { iterationsMax: 1 });
    expect(result.warnings[0]?.message).toMatch(/did not converge.*after 1 iterations/);
    expect(result.summary).toContainEqual({ name: 'converged', value: 'no' });
  });

  test('s larger than any hyperedge leaves no component', async () => {
    const { values, summary } = await sComponents.run(client, graph, { s: 9 });
    expect([...values.labels]).toEqual([0xffff_ffff, 0xffff_ffff, 0xffff_ffff]);
    expect(summary).toContainEqual({ name: 's-components', value: 0 });
  });

  test('an empty graph has empty results, and no source for a search', async () => {
    using empty = Hypergraph.from([]);
    expect((await pagerank.run(client, empty)).values.ranks).toEqual(new Float64Array(0));
    expect((await components.run(client, empty)).summary[0]).toEqual({ name: 'components', value: 0 });
    expect((await sComponents.run(client, empty)).checksumBytes().length).toBe(0);
    expect((await degrees.run(client, empty)).table(5).rows).toEqual([]);
    await expect(bfs.run(client, empty)).rejects.toEqual(refused(/no vertex/));
  });

  test('arrays that are no incidence trap instead of being read out of bounds', async () => {
    const broken = Hypergraph.from([
      [0, 1],
      [1, 2],
    ]);
    broken.edgeToNodes.members[1] = 99;
    for (const algorithm of [pagerank, components, sComponents, bfs]) {
      await expect(algorithm.run(client, broken, {} as never)).rejects.toMatchObject({
        code: 'E_KERNEL_TRAP',
      });
    }
  });
});

test('results leave nothing allocated in the memory of the graph', async () => {
  using graph = Hypergraph.from([[0, 1, 2], [2, 3], [4]]);
  const before = graph.memory.usedBytes;
  for (const algorithm of Object.values(algorithms))
    await runDefault(algorithm, client, graph).catch(() => undefined);
  expect(graph.memory.usedBytes).toBe(before);
});

test('a remote backend is sent the arrays once: with the task first, from its store afterwards', async () => {
  const remote = kernelClient('remote');
  const graph = Hypergraph.from([[0, 1, 2], [2, 3], [4]]);
  const arrays = graph.edgeToNodes.offsets.byteLength + graph.edgeToNodes.members.byteLength;
  const first = await pagerank.run(remote, graph);
  expect(remote.sentBytes).toBe(arrays);
  const second = await pagerank.run(remote, graph);
  await components.run(remote, graph);
  expect(remote.sentBytes).toBe(arrays);
  expect(remote.stored.size).toBe(2);
  expect(second.checksumBytes()).toEqual(first.checksumBytes());
  graph[Symbol.dispose]();
  await new Promise((resolve) => setImmediate(resolve));
  expect(remote.stored.size).toBe(0);
});

test('arrays that the backend lost are sent again', async () => {
  const remote = kernelClient('remote');
  const graph = Hypergraph.from([[0, 1, 2], [2, 3], [4]]);
  const first = await pagerank.run(remote, graph);
  await pagerank.run(remote, graph);
  remote.stored.clear();
  const sent = remote.sentBytes;
  expect((await pagerank.run(remote, graph)).checksumBytes()).toEqual(first.checksumBytes());
  expect(remote.sentBytes).toBe(2 * sent);
});

test('a backend that cannot store is sent the arrays each time', async () => {
  const remote = kernelClient('remote');
  const graph = Hypergraph.from([[0, 1, 2], [2, 3], [4]]);
  remote.put = () => Promise.reject(new Error('no store'));
  for (let run = 0; run < 3; run++) await components.run(remote, graph);
  expect(remote.sentBytes).toBe(
    3 * (graph.edgeToNodes.offsets.byteLength + graph.edgeToNodes.members.byteLength),
  );
});

test('tables and summaries read well', async () => {
  using graph = Hypergraph.from([
    ['ann', 'bob', 'cy'],
    ['cy', 'dan'],
    ['eve', 'fay'],
  ]);
  expect((await components.run(client, graph)).table(1)).toEqual({
    columns: ['component', 'vertices', 'examples'],
    rows: [['ann', 4, 'ann, bob, cy, dan']],
  });
  const ranks = (await pagerank.run(client, graph)).table(1);
  expect(ranks.rows[0]?.[0]).toBe('cy');
  expect((await bfs.run(client, graph, { source: 'dan' })).table(9).rows).toEqual([
    [0, 1, 'dan'],
    [1, 1, 'cy'],
    [2, 2, 'ann, bob'],
  ]);
});
