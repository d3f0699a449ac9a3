/** A head that is gone for ever: named as such on the command line, not waited for any more, and taken back when it comes all the same. */
import { native } from '@anant/backend-native';
import { ClusterAdmin } from '@anant/backend-native/cluster';
import { type Client, connect } from '@anant/core';
import { eventually } from '@anant/core/testing';
import { afterEach, expect, it } from 'vitest';
import { runCli } from '../cli/run-cli.js';
import { RedisServer } from '../support/redis-server.js';
import { TestHeads, type TestHeadsOptions } from '../support/test-heads.js';
import { slowDouble } from './cluster-tasks.js';

const ONCE = { mode: 'async', retry: { attempts: 1 } } as const;
const WAIT_MS = 60_000;
const LIMIT_MS = 180_000;

let redis: RedisServer | undefined;
let cluster: TestHeads | undefined;
let client: Client | undefined;

afterEach(async () => {
  await client?.close({ graceMs: 0 });
  await cluster?.close();
  await redis?.stop();
});

async function start(options: Omit<TestHeadsOptions, 'redis'>) {
  redis = await RedisServer.start();
  cluster = await TestHeads.start({ ...options, redis: [redis.url] });
  const started = cluster;
  client = connect({ backends: { native: () => native(started.options) } });
  return { redis, cluster: started, client };
}

/** `anant heads …` as a user says it. */
const heads = (...words: string[]) => headsAt(cluster!.address, ...words);

function headsAt(address: string, ...words: string[]) {
  const { token } = cluster!;
  const env = { ANANT_CLUSTER_TOKEN: token };
  return runCli(['heads', ...words, '--head', address], undefined, { env });
}

interface Listed {
  readonly name: string;
  readonly state: string;
  readonly epoch: number;
  readonly reason: string;
}

async function listed(): Promise<Readonly<Record<string, Listed>>> {
  const { stdout } = await heads('list', '--json');
  const all = (JSON.parse(stdout) as { heads: Listed[] }).heads;
  return Object.fromEntries(all.map((head) => [head.name, head]));
}

const otherOf = (leader: string) => (leader === 'head-1' ? 'head-2' : 'head-1');

it(
  'is forgotten by a head that leads, which goes on alone when Redis forgets everything, and is taken back',
  async () => {
    const { redis, cluster, client } = await start({ heads: 2, workers: 1 });
    const leader = await cluster.inSync(2);
    const standby = otherOf(leader);
    const before = await listed();
    expect(before[leader]).toMatchObject({ state: 'leader' });
    expect(before[standby]).toMatchObject({ state: 'in-sync', epoch: before[leader]!.epoch });

    const refused = await heads('forget', standby);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain(`"${standby}" answers: it is not gone`);

    await cluster.kill(standby);
    expect((await listed())[standby]).toMatchObject({ state: 'away' });
    const done = await heads('forget', standby, '--json');
    expect(done.exitCode, done.stderr).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ head: standby, loss: 'none' });
    expect(Object.keys(await listed())).toEqual([leader]);

    // Otherwise a head whose Redis lost everything waits for all others.
    await redis.command('FLUSHALL');
    await eventually(async () => (await listed())[leader]!.epoch > before[leader]!.epoch, WAIT_MS);
    expect(await client.run(slowDouble, { value: 3, ms: 1 }, ONCE)).toBe(6);

    await cluster.startHead(standby);
    expect(await cluster.inSync(2)).toBe(leader);
    // It counts again: the leader may go.
    await cluster.kill(leader);
    expect(await cluster.inSync(1)).toBe(standby);
    expect(await client.run(slowDouble, { value: 4, ms: 1 }, ONCE)).toBe(8);
  },
  LIMIT_MS,
);

it(
  'takes what only it had along, once that is accepted, and follows with that undone when it is back',
  async () => {
    const { cluster, client } = await start({ heads: 2, workers: 1, journal: 'os' });
    const leader = await cluster.inSync(2);
    const standby = otherOf(leader);
    cluster.signal(standby, 'SIGSTOP');
    // Acknowledged without the standby, which falls out of the set.
    expect(await client.run(slowDouble, { value: 4, ms: 1 }, ONCE)).toBe(8);
    await cluster.kill(leader);
    cluster.signal(standby, 'SIGCONT');
    await eventually(async () => (await listed())[standby]!.reason.includes('lacks'), WAIT_MS);

    let refused = await heads('forget', leader);
    // Its lease runs on for a while after its death.
    await eventually(async () => {
      refused = await heads('forget', leader);
      return refused.stderr.includes('was the last that had everything');
    }, WAIT_MS);
    expect(refused.exitCode).toBe(2);
    // In whichever order they are named: the one that is gone is not the one to be asked.
    const inTurn = [...cluster.address.split(',')].reverse().join(',');
    expect((await headsAt(inTurn, 'forget', leader)).stderr).toBe(refused.stderr);
    await eventually(async () => (await heads('forget', leader, '--force')).exitCode === 0, WAIT_MS);
    expect(await cluster.inSync(1)).toBe(standby);
    expect(await client.run(slowDouble, { value: 5, ms: 1 }, ONCE)).toBe(10);

    await cluster.startHead(leader);
    expect(await cluster.inSync(2)).toBe(standby);
    const after = await listed();
    expect(after[leader]).toMatchObject({ state: 'in-sync', epoch: after[standby]!.epoch });
  },
  LIMIT_MS,
);

it(
  'and a key of gossip is waited for by heads that stand by, too',
  async () => {
    const { cluster } = await start({ heads: 2, workers: 1 });
    await cluster.inSync(2);
    const admin = new ClusterAdmin({ address: cluster.address, token: cluster.token });
    try {
      await eventually(async () => (await admin.status()).view?.members.length === 3, WAIT_MS);
      const { key } = (await admin.status()).view!;
      const rotated = await admin.rotateGossipKey();
      expect(rotated).toMatchObject({ workers: 1, heads: 1 });
      expect(rotated.key).not.toBe(key);
      const { view, members } = await admin.status();
      expect(view).toMatchObject({ key: rotated.key, quorum: 'held' });
      expect(members.map(({ gossip }) => gossip?.status)).toEqual(['alive', 'alive', 'alive']);
    } finally {
      admin.close();
    }
  },
  LIMIT_MS,
);
