/**
 * How long a cluster of two heads takes nothing in after its leader was killed, and whether it loses anything.
 *
 *   node bench/leader.mjs [--kills 30] [--journal memory|os|fsync] [--json]
 *
 * Starts a Redis (redis-server must be there), two heads and a worker, each a process. Each round kills the leader with SIGKILL
 * and submits a task at once: reported is the time until that is acknowledged, and until its result is there. Beside it twenty
 * tasks that were acknowledged run through every kill, and twenty more are submitted right after it. Nothing is tried twice: a task
 * that does not give its result is lost. Exits with 1 when a figure misses its goal.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AcknowledgedTasks } from './cluster/acknowledged-tasks.mjs';
import { BenchHeads } from './cluster/bench-heads.mjs';

const { values: options } = parseArgs({
  options: {
    kills: { type: 'string', default: '30' },
    journal: { type: 'string', default: 'memory' },
    json: { type: 'boolean', default: false },
  },
});
const KILLS = Number(options.kills);
const GOAL_MS = 5_000;
const BESIDE = 20;

const folder = mkdtempSync(join(tmpdir(), 'anant-bench-leader-'));
const cluster = new BenchHeads({ folder, journal: options.journal, heads: 2 });
const acceptedMs = [];
const resultMs = [];
let tasks;
try {
  await cluster.start();
  tasks = await AcknowledgedTasks.start(cluster);
  for (let round = 0; round < KILLS; round += 1) {
    const leader = await cluster.leaderInSync();
    const before = tasks.submit(Array(BESIDE).fill(500));
    await Promise.all(before.map(({ accepted, ended }) => Promise.race([accepted, ended])));
    cluster.kill(leader);
    const startMs = performance.now();
    const [first, ...after] = tasks.submit([1, ...Array(BESIDE).fill(1)]);
    await Promise.race([first.accepted, first.ended]);
    acceptedMs.push(performance.now() - startMs);
    await first.ended;
    resultMs.push(performance.now() - startMs);
    await Promise.all([...before, ...after].map(({ ended }) => ended));
    await cluster.startHead(leader);
  }
} finally {
  await tasks?.stop();
  cluster.close();
  rmSync(folder, { recursive: true, force: true });
}

function percentile(times, share) {
  const sorted = [...times].sort((left, right) => left - right);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]);
}
const both = (times) => ({ p50: percentile(times, 0.5), p99: percentile(times, 0.99) });
const result = {
  kills: KILLS,
  journal: options.journal,
  acceptedMs: both(acceptedMs),
  resultMs: both(resultMs),
  acknowledged: tasks.acknowledged,
  lost: tasks.lost,
};
const isMissed = result.acceptedMs.p99 > GOAL_MS || result.lost > 0;
if (options.json) console.log(JSON.stringify({ ...result, isMissed }));
else
  console.log(
    `${KILLS} leaders killed, journal ${options.journal}: the next submission acknowledged after ${result.acceptedMs.p50} ms (p50), ` +
      `${result.acceptedMs.p99} ms (p99); its result after ${result.resultMs.p50} and ${result.resultMs.p99} ms; ` +
      `${result.lost} of ${result.acknowledged} tasks lost. Goal: ${GOAL_MS} ms and none.`,
  );
process.exitCode = isMissed ? 1 : 0;
