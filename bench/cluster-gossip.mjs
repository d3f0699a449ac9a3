/**
 * What gossip does for a running cluster: a head and three workers with the usual settings. From a worker that falls silent
 * (SIGSTOP) or ends (SIGTERM, SIGKILL) to its task running elsewhere or its slots being gone; what a worker does that
 * sleeps for a minute; bytes of gossip that the head sends when nothing happens.
 *
 *   node bench/cluster-gossip.mjs [--silences 6] [--closings 5] [--sleep 60] [--idle 20] [--json]
 *
 * Exits with 1 when a goal is missed.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { native } from '@anant/backend-native';
import { ClusterAdmin, downLocalCluster, upLocalCluster } from '@anant/backend-native/cluster';
import { connect } from '@anant/core';
import { whereFrom } from './cluster/tasks.mjs';

const { values: options } = parseArgs({
  options: {
    silences: { type: 'string', default: '6' },
    closings: { type: 'string', default: '5' },
    sleep: { type: 'string', default: '60' },
    idle: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
});
const WORKERS = 3;
const WAIT_MS_MAX = 60_000;
const directory = mkdtempSync(join(tmpdir(), 'anant-bench-gossip-'));
const rows = [];

function report(name, value, goal) {
  const isMet = goal === undefined ? undefined : value <= goal;
  rows.push({ name, value, goal, isMet });
  if (!options.json)
    console.log(
      `${name.padEnd(66)} ${String(value).padStart(8)}  ${goal === undefined ? '' : `<= ${goal} ${isMet ? 'met' : 'MISSED'}`}`,
    );
}

const quantile = (times, share) =>
  Math.round([...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))]);

/** Runs with a new cluster whose view is complete. */
async function withCluster(run) {
  const state = await upLocalCluster({ directory, workers: WORKERS, port: 0, native: { slots: 1 } });
  const cluster = { address: state.address, token: state.token };
  const admin = new ClusterAdmin(cluster);
  const client = connect({
    backends: { native: () => native({ cluster }) },
    defaults: { retry: { attempts: 5, backoffMs: 10 } },
  });
  const until = async (check, what) => {
    const endMs = performance.now() + WAIT_MS_MAX;
    for (;;) {
      const status = await admin.status();
      if (check(status)) return status;
      if (performance.now() > endMs) throw new Error(`${what} did not happen`);
      await setTimeout(20);
    }
  };
  try {
    await until(({ view }) => view.members.length === WORKERS + 1, 'a view of all');
    await run({ client, admin, state, until });
  } finally {
    await client.close();
    admin.close();
    await downLocalCluster(directory);
  }
}

/** @returns how long it took until the task of a worker that got the signal ran elsewhere, and the worker */
async function interrupt(client, signal, gate) {
  const handle = client.submit(whereFrom, { gate });
  let pid;
  let startMs = 0;
  let elapsedMs = 0;
  for await (const { done } of handle.progress()) {
    if (pid === undefined) {
      pid = done;
      startMs = performance.now();
      process.kill(pid, signal);
    } else if (done !== pid) {
      elapsedMs = performance.now() - startMs;
      break;
    }
  }
  return { handle, pid, elapsedMs };
}

async function finish({ handle, pid }, gate) {
  writeFileSync(gate, '');
  if ((await handle.result()) === pid)
    throw new Error('a worker gave a result that was not its own any more');
}

await withCluster(async ({ admin }) => {
  const before = (await admin.status()).view;
  await setTimeout(Number(options.idle) * 1000);
  const after = (await admin.status()).view;
  const perSecond = (after.sentBytes - before.sentBytes) / Number(options.idle);
  report(`idle, ${WORKERS + 1} members: gossip sent by the head (bytes per second)`, Math.round(perSecond));
});

const silentMs = [];
await withCluster(async ({ client, until }) => {
  for (let silence = 0; silence < Number(options.silences); silence += 1) {
    const gate = join(directory, `silence-${silence}`);
    const interrupted = await interrupt(client, 'SIGSTOP', gate);
    silentMs.push(interrupted.elapsedMs);
    process.kill(interrupted.pid, 'SIGCONT');
    await finish(interrupted, gate);
    await until(
      ({ view, members }) => view.members.length === WORKERS + 1 && members.length === WORKERS + 1,
      'the return',
    );
  }
});
report('silent host to its task running elsewhere, p50 (ms)', quantile(silentMs, 0.5));
report('silent host to its task running elsewhere, p99 (ms)', quantile(silentMs, 0.99), 15_000);

const closedMs = [];
for (let closing = 0; closing < Number(options.closings); closing += 1)
  await withCluster(async ({ client }) => {
    const gate = join(directory, `closing-${closing}`);
    const interrupted = await interrupt(client, 'SIGKILL', gate);
    closedMs.push(interrupted.elapsedMs);
    await finish(interrupted, gate);
  });
report('SIGKILL to its task running elsewhere, p99 (ms)', quantile(closedMs, 0.99), 5_000);

if (Number(options.sleep) > 0)
  await withCluster(async ({ client, until }) => {
    const gate = join(directory, 'sleep');
    const interrupted = await interrupt(client, 'SIGSTOP', gate);
    await setTimeout(Number(options.sleep) * 1000);
    process.kill(interrupted.pid, 'SIGCONT');
    const startMs = performance.now();
    await finish(interrupted, gate);
    await until(
      ({ view }) => view.members.length === WORKERS + 1 && view.quorum === 'held',
      'the return of the sleeper',
    );
    report(
      `woken after ${options.sleep} s to being in the view again (ms)`,
      Math.round(performance.now() - startMs),
    );
  });
rmSync(directory, { recursive: true, force: true });
if (options.json) console.log(JSON.stringify(rows, undefined, 2));
process.exitCode = rows.some(({ isMet }) => isMet === false) ? 1 : 0;
