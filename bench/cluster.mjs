/**
 * A cluster of processes on this machine, end to end through the client: this process drives, one head schedules, one
 * worker runs. No-op tasks per second with every result checked, one round trip, acknowledgements at a steady rate in memory and
 * durably, 100 MB from worker to worker, and the time from a worker's SIGKILL to its task running elsewhere.
 *
 *   node bench/cluster.mjs [--tasks 100000] [--runs 5] [--trips 6000] [--kills 10] [--only throughput,trip,…] [--json]
 *
 * Exits with 1 when a goal is missed.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { native } from '@anant/backend-native';
import { downLocalCluster, upLocalCluster } from '@anant/backend-native/cluster';
import { connect } from '@anant/core';
import { measureAcknowledgements } from './cluster/acknowledge.mjs';
import { bytesOf, noop, sizeOf, whereFrom } from './cluster/tasks.mjs';

const { values: options } = parseArgs({
  options: {
    tasks: { type: 'string', default: '100000' },
    runs: { type: 'string', default: '5' },
    trips: { type: 'string', default: '6000' },
    kills: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '5' },
    only: { type: 'string', default: 'throughput,trip,acknowledge,durable,bulk,result,kill' },
    json: { type: 'boolean', default: false },
  },
});
const GOALS = {
  'throughput, thread (tasks/s)': [60_000, 'at least'],
  'throughput, async (tasks/s)': [60_000, 'at least'],
  'round trip p50 (ms)': [0.5, 'at most'],
  'round trip p99 (ms)': [3, 'at most'],
  'acknowledged at 10 k/s, p99 (ms)': [5, 'at most'],
  'acknowledged durably (fsync) at 10 k/s, p99 (ms)': [10, 'at most'],
  '100 MB from worker to worker (GB/s)': [1, 'at least'],
  'SIGKILL to running elsewhere, p99 (ms)': [5_000, 'at most'],
};
const MEGABYTES = 100;
const cases = new Set(options.only.split(','));
const directory = mkdtempSync(join(tmpdir(), 'anant-bench-cluster-'));
const figures = {};

const quantile = (times, share) =>
  [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))];

async function withCluster(workers, run, options = {}) {
  const slots = Math.max(1, Math.floor(availableParallelism() / workers));
  const state = await upLocalCluster({ directory, workers, port: 0, native: { slots }, ...options });
  const cluster = { address: state.address, token: state.token };
  const client = connect({ backends: { native: () => native({ cluster }) } });
  try {
    await run(client, state);
  } finally {
    await client.close();
    await downLocalCluster(directory);
  }
}

async function measureThroughput(client, mode) {
  const inputs = Array.from({ length: Number(options.tasks) }, (_, index) => index);
  const rates = [];
  for (let run = 0; run <= Number(options.runs); run += 1) {
    const startMs = performance.now();
    const results = await client.map(noop, inputs, { mode });
    const rate = (inputs.length / (performance.now() - startMs)) * 1000;
    if (results.some((value, index) => value !== index)) throw new Error('a result is wrong');
    // The first run warms up.
    if (run > 0) rates.push(rate);
  }
  figures[`throughput, ${mode} (tasks/s)`] = quantile(rates, 0.5);
}

/** A second that warms up, then the seconds that count. */
async function measureAcknowledged(state, name) {
  const times = await measureAcknowledgements(state, 10_000, Number(options.seconds));
  figures[`acknowledged ${name}at 10 k/s, p50 (ms)`] = quantile(times, 0.5);
  figures[`acknowledged ${name}at 10 k/s, p99 (ms)`] = quantile(times, 0.99);
}

async function measureTrips(client) {
  const times = [];
  for (let index = 0; index < Number(options.trips); index += 1) {
    const startMs = performance.now();
    if ((await client.run(noop, index)) !== index) throw new Error('a result is wrong');
    times.push(performance.now() - startMs);
  }
  // The first half warms up: code that runs once in a round trip takes long to be compiled.
  const warm = times.slice(times.length / 2);
  figures['round trip p50 (ms)'] = quantile(warm, 0.5);
  figures['round trip p99 (ms)'] = quantile(warm, 0.99);
}

