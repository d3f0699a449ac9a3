/**
 * How long a cluster of two heads turns nobody in after its leader was killed, and whether it loses anything.
 *
 *   node bench/leader.mjs [--kills 50] [--json]
 *
 * Starts a Redis (redis-server must be there), two heads and a worker. Each round kills the leader with SIGKILL and submits a task at
 * once: the time until its result is there counts. Beside it twenty tasks run through every kill, without retries: one
 * that does not give its result is lost. Exits with 1 when a figure misses its goal.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { native } from '@anant/backend-native';
import { ClusterAdmin } from '@anant/backend-native/cluster';
import { connect, defineTask } from '@anant/core';

const { values: options } = parseArgs({
  options: { kills: { type: 'string', default: '50' }, json: { type: 'boolean', default: false } },
});
const KILLS = Number(options.kills);
const GOAL_MS = 5_000;
const ROUND_MS_MAX = 60_000;
const { resolve } = createRequire(import.meta.url);
const token = 'bench';
const folder = mkdtempSync(join(tmpdir(), 'anant-bench-leader-'));
const children = new Set();

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function start(program, settings) {
  const child = spawn(
    process.execPath,
    [resolve(`@anant/backend-native/${program}`), JSON.stringify(settings)],
    {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, ANANT_CLUSTER_TOKEN: token },
    },
  );
  children.add(child);
  child.once('exit', () => children.delete(child));
  await once(child, 'message');
  return child;
}

const redisPort = await freePort();
const redis = spawn('redis-server', ['--port', `${redisPort}`, '--bind', '127.0.0.1', '--save', ''], {
  stdio: 'ignore',
  cwd: folder,
});
children.add(redis);
const heads = [];
for (const name of ['head-1', 'head-2']) heads.push({ name, address: `127.0.0.1:${await freePort()}` });
const several = { namespace: 'bench', redis: [`redis://127.0.0.1:${redisPort}`], heads };
const processes = new Map();
async function startHead({ name, address }) {
  const settings = { port: Number(address.split(':')[1]), folder: join(folder, name) };
  processes.set(name, await start('head-main', { ...settings, several: { ...several, name } }));
}
await Promise.all(heads.map(startHead));
const address = heads.map((head) => head.address).join(',');
await start('worker-main', { head: address, name: 'worker-1', native: { slots: 4 } });
const admin = new ClusterAdmin({ address, token });

async function leaderInSync() {
  const endMs = performance.now() + ROUND_MS_MAX;
  while (performance.now() < endMs) {
    const status = await admin.status().catch(() => undefined);
    const isInSync = status?.heads.some(({ state }) => state === 'in-sync');
    const leader = status?.heads.find(({ state }) => state === 'leader');
    if (isInSync && leader) return heads.find(({ name }) => name === leader.name);
    await pause(50);
  }
  throw new Error(`No leader with a standby in sync within ${ROUND_MS_MAX} ms.`);
}

const file = join(folder, 'tasks.mjs');
writeFileSync(file, 'export const rest = (ms) => new Promise((done) => setTimeout(() => done(ms), ms));\n');
const rest = defineTask({ module: pathToFileURL(file).href, export: 'rest', run: (ms) => ms });
const client = connect({ backends: { native: () => native({ cluster: { address, token } }) } });
const ONCE = { mode: 'async', retry: { attempts: 1 } };

const waitsMs = [];
let lost = 0;
try {
  await client.run(rest, 1, ONCE);
  for (let round = 0; round < KILLS; round += 1) {
    const leader = await leaderInSync();
    const beside = Array.from({ length: 20 }, () => client.run(rest, 500, ONCE));
    await client.run(rest, 1, ONCE);
    processes.get(leader.name).kill('SIGKILL');
    const startMs = performance.now();
    await client.run(rest, 1, ONCE).catch(() => {
      lost += 1;
    });
    waitsMs.push(performance.now() - startMs);
    lost += (await Promise.allSettled(beside)).filter(({ status }) => status === 'rejected').length;
    await startHead(leader);
  }
} finally {
  await client.close({ graceMs: 0 });
  admin.close();
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

waitsMs.sort((left, right) => left - right);
const percentile = (share) =>
  Math.round(waitsMs[Math.min(waitsMs.length - 1, Math.floor(waitsMs.length * share))]);
const result = { kills: KILLS, p50Ms: percentile(0.5), p99Ms: percentile(0.99), lost };
const isMissed = result.p99Ms > GOAL_MS || lost > 0;
if (options.json) console.log(JSON.stringify({ ...result, isMissed }));
else
  console.log(
    `${KILLS} leaders killed: the next task's result after ${result.p50Ms} ms (p50), ${result.p99Ms} ms (p99); ` +
      `${lost} tasks lost. Goal: ${GOAL_MS} ms and none.`,
  );
process.exitCode = isMissed ? 1 : 0;
