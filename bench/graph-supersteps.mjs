/**
 * Graphs on partitions beside one machine, and the constants of the cost model (`supersteps/cost-model.ts`):
 *
 *   node bench/graph-supersteps.mjs [--backends native,cluster] [--set tags-ask-ubuntu] [--partitions 2] [--json]
 *
 * `startMs`: a run of no supersteps. `stepMs`: one superstep with next to nothing to do. `nsPerByte` of boundary: the same
 * job divided by hash and by stream. `nsPerIncidence`: what is left, by superstep and incidence of the largest part. The
 * engines dask, ray and celery need ANANT_PYTHON, sets need ANANT_DATA_DIR. Exits with 1 when bits differ.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { native } from '@anant/backend-native';
import { downLocalCluster, upLocalCluster } from '@anant/backend-native/cluster';
import { connect } from '@anant/core';
import { algorithms, Hypergraph } from '@anant/graph';
import { pathOf } from './graph/data-sets.mjs';

const { values: options } = parseArgs({
  options: {
    backends: { type: 'string', default: 'native,cluster,dask,ray,celery' },
    set: { type: 'string', default: 'tags-ask-ubuntu' },
    partitions: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
});
const partitions = Number(options.partitions);
const hashOf = (result) => createHash('sha256').update(result.checksumBytes()).digest('hex');
const factOf = (result, name) => Number(result.summary.find((fact) => fact.name === name)?.value);
const SETTINGS = { supersteps: { checkpointEvery: 0 }, partitions };

async function open(name) {
  if (name === 'native') return { client: connect({ backends: { native: () => native() } }), close() {} };
  if (name === 'cluster') {
    const directory = mkdtempSync(join(tmpdir(), 'anant-bench-'));
    const state = await upLocalCluster({ directory, workers: 2, port: 0, native: { slots: 1 } });
    const cluster = { address: state.address, token: state.token };
    const close = async () => {
      await downLocalCluster(directory);
      rmSync(directory, { recursive: true, force: true });
    };
    return { client: connect({ backends: { native: () => native({ cluster }) } }), close };
  }
  const module = await import(`@anant/backend-${name}`);
  const backends = { [name]: () => module[name]({ local: { workers: 2 } }) };
  return { client: connect({ backends, defaults: { backend: name } }), close() {} };
}

const path = Hypergraph.from(Array.from({ length: 40 }, (_, at) => [at, at + 1]));
const graph = await Hypergraph.load(pathOf(options.set));
const parameters = { tolerance: 1e-6 };

async function alone() {
  const client = connect({ backends: { native: () => native() } });
  const runs = [];
  for (let turn = 0; turn < 4; turn++)
    runs.push(await algorithms.pagerank.run(client, graph, parameters, { threads: 1 }));
  await client.close();
  const ms = runs
    .slice(1)
    .map(({ elapsedMs }) => elapsedMs)
    .sort((a, b) => a - b)[1];
  return { ms, hash: hashOf(runs[0]), iterations: factOf(runs[0], 'iterations') };
}

async function measure(name, hash) {
  const { client, close } = await open(name);
  try {
    const fewest = async (run) => {
      const results = [];
      for (let turn = 0; turn < 3; turn++) results.push(await run());
      return results.sort((a, b) => a.elapsedMs - b.elapsedMs)[0];
    };
    const run = (job, on, inputs, partitioner) =>
      fewest(() => algorithms[job].run(client, on, inputs, { ...SETTINGS, partitioner }));
    const idle = await run('degrees', path, {}, 'hash');
    const walk = await run('bfs', path, { source: 0 }, 'hash');
    const stepMs = (walk.elapsedMs - idle.elapsedMs) / factOf(walk, 'supersteps');
    const near = await run('pagerank', graph, parameters, 'stream');
    const far = await run('pagerank', graph, parameters, 'hash');
    const bytes = [near, far].map((result) => factOf(result, 'boundary bytes'));
    const nsPerByte = Math.max(0, (1e6 * (far.elapsedMs - near.elapsedMs)) / (bytes[1] - bytes[0]));
    const supersteps = factOf(near, 'supersteps');
    const rest = near.elapsedMs - idle.elapsedMs - supersteps * stepMs - (bytes[0] * nsPerByte) / 1e6;
    const nsPerIncidence = Math.max(0, (1e6 * rest) / supersteps / (graph.incidenceCount / partitions));
    return {
      backend: name,
      same: hashOf(near) === hash && hashOf(far) === hash,
      ms: near.elapsedMs,
      supersteps,
      startMs: idle.elapsedMs,
      stepMs,
      nsPerByte,
      nsPerIncidence,
    };
  } finally {
    await client.close();
    await close();
  }
}

const one = await alone();
const rows = [];
for (const name of options.backends.split(',')) rows.push(await measure(name, one.hash));
const oneNs = (1e6 * one.ms) / one.iterations / graph.incidenceCount;
if (options.json)
  console.log(JSON.stringify({ set: options.set, partitions, one: { ...one, nsPerIncidence: oneNs }, rows }));
else {
  console.log(
    `PageRank of ${options.set}, one thread here: ${one.ms.toFixed(0)} ms, ${oneNs.toFixed(2)} ns an incidence and iteration`,
  );
  console.table(
    rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [
          key,
          typeof value === 'number' ? Number(value.toFixed(2)) : value,
        ]),
      ),
    ),
  );
}
process.exitCode = rows.every(({ same }) => same) ? 0 : 1;
