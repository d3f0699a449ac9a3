/**
 * Live hypergraphs: updates in memory and durable, snapshots while writing, and reading them.
 *
 *   node bench/graph-live.mjs [--runs 5] [--json]
 *
 * Medians. Durable updates are single changes, 128 in flight, each acknowledged when it survives the loss of power. Exits with 1 when a goal is
 * missed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '@anant/core/testing';
import { LiveHypergraph } from '@anant/graph';

const { values: options } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, json: { type: 'boolean', default: false } },
});
const GOALS = { batched: 1e6, durable: 1e4, durableP99Ms: 50 };
const VERTICES = 100_000;
const BATCH = 10_000;
const BATCHES = 50;
const DURABLE = 20_000;
const IN_FLIGHT = 128;

const sorted = (values) => values.toSorted((a, b) => a - b);
const median = (values) => sorted(values)[values.length >> 1];
const quantile = (values, q) => sorted(values)[Math.min(values.length - 1, Math.floor(values.length * q))];

/** Batches are made one at a time, as a stream brings them: half a million changes kept would be the garbage collector's figure. */
function* makeBatches(seed) {
  const random = seededRandom(seed);
  const vertex = () => Math.floor(random() * VERTICES);
  for (let count = 0; count < BATCHES; count++) {
    yield Array.from({ length: BATCH }, () => ({
      type: 'hyperedge-add',
      members: [vertex(), vertex(), vertex()],
    }));
  }
}

/** Making the batches is not timed; merges, and what the collector does while one is applied, are. */
async function updatesPerSecond(seed) {
  const graph = await LiveHypergraph.open();
  let ms = 0;
  for (const batch of makeBatches(seed)) {
    const begin = performance.now();
    await graph.apply(batch);
    ms += performance.now() - begin;
  }
  return (BATCHES * BATCH * 1000) / ms;
}

/** Hyperedges with three members, one after the other, IN_FLIGHT at once. */
async function durableUpdates(seed) {
  const folder = mkdtempSync(join(tmpdir(), 'anant-bench-live-'));
  const random = seededRandom(seed);
  const latencies = [];
  try {
    const graph = await LiveHypergraph.open({ folder, durability: 'power' });
    let left = DURABLE;
    const work = async () => {
      while (left-- > 0) {
        const begin = performance.now();
        const members = [0, 0, 0].map(() => Math.floor(random() * VERTICES));
        await graph.apply([{ type: 'hyperedge-add', members }]);
        latencies.push(performance.now() - begin);
      }
    };
    const begin = performance.now();
    await Promise.all(Array.from({ length: IN_FLIGHT }, work));
    const perSecond = (DURABLE * 1000) / (performance.now() - begin);
    await graph.close();
    return { perSecond, p99Ms: quantile(latencies, 0.99) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function snapshotReads(seed) {
  const graph = await LiveHypergraph.open();
  for (const batch of makeBatches(seed)) await graph.apply(batch);
  const random = seededRandom(seed + 1);
  const snapshot = graph.snapshot();
  const count = 20_000;
  const begin = performance.now();
  for (let at = 0; at < count; at++) snapshot.neighborsOf(Math.floor(random() * VERTICES));
  return (count * 1000) / (performance.now() - begin);
}

const runs = Number(options.runs);
const each = async (measure) => {
  const results = [];
  for (let run = 0; run < runs; run++) results.push(await measure(run + 1));
  return results;
};
const durable = await each(durableUpdates);
const figures = {
  'updates in memory, batches of 10,000, per second': [
    median(await each(updatesPerSecond)),
    GOALS.batched,
    'min',
  ],
  'durable single updates, per second': [
    median(durable.map(({ perSecond }) => perSecond)),
    GOALS.durable,
    'min',
  ],
  'durable single updates, p99 ms': [median(durable.map(({ p99Ms }) => p99Ms)), GOALS.durableP99Ms, 'max'],
  'neighbours of a vertex in a snapshot, per second': [median(await each(snapshotReads)), undefined, 'min'],
};
const isMet = ([value, goal, bound]) =>
  goal === undefined || (bound === 'min' ? value >= goal : value <= goal);
const host = `${cpus().length} × ${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(1)}`;
if (options.json) console.log(JSON.stringify({ host, figures }));
else {
  console.log(host);
  for (const [name, row] of Object.entries(figures)) {
    const [value, goal, bound] = row;
    const shown = value >= 1000 ? Math.round(value).toLocaleString('en') : value.toFixed(1);
    const verdict =
      goal === undefined
        ? ''
        : `${isMet(row) ? 'met' : 'missed'} (goal ${bound === 'min' ? '≥' : '≤'} ${goal.toLocaleString('en')})`;
    console.log(`${name.padEnd(52)} ${shown.padStart(12)}  ${verdict}`);
  }
}
process.exitCode = Object.values(figures).every(isMet) ? 0 : 1;
