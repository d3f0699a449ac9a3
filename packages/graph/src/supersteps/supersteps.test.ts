import { seededRandom } from '@anant/core/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startOn } from '../algorithms/component-start.js';
import { algorithms } from '../algorithms/registry.js';
import { Hypergraph } from '../graph.js';
import { driveSupersteps } from '../testing/drive-supersteps.js';
import { kernelClient } from '../testing/kernel-client.js';
import { randomHypergraph } from '../testing/random-hypergraph.js';
import { superstepKernel } from './coordinators.js';
import type { PartitionData } from './partition-data.js';
import { mergeCollected, planOf } from './plan.js';
import type { ProgramParameters } from './program.js';

const client = kernelClient();
const idsTo = (count: number) => Array.from({ length: count }, (_, id) => id);
const partitioners = ['hash', 'stream', 'multilevel'] as const;

interface Case {
  readonly k: number;
  readonly partitioner: (typeof partitioners)[number];
  readonly seed: number;
  readonly lossShare: number;
  readonly checkpointEvery: number;
}

async function byParts(
  graph: Hypergraph,
  task: string,
  inputs: Readonly<Record<string, number | Float64Array>>,
  arrays: object,
  asked: Case,
) {
  const kernel = superstepKernel(task)!;
  const plan = await planOf(graph, { partitions: asked.k, partitioner: asked.partitioner });
  const parameters = kernel.parameters(arrays as never, inputs as ProgramParameters);
  const driver = driveSupersteps({
    data: plan.sources as PartitionData[],
    program: kernel.program,
    parameters,
    coordinator: kernel.coordinator(plan.whole, parameters, inputs),
    checkpointEvery: asked.checkpointEvery,
    lossesMax: 40,
    superstepsMax: 100_000,
    merge: (collected) => mergeCollected(plan, collected),
    random: seededRandom(asked.seed),
    lossShare: asked.lossShare,
  });
  const { state } = driver;
  if (state.type !== 'done') throw new Error(`${task}: ${JSON.stringify(state)}`);
  return { outputs: state.outputs, driver };
}

const cases = fc.record({
  more: fc.nat(7),
  partitioner: fc.constantFrom(...partitioners),
  seed: fc.nat(1_000_000),
  lossShare: fc.constantFrom(0, 0, 0.05, 0.2),
  checkpointEvery: fc.constantFrom(0, 1, 3),
});

