/**
 * Dask, Ray and Celery through the bridge, beside each engine's own Python client on the same machine in the same run.
 *
 *   node bench/bridge.mjs [--engines dask,ray,celery] [--rounds 3] [--json]
 *
 * Each round starts the engine twice, with its own client and through the bridge, and lets them take turns. Batch: 2,000
 * no-ops. Single: one round trip. To and back: one Float64Array of 100 MB. Medians over all rounds. Needs
 * ANANT_PYTHON with the engines. Exits with 1 when a goal is missed.
 */
import { cpus, loadavg, release, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { startBaseline } from './engines/baseline.mjs';
import { startOurs } from './engines/ours.mjs';

const { values: options } = parseArgs({
  options: {
    engines: { type: 'string', default: 'dask,ray,celery' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const python = process.env.ANANT_PYTHON;
if (!python) {
  console.error('Set ANANT_PYTHON to a Python with Dask, Ray and Celery.');
  process.exit(2);
}

const WORKERS = 2;
const BATCH = 2_000;
const SINGLES = 50;
const ARRAY_BYTES = 100_000_000;
/** Per round and request; the first of each is a warm-up. */
const REPEATS = { batch: 6, single: 9, to: 7, back: 7 };
const AMOUNTS = { batch: BATCH, single: SINGLES, to: ARRAY_BYTES, back: ARRAY_BYTES };
const GOALS = { batchRatioMin: 0.9, singleRatioMax: 1.2, gigabytesPerSecondMin: 0.5 };

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Both engines run at the same time and take turns, so that whatever else the machine does hits both. */
async function measureRound(engine, times) {
  const peers = {
    own: await startBaseline(python, engine, WORKERS),
    bridge: await startOurs(python, engine, WORKERS),
  };
  try {
    for (const [verb, repeats] of Object.entries(REPEATS)) {
      for (let at = 0; at < repeats; at += 1) {
        for (const [who, peer] of Object.entries(peers)) {
          const measured = await peer.ask(verb, AMOUNTS[verb]);
          if (at > 0) times[who][verb].push(...measured);
        }
      }
    }
  } finally {
    await Promise.all(Object.values(peers).map((peer) => peer.stop()));
  }
}

async function measureEngine(engine) {
  const empty = () => ({ batch: [], single: [], to: [], back: [] });
  const times = { own: empty(), bridge: empty() };
  for (let round = 0; round < Number(options.rounds); round += 1) await measureRound(engine, times);
  return { engine, own: summarise(times.own), bridge: summarise(times.bridge) };
}

function summarise({ batch, single, to, back }) {
  const gigabytesPerSecond = (times) => (times.length > 0 ? ARRAY_BYTES / 1e6 / median(times) : undefined);
  return {
    batchPerSecond: (BATCH * 1000) / median(batch),
    singleMs: median(single),
    toGigabytesPerSecond: gigabytesPerSecond(to),
    backGigabytesPerSecond: gigabytesPerSecond(back),
  };
}

function judge({ own, bridge }) {
  const checks = {
    'batch, ratio': [bridge.batchPerSecond / own.batchPerSecond, (ratio) => ratio >= GOALS.batchRatioMin],
    'single, ratio': [bridge.singleMs / own.singleMs, (ratio) => ratio <= GOALS.singleRatioMax],
    'to worker, GB/s': [bridge.toGigabytesPerSecond, (rate) => rate >= GOALS.gigabytesPerSecondMin],
    'back, GB/s': [bridge.backGigabytesPerSecond, (rate) => rate >= GOALS.gigabytesPerSecondMin],
  };
  return Object.fromEntries(
    Object.entries(checks).map(([name, [value, isMet]]) => [name, { value, isMet: isMet(value) }]),
  );
}

const host = {
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.versions.node,
  load: loadavg()[0],
};
const results = [];
for (const engine of options.engines.split(',')) {
  const result = await measureEngine(engine);
  results.push({ ...result, goals: judge(result) });
}

if (options.json) {
  console.log(JSON.stringify({ host, workers: WORKERS, rounds: Number(options.rounds), results }, null, 2));
} else {
  const show = (value, digits) => (value === undefined ? '–' : value.toFixed(digits)).padStart(9);
  console.log(
    `${host.cpu}, ${host.cores} cores, Node ${host.node}, load ${host.load.toFixed(1)}; ${WORKERS} workers`,
  );
  for (const { engine, own, bridge, goals } of results) {
    console.log(`\n${engine.padEnd(28)}own client   bridge`);
    const row = (name, key, digits) =>
      console.log(`${name.padEnd(28)}${show(own[key], digits)}${show(bridge[key], digits)}`);
    row('2,000 no-ops, tasks/s', 'batchPerSecond', 0);
    row('one round trip, ms', 'singleMs', 2);
    row('100 MB to a worker, GB/s', 'toGigabytesPerSecond', 2);
    row('100 MB back, GB/s', 'backGigabytesPerSecond', 2);
    for (const [name, { value, isMet }] of Object.entries(goals)) {
      console.log(`  ${isMet ? 'met   ' : 'MISSED'} ${name} ${value?.toFixed(2)}`);
    }
  }
}
process.exitCode = results.every(({ goals }) => Object.values(goals).every(({ isMet }) => isMet)) ? 0 : 1;
