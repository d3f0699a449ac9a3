/**
 * What `anant route --explain` estimates for one machine and for partitions, beside runs of the same:
 *
 *   node bench/graph-estimates.mjs [--sets email-Enron,tags-ask-ubuntu,threads-math-sx] [--algorithms pagerank,components] [--json]
 *
 * One thread of the embedded backend, and two parts on it; medians of 3 after one that is not counted, parameters as they are by
 * default. Needs ANANT_DATA_DIR. Exits with 1 when an estimate is more than 3 times off, or says that the slower one is faster.
 */
import { parseArgs } from 'node:util';
import { native } from '@anant/backend-native';
import { connect } from '@anant/core';
import { algorithms, estimateOnPartitions, Hypergraph } from '@anant/graph';
import { pathOf } from './graph/data-sets.mjs';

const { values: options } = parseArgs({
  options: {
    sets: { type: 'string', default: 'email-Enron,tags-ask-ubuntu,threads-math-sx' },
    algorithms: { type: 'string', default: 'pagerank,components' },
    json: { type: 'boolean', default: false },
  },
});
const FACTOR = 3;
const RUNS = 3;
const DIVIDED = { partitions: 2, partitioner: 'stream' };

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

async function msOf(run) {
  const samples = [];
  for (let turn = -1; turn < RUNS; turn++) {
    const { elapsedMs } = await run();
    if (turn >= 0) samples.push(elapsedMs);
  }
  return median(samples);
}

async function compare(client, graph, set, name) {
  const { estimates } = await estimateOnPartitions(graph, name, DIVIDED);
  const { oneMachineMs, partitionsMs } = estimates.find(({ backend }) => backend === 'native');
  const run = (more) => algorithms[name].run(client, graph, {}, more);
  const oneMs = await msOf(() => run({ threads: 1 }));
  const partsMs = await msOf(() => run(DIVIDED));
  return { set, incidences: graph.incidenceCount, name, oneMachineMs, oneMs, partitionsMs, partsMs };
}

const off = (estimated, measured) => Math.max(estimated / measured, measured / estimated);

const client = connect({ backends: { native: () => native() } });
const rows = [];
for (const set of options.sets.split(',')) {
  const graph = await Hypergraph.load(pathOf(set));
  for (const name of options.algorithms.split(',')) rows.push(await compare(client, graph, set, name));
  graph[Symbol.dispose]();
}
await client.close();
const wrong = rows.flatMap(({ set, name, oneMachineMs, oneMs, partitionsMs, partsMs }) => [
  ...(off(oneMachineMs, oneMs) > FACTOR ? [`${name} of ${set}: one machine is off`] : []),
  ...(off(partitionsMs, partsMs) > FACTOR ? [`${name} of ${set}: partitions are off`] : []),
  ...(oneMachineMs < partitionsMs !== oneMs < partsMs ? [`${name} of ${set}: the other one is faster`] : []),
]);
if (options.json) console.log(JSON.stringify({ rows, wrong }));
else {
  const ms = (value) => Number(value.toPrecision(3));
  console.table(
    rows.map(({ set, incidences, name, oneMachineMs, oneMs, partitionsMs, partsMs }) => ({
      set,
      incidences,
      algorithm: name,
      'one machine, estimated ms': ms(oneMachineMs),
      'run ms': ms(oneMs),
      'partitions, estimated ms': ms(partitionsMs),
      'in parts ms': ms(partsMs),
    })),
  );
}
for (const line of wrong) console.error(line);
process.exitCode = wrong.length === 0 ? 0 : 1;