test('the bits of the kernels, on any parts, in any order of answers, whatever is lost on the way', () =>
  fc.assert(
    fc.asyncProperty(randomHypergraph, cases, async ({ vertexCount, hyperedges }, { more, ...rest }) => {
      using graph = Hypergraph.from(hyperedges, { vertices: idsTo(vertexCount), repeatedMembers: 'keep' });
      const asked = { ...rest, k: 1 + (more % vertexCount) };
      const { pagerank, components, bfs, degrees, 'k-core': kCore, katz } = algorithms;
      const cliqueEigenvector = algorithms['clique-eigenvector'];
      const scalars = {
        vertexCount,
        sumCount: vertexCount,
        damping: 0.85,
        tolerance: 1e-6,
        iterationsMax: 30,
      };
      const ranks = await byParts(graph, 'graph.pagerank', scalars, {}, asked);
      const one = await pagerank.run(client, graph, { tolerance: 1e-6, iterationsMax: 30 });
      expect(ranks.outputs.ranks).toEqual(one.values.ranks);
      expect(ranks.outputs.result).toBe(one.summary[0]!.value);
      const vertices = [...new Set([asked.seed % vertexCount, (asked.seed * 7) % vertexCount])];
      const restart = new Float64Array(vertexCount);
      for (const vertex of vertices) restart[vertex] = 1 / vertices.length;
      const limited = { damping: 0.85, tolerance: 1e-6, iterationsMax: 30, restart };
      const own = await byParts(graph, 'graph.restart-pagerank', limited, {}, asked);
      const personal = { tolerance: 1e-6, iterationsMax: 30, restart: vertices };
      expect(own.outputs.ranks).toEqual((await pagerank.run(client, graph, personal)).values.ranks);
      const joined = await byParts(graph, 'graph.components', {}, {}, asked);
      expect(joined.outputs.labels).toEqual((await components.run(client, graph)).values.labels);
      const source = asked.seed % vertexCount;
      const reached = await byParts(graph, 'graph.bfs', { source }, {}, asked);
      expect(reached.outputs.levels).toEqual((await bfs.run(client, graph, { source })).values.levels);
      const of = { offsets: 'edgeOffsets' };
      const sizes = await byParts(graph, 'graph.degrees', {}, of, asked);
      expect(sizes.outputs.degrees).toEqual(
        (await degrees.run(client, graph, { of: 'hyperedges' })).values.degrees,
      );
      const alpha = 0.02;
      const limits = { tolerance: 1e-9, iterationsMax: 25 };
      const walks = await byParts(graph, 'graph.katz', { alpha, ...limits }, {}, asked);
      const scores = await katz.run(client, graph, { alpha, ...limits }).catch(() => undefined);
      if (scores) expect(walks.outputs.scores).toEqual(scores.values.scores);
      const clique = await cliqueEigenvector.run(client, graph, limits);
      const { labels } = (await components.run(client, graph)).values;
      const { start } = startOn(labels);
      const leading = await byParts(graph, 'graph.clique-eigenvector', { ...limits, start }, {}, asked);
      expect(leading.outputs.scores).toEqual(clique.values.scores);
      expect((leading.outputs.state as Float64Array).slice(1)).toEqual(clique.values.eigenvalue);
      for (const s of [1, 2, 3]) {
        const cores = await byParts(graph, 'graph.k-core', { s }, {}, asked);
        const { values } = await kCore.run(client, graph, { s });
        expect([cores.outputs.cores, cores.outputs.edgeCores]).toEqual([values.cores, values.edgeCores]);
      }
    }),
    { numRuns: 100 },
  ));

test('labels that move at the same time are those of the kernel, with their modularity', () =>
  fc.assert(
    fc.asyncProperty(
      randomHypergraph,
      fc.nat(5),
      fc.constantFrom(1, 3, 200),
      cases,
      async ({ vertexCount, hyperedges }, seed, iterationsMax, { more, ...rest }) => {
        using graph = Hypergraph.from([...hyperedges, idsTo(Math.min(12, vertexCount))], {
          vertices: idsTo(vertexCount),
          repeatedMembers: 'keep',
        });
        const asked = { ...rest, k: 1 + (more % vertexCount) };
        const limits = { seed, iterationsMax };
        const { outputs } = await byParts(graph, 'graph.parallel-label-propagation', limits, {}, asked);
        const { values, summary } = await algorithms['parallel-label-propagation'].run(client, graph, limits);
        expect([outputs.labels, outputs.modularity]).toEqual([values.labels, values.modularity]);
        const said = Object.fromEntries(summary.map((fact) => [fact.name, fact.value]));
        expect(outputs.result).toBe(said.iterations);
        expect((outputs.changed as Uint32Array)[0] === 0).toBe(said.converged === 'yes');
      },
    ),
    { numRuns: 150 },
  ));

test('strong components have the labels of the kernel, with and without directions of members', () =>
  fc.assert(
    fc.asyncProperty(
      randomHypergraph,
      fc.infiniteStream(fc.constantFrom('head', 'head', 'tail', '')),
      fc.boolean(),
      cases,
      async ({ vertexCount, hyperedges }, ends, isDirected, { more, ...rest }) => {
        const direction = hyperedges.map((members) => members.map(() => ends.next().value as string));
        using graph = Hypergraph.from(hyperedges, {
          vertices: idsTo(vertexCount),
          repeatedMembers: 'keep',
          ...(isDirected && { properties: { incidences: { direction } } }),
        });
        const asked = { ...rest, k: 1 + (more % vertexCount) };
        const { outputs } = await byParts(graph, 'graph.strong-components', {}, {}, asked);
        const one = await algorithms['strong-components'].run(client, graph);
        expect(outputs.labels).toEqual(one.values.labels);
        expect(outputs.result).toBe(new Set(one.values.labels).size);
      },
    ),
    { numRuns: 200 },
  ));

