/** The same on a real Redis Cluster, three masters and three replicas: a master dies after it acknowledged. */
import {
  compareTokens,
  EventLog,
  FenceGate,
  LeaderElection,
  Locks,
  MemoryEpochStore,
  RedisLeaseStore,
  RedisLink,
  SharedState,
} from '@anant/backend-native/redis';
import { eventually } from '@anant/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startRedisCluster, type TestRedisCluster } from '../support/redis-server.js';

const WAIT_MS = 60_000;
let cluster: TestRedisCluster;
let link: RedisLink;

beforeAll(async () => {
  cluster = await startRedisCluster();
  link = await RedisLink.open({ urls: cluster.urls });
}, 120_000);
afterAll(async () => {
  link?.close();
  await cluster?.stop();
});

it('spreads values over the masters, each with its operations in one hash slot', async () => {
  const state = new SharedState(link, 'spread');
  const events = new EventLog(link, 'spread');
  const keys = Array.from({ length: 30 }, (_, at) => `key-${at}`);
  for (const key of keys) expect((await state.set(key, key)).type).toBe('written');
  for (const key of keys) expect((await state.get(key))?.value).toBe(key);
  for (const key of keys) await events.publish(key, 'event');
  const sizes = await Promise.all(cluster.servers.slice(0, 3).map((server) => server.command('DBSIZE')));
  for (const size of sizes) expect(size).toBeGreaterThan(10);
});

it('issues higher tokens after a master died with what it had not replicated', async () => {
  const epochs = new MemoryEpochStore();
  const locks = new Locks(new RedisLeaseStore(link, epochs, 'cut'), { nodeId: 'n' });
  const gate = new FenceGate();
  const warm = await locks.acquire('job', { ttlMs: 2_000, waitMs: WAIT_MS });
  await warm.release();
  const master = await cluster.masterOf('anant:{cut}:fence');
  // The replica hears nothing of what follows: it takes over with older data.
  const replicas = cluster.servers.filter((server) => server !== master);
  const masterId = String(await master.command('CLUSTER', 'MYID'));
  const replica = await findReplica(masterId, replicas);
  replica.pause();
  const old = await locks.acquire('job', { ttlMs: 2_000, waitMs: WAIT_MS });
  expect(gate.check(old.token)).toBe('accepted');
  await master.kill();
  replica.resume();
  const next = await locks.acquire('job', { ttlMs: 2_000, waitMs: WAIT_MS });
  expect(next.token.epoch).toBeGreaterThan(old.token.epoch);
  expect(compareTokens(old.token, next.token)).toBeLessThan(0);
  expect(gate.check(next.token)).toBe('accepted');
  expect(gate.check(old.token)).toBe('stale');
  await eventually(() => old.signal.aborted, WAIT_MS);
  await next.release();
  await master.run();
  await eventually(async () => String(await master.command('CLUSTER', 'INFO')).includes('cluster_state:ok'));
}, 120_000);

it('has a leader again after the master of its lease died', async () => {
  const epochs = new MemoryEpochStore();
  const elections = ['head-1', 'head-2'].map(
    (nodeId) => new LeaderElection(new RedisLeaseStore(link, epochs, 'elect'), { nodeId, ttlMs: 1_500 }),
  );
  const leaders = () =>
    elections.flatMap(({ current }) => (current.type === 'leader' ? [current.epoch] : []));
  for (const election of elections) election.start();
  await eventually(() => leaders().length === 1, WAIT_MS);
  const [before = 0] = leaders();
  await (await cluster.masterOf('anant:{elect}:fence')).kill();
  await eventually(() => leaders().length === 1 && leaders()[0]! > before, WAIT_MS);
  await Promise.all(elections.map((election) => election.stop()));
}, 120_000);

async function findReplica(masterId: string, servers: TestRedisCluster['servers']) {
  for (const server of servers) {
    const lines = String(await server.command('CLUSTER', 'NODES')).split('\n');
    if (lines.some((line) => line.includes('myself,slave') && line.includes(masterId))) return server;
  }
  throw new Error('the master has no replica');
}
