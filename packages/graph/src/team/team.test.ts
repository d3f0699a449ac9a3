import { native } from '@anant/backend-native';
import { type Client, connect, KernelMemory } from '@anant/core';
import { seededRandom } from '@anant/core/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { algorithms } from '../algorithms/registry.js';
import { Hypergraph } from '../graph.js';
import { componentsTeam } from '../kernels/team-tasks.js';
import { kernelClient } from '../testing/kernel-client.js';
import { runTeam } from './run-team.js';
import { SHARED_INCIDENCES_MIN, threadsFor } from './threads.js';

const THREADS = [2, 3];
const { bfs, components, pagerank } = algorithms;

/** A few vertices in many hyperedges and many in few; two halves that are not connected; lone vertices. */
function skewed(hyperedgeCount: number, vertexCount: number): Hypergraph {
  const random = seededRandom(7);
  const half = vertexCount >> 1;
  const lists = Array.from({ length: hyperedgeCount }, (_, hyperedge) =>
    Array.from({ length: 1 + Math.floor(random() * 9) }, () => {
      const vertex = Math.floor(random() ** 4 * half);
      return hyperedge % 3 === 0 ? vertex + half : vertex;
    }),
  );
  return Hypergraph.from(lists, { vertices: Array.from({ length: vertexCount }, (_, vertex) => vertex) });
}

/** A long path: more levels than a mark of one byte can count. */
const path = () =>
  Hypergraph.from(
    Array.from({ length: 2_000 }, (_, at) => Array.from({ length: 30 }, (_, i) => at * 29 + i)),
  );

/** Many components, whose vertices are in many hyperedges each: no set is the one that most are in. */
function scattered(groups: number): Hypergraph {
  const random = seededRandom(11);
  return Hypergraph.from(
    Array.from({ length: groups * 90 }, (_, at) =>
      Array.from({ length: 3 }, () => Math.floor(random() * 20) * groups + (at % groups)),
    ),
  );
}

let client: Client;
beforeAll(() => {
  client = connect({ backends: { native: () => native({ slots: 3 }) } });
});
afterAll(() => client.close());

describe.each([
  ['dense enough for several parts', () => skewed(30_000, 2_000)],
  ['sparse, one part', () => skewed(30_000, 40_000)],
  ['a path', path],
  ['many components', () => scattered(400)],
])('threads give the bits of one: %s', (_, make) => {
  test('PageRank, components, breadth-first search', async () => {
    using graph = make();
    const used = graph.memory.usedBytes;
    const runs = [
      (threads: number) => pagerank.run(client, graph, { tolerance: 1e-8 }, { threads }),
      (threads: number) => components.run(client, graph, {}, { threads }),
      (threads: number) => bfs.run(client, graph, { source: 0 }, { threads }),
      (threads: number) => bfs.run(client, graph, {}, { threads }),
    ];
    for (const run of runs) {
      const one = await run(1);
      for (const threads of THREADS) {
        const several = await run(threads);
        expect(several.checksumBytes()).toEqual(one.checksumBytes());
        expect(several.summary).toEqual(one.summary);
      }
    }
    expect(graph.memory.usedBytes).toBe(used);
  }, 120_000);
});

test('components are right where there is no room to note what was joined', async () => {
  using graph = skewed(30_000, 40_000);
  const { nodeToEdges, edgeToNodes, memory } = graph;
  const [nodeOffsets, nodeMembers] = [nodeToEdges.offsets, nodeToEdges.members];
  const [edgeOffsets, edgeMembers] = [edgeToNodes.offsets, edgeToNodes.members];
  const inputs = { nodeOffsets, nodeMembers, edgeOffsets, edgeMembers, piecesLength: 4096 };
  const outcome = await runTeam(client, componentsTeam, inputs, { memory, threads: 2, submit: {} });
  const one = await components.run(client, graph, {}, { threads: 1 });
  expect(outcome.status === 'ok' && outcome.value.labels).toEqual(one.values.labels);
});