const uniformHypergraph = fc.integer({ min: 2, max: 5 }).chain((size) =>
  fc.integer({ min: size, max: 20 }).chain((vertexCount) =>
    fc.record({
      size: fc.constant(size),
      vertexCount: fc.constant(vertexCount),
      hyperedges: fc.array(
        fc.tuple(fc.uniqueArray(fc.nat(vertexCount - 1), { minLength: size, maxLength: size }), fc.nat(3)),
        { maxLength: 30 },
      ),
    }),
  ),
);

test('H- and Z-eigenvectors have the bits of the kernels, on any parts, whatever is lost on the way', () =>
  fc.assert(
    fc.asyncProperty(
      uniformHypergraph,
      cases,
      async ({ size, vertexCount, hyperedges }, { more, ...rest }) => {
        // Some list their first member again.
        const lists = hyperedges.map(([members, again]) =>
          again === 0 ? [...members, members[0]!] : members,
        );
        using graph = Hypergraph.from(lists, { vertices: idsTo(vertexCount), repeatedMembers: 'keep' });
        const asked = { ...rest, k: 1 + (more % vertexCount) };
        const { labels } = (await algorithms.components.run(client, graph)).values;
        const { start } = startOn(labels);
        for (const iterationsMax of [1, 40]) {
          const limits = { tolerance: 1e-6, iterationsMax };
          for (const name of ['h-eigenvector', 'z-eigenvector'] as const) {
            const one = await algorithms[name].run(client, graph, limits);
            const inputs = { ...limits, size: graph.hyperedgeCount === 0 ? 2 : size, start };
            const { outputs } = await byParts(graph, `graph.${name}`, inputs, {}, asked);
            expect(outputs.scores).toEqual(one.values.scores);
            const said = Object.fromEntries(one.summary.map((fact) => [fact.name, fact.value]));
            expect(outputs.result).toBe(said.iterations);
            expect((outputs.state as Float64Array)[0]!.toExponential(2)).toBe(said['last change']);
          }
        }
      },
    ),
    { numRuns: 100 },
  ));

test('a partitioner of yours divides, another of its name divides anew, nonsense is refused by name', async () => {
  using graph = Hypergraph.from([
    [0, 1],
    [1, 2, 3],
    [3, 4],
  ]);
  const byTurns = (step: number) => ({
    name: 'by turns',
    divide: async () => Uint32Array.from({ length: 5 }, (_, vertex) => Math.floor(vertex / step) % 2),
  });
  const cuts = [1, 3].map(
    async (step) => (await planOf(graph, { partitions: 2, partitioner: byTurns(step) })).cut,
  );
  expect((await Promise.all(cuts)).map(({ hyperedges }) => hyperedges)).toEqual([3, 1]);
  await expect(planOf(graph, { partitions: 6, partitioner: 'hash' })).rejects.toThrow(
    /"partitions" must be at most the 5 vertices of the graph, not 6/,
  );
  for (const partitions of [0, 1.5, 2_000]) {
    expect(() => planOf(graph, { partitions, partitioner: 'hash' })).toThrow(
      /"partitions" must be an integer/,
    );
  }
  await expect(planOf(graph, { partitions: 9, partitioner: 'hash' })).rejects.toMatchObject({
    code: 'E_GRAPH_INVALID',
  });
  const refused = graph.on(client, { partitions: 2 }).louvain();
  await expect(refused).rejects.toThrow(/"graph.louvain" does not run on partitions/);
});