/** What one worker made and kept, as the input of a task on another: from the submission of that to its result. */
async function measureBulk() {
  const rates = [];
  await withCluster(2, async (client, { workers: [maker, taker] }) => {
    const on = ({ name }) => ({ placement: { node: name } });
    const bytes = MEGABYTES * 1e6;
    for (let run = 0; run < 8; run += 1) {
      const reference = await client.run(bytesOf, bytes, { ...on(maker), output: 'reference' });
      const startMs = performance.now();
      const size = await client.run(sizeOf, { bytes: reference }, on(taker));
      rates.push(bytes / (performance.now() - startMs) / 1e6);
      if (size !== bytes) throw new Error('a result is wrong');
      await client.release(reference);
    }
  });
  figures['100 MB from worker to worker (GB/s)'] = quantile(rates.slice(2), 0.5);
}

/** Made on a thread of a worker, and taken by the driver: its memory is made anew four times on the way. */
async function measureResult(client) {
  const rates = [];
  for (let run = 0; run < 8; run += 1) {
    const startMs = performance.now();
    const result = await client.run(bytesOf, MEGABYTES * 1e6);
    if (result.length !== MEGABYTES * 1e6 || result.at(-1) !== 7) throw new Error('a result is wrong');
    rates.push((MEGABYTES * 1e6) / (performance.now() - startMs) / 1e6);
  }
  figures['a task that makes 100 MB, to its result (GB/s)'] = quantile(rates.slice(2), 0.5);
}

/** A task waits on one worker; that worker is killed; the retry reports from another one. */
async function measureKills() {
  const times = [];
  for (let kill = 0; kill < Number(options.kills); kill += 1) {
    await withCluster(2, async (client) => {
      const gate = join(directory, `gate-${kill}`);
      const handle = client.submit(whereFrom, { gate });
      let pid;
      let killedMs = 0;
      for await (const { done } of handle.progress()) {
        if (pid === undefined) {
          pid = done;
          killedMs = performance.now();
          process.kill(pid, 'SIGKILL');
        } else if (done !== pid) {
          times.push(performance.now() - killedMs);
          break;
        }
      }
      writeFileSync(gate, '');
      if ((await handle.result()) === pid) throw new Error('a dead worker gave a result');
    });
  }
  figures['SIGKILL to running elsewhere, p50 (ms)'] = quantile(times, 0.5);
  figures['SIGKILL to running elsewhere, p99 (ms)'] = quantile(times, 0.99);
}

await withCluster(1, async (client, state) => {
  if (cases.has('trip')) await measureTrips(client);
  if (cases.has('throughput')) {
    await measureThroughput(client, 'thread');
    await measureThroughput(client, 'async');
  }
  if (cases.has('acknowledge')) await measureAcknowledged(state, '');
  if (cases.has('result')) await measureResult(client);
});
if (cases.has('durable'))
  await withCluster(1, (_client, state) => measureAcknowledged(state, 'durably (fsync) '), {
    journal: 'fsync',
  });
if (cases.has('bulk')) await measureBulk();
if (cases.has('kill')) await measureKills();
rmSync(directory, { recursive: true, force: true });

const missed = Object.entries(GOALS).filter(([name, [goal, sense]]) => {
  const figure = figures[name];
  return figure !== undefined && (sense === 'at least' ? figure < goal : figure > goal);
});
if (options.json) {
  process.stdout.write(
    `${JSON.stringify({ figures, missed: missed.map(([name]) => name), load: loadavg()[0] })}\n`,
  );
} else {
  for (const [name, figure] of Object.entries(figures)) {
    const [goal, sense] = GOALS[name] ?? [];
    const beside = goal === undefined ? '' : `  (${sense} ${goal})`;
    process.stdout.write(
      `${name.padEnd(44)} ${figure.toFixed(figure < 100 ? 3 : 0).padStart(10)}${beside}\n`,
    );
  }
}
process.exitCode = missed.length > 0 ? 1 : 0;
