/**
 * Kernels on one thread and on several, through the embedded backend: milliseconds, speed-up, and whether the bits are
 * the same.
 *
 *   node bench/graph-threads.mjs [--sets math-sx-joined,generated-x10,…] [--threads 2] [--runs 9] [--json]
 *
 * Medians; BFS: over 16 seeded sources. Products with a vector are timed as a whole, the result's way back included. Sets
 * other than wordnet-verbs need ANANT_DATA_DIR. `generated-x10` follows ten times the degrees and sizes of threads-math-sx
 * (Chung-Lu, seed 1; 16 M incidences). Exits with 1 when bits differ, or when one of the two sets named above is less than
 * 1.6 times as fast.
 */
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { native } from '@anant/backend-native';
import { connect } from '@anant/core';
import { seededRandom } from '@anant/core/testing';
import { algorithms, chungLuHypergraph, Hypergraph } from '@anant/graph';
import { pathOf } from './graph/data-sets.mjs';

const { values: options } = parseArgs({
  options: {
    sets: { type: 'string', default: 'math-sx-joined' },
    threads: { type: 'string', default: '2' },
    runs: { type: 'string', default: '9' },
    json: { type: 'boolean', default: false },
  },
});
const runs = Number(options.runs);
const threads = Number(options.threads);
const GOAL = 1.6;
const GENERATED = 'generated-x10';
const GOAL_SETS = ['math-sx-joined', GENERATED];
const SOURCES = 16;
const SEED = 20_261_123;

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const hashOf = (result) => createHash('sha256').update(result.checksumBytes()).digest('hex');

/** Both numbers of threads take turns, so that whatever else the machine does hits both. */
async function compare(run, count) {
  const ms = { one: [], several: [] };
  const hashes = new Set();
  const once = async (into, withThreads, turn) => {
    const result = await run({ threads: withThreads }, turn);
    hashes.add(`${turn}:${hashOf(result)}`);
    into.push(result.elapsedMs);
  };
  for (let turn = -2; turn < count; turn++) {
    await once(turn >= 0 ? ms.one : [], 1, Math.max(turn, 0));
    await once(turn >= 0 ? ms.several : [], threads, Math.max(turn, 0));
  }
  const [one, several] = [median(ms.one), median(ms.several)];
  return { oneMs: one, severalMs: several, speedUp: one / several, isSame: hashes.size === count };
}

/** Lengths of the lists of one side, ten times over. */
function tenTimes({ offsets }) {
  const lengths = Array.from({ length: offsets.length - 1 }, (_, list) => offsets[list + 1] - offsets[list]);
  return Uint32Array.from({ length: 10 * lengths.length }, (_, at) => lengths[at % lengths.length]);
}

async function graphOf(client, name) {
  if (name !== GENERATED) return Hypergraph.load(pathOf(name));
  const graph = await Hypergraph.load(pathOf('threads-math-sx'));
  const [degrees, sizes] = [tenTimes(graph.nodeToEdges), tenTimes(graph.edgeToNodes)];
  graph[Symbol.dispose]();
  return chungLuHypergraph(client, { degrees, sizes, seed: 1 });
}

/** The incidence matrix times ones, run as the other kernels are; into an array of the graph's memory, or a new one. */
function productOf(client, graph, options = {}) {
  const matrix = graph.incidenceMatrix();
  const x = graph.memory.allocate('f64[]', graph.vertexCount).fill(1);
  return async (on) => {
    const start = performance.now();
    const y = await matrix.timesVector(client, x, { ...on, ...options });
    const elapsedMs = performance.now() - start;
    return { elapsedMs, checksumBytes: () => new Uint8Array(y.buffer, y.byteOffset, y.byteLength) };
  };
}

async function measureSet(client, name) {
  const graph = await graphOf(client, name);
  const random = seededRandom(SEED);
  const sources = [];
  while (sources.length < SOURCES) {
    const vertex = Math.floor(random() * graph.vertexCount);
    if (graph.degreeOf(vertex) > 0) sources.push(graph.vertices.externalOf(vertex));
  }
  const incidences = graph.incidenceCount;
  const { bfs, components, pagerank } = algorithms;
  const tolerance = 1e-6;
  const place = graph.memory.allocate('f64[]', graph.hyperedgeCount);
  const results = {
    components: await compare((on) => components.run(client, graph, {}, on), runs),
    bfs: await compare((on, turn) => bfs.run(client, graph, { source: sources[turn] }, on), SOURCES),
    pagerank: await compare((on) => pagerank.run(client, graph, { tolerance }, on), runs),
    'product into an array': await compare(productOf(client, graph, { into: place }), runs),
    'product, a new array': await compare(productOf(client, graph), runs),
  };
  graph[Symbol.dispose]();
  return { name, incidences, results };
}

const client = connect({ backends: { native: () => native() } });
const measured = [];
for (const name of options.sets.split(',')) measured.push(await measureSet(client, name));
await client.close();
const missed = measured.flatMap(({ name, results }) =>
  Object.entries(results).flatMap(([kernel, { speedUp, isSame }]) => [
    ...(isSame ? [] : [`${name}, ${kernel}: the bits differ`]),
    ...(GOAL_SETS.includes(name) && speedUp < GOAL
      ? [`${name}, ${kernel}: ${speedUp.toFixed(2)} times as fast, at least ${GOAL} wanted`]
      : []),
  ]),
);
if (options.json) console.log(JSON.stringify({ threads, runs, measured, missed }));
else {
  for (const { name, incidences, results } of measured) {
    console.log(`\n${name}, ${incidences} incidences, 1 and ${threads} threads`);
    const rounded = Object.entries(results).map(([kernel, { oneMs, severalMs, speedUp, isSame }]) => [
      kernel,
      {
        'one ms': Number(oneMs.toFixed(2)),
        'several ms': Number(severalMs.toFixed(2)),
        'speed-up': Number(speedUp.toFixed(2)),
        'same bits': isSame,
      },
    ]);
    console.table(Object.fromEntries(rounded));
  }
  for (const miss of missed) console.log(`MISSED ${miss}`);
}
if (missed.length > 0) process.exitCode = 1;