test('products go into the array that is given, in the memory of the graph or elsewhere', async () => {
  using graph = skewed(30_000, 40_000);
  const random = seededRandom(3);
  const x = Float64Array.from({ length: graph.vertexCount }, () => random());
  const matrix = graph.incidenceMatrix();
  const wanted = await matrix.timesVector(client, x, { threads: 1 });
  const used = graph.memory.usedBytes;
  const inside = graph.memory.allocate('f64[]', graph.hyperedgeCount);
  for (const into of [inside, new Float64Array(graph.hyperedgeCount)]) {
    for (const threads of [1, 2]) {
      into.fill(-1);
      expect(await matrix.timesVector(client, x, { threads, into })).toBe(into);
      expect(into).toEqual(wanted);
    }
  }
  expect(await matrix.timesVector(client, x, { threads: 2 })).toEqual(wanted);
  graph.memory.free(inside);
  expect(graph.memory.usedBytes).toBe(used);
  await expect(matrix.timesVector(client, x, { into: new Float64Array(3) })).rejects.toThrow(
    /"into" must have/,
  );
  const both = new Float64Array(x.length + graph.hyperedgeCount);
  const overlap = { into: both.subarray(1, graph.hyperedgeCount + 1) };
  await expect(matrix.timesVector(client, both.subarray(0, x.length), overlap)).rejects.toThrow(
    /must not share/,
  );
});

test('a team whose helpers never come does its work alone', async () => {
  using graph = skewed(5_000, 300);
  await using narrow = connect({ backends: { native: () => native({ slots: 1 }) } });
  const one = await pagerank.run(narrow, graph, {}, { threads: 1 });
  const four = await pagerank.run(narrow, graph, {}, { threads: 4 });
  expect(four.checksumBytes()).toEqual(one.checksumBytes());
});

test('where the memory is too small for a team, one kernel runs', async () => {
  const memory = new KernelMemory({ maximumBytes: 4_194_304 });
  using graph = Hypergraph.from(
    Array.from({ length: 20_000 }, (_, at) => [at, (at * 7) % 20_000]),
    { memory },
  );
  const one = await components.run(client, graph, {}, { threads: 1 });
  const many = await components.run(client, graph, {}, { threads: 64 });
  expect(many.checksumBytes()).toEqual(one.checksumBytes());
});

test('a search shares the hyperedges of one vertex, and levels that few or many reach', async () => {
  const spokes = Array.from({ length: 30_000 }, (_, at) => [0, 1 + (at % 500), 501 + (at % 9_000)]);
  const chains = Array.from({ length: 20_000 }, (_, at) => [501 + (at % 9_000), 9_501 + at, 29_501 + at]);
  using graph = Hypergraph.from([...spokes, ...chains]);
  for (const source of [0, 9_501]) {
    const one = await bfs.run(client, graph, { source }, { threads: 1 });
    const two = await bfs.run(client, graph, { source }, { threads: 2 });
    expect(two.checksumBytes()).toEqual(one.checksumBytes());
  }
}, 240_000);

test('a backend that shares no memory runs one kernel, whatever the threads', async () => {
  using graph = skewed(500, 100);
  const far = kernelClient('ray');
  await pagerank.run(far, graph, {}, { threads: 4 });
  expect(far.tasks).toEqual(['graph.pagerank']);
});

test('a cancelled team gives back what it took', async () => {
  using graph = skewed(2_000, 300);
  const signal = AbortSignal.abort();
  const used = graph.memory.usedBytes;
  const error = await pagerank.run(client, graph, {}, { threads: 2, signal }).catch((thrown) => thrown);
  expect(error.code).toBe('E_CANCELLED');
  expect(graph.memory.usedBytes).toBe(used);
});

test('threads: one for small graphs, what is asked for otherwise, a clear error for nonsense', () => {
  expect(threadsFor(SHARED_INCIDENCES_MIN - 1, undefined)).toBe(1);
  expect(threadsFor(10, 5)).toBe(5);
  for (const wanted of [0, 65, 1.5, Number.NaN]) {
    expect(() => threadsFor(10, wanted)).toThrow(/"threads" must be an integer from 1 to 64/);
  }
});
