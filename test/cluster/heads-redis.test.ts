/** Several heads while their Redis loses data, is killed or fails over: at most one acts at any time, and nothing acknowledged is lost. */
import { afterEach, describe, expect, it } from 'vitest';
import { ActingHeads } from '../support/acting-heads.js';
import { RedisServer, startRedisCluster, type TestRedisCluster } from '../support/redis-server.js';
import { TestHeads } from '../support/test-heads.js';

const LIMIT_MS = 480_000;

let redis: RedisServer | undefined;
let redisCluster: TestRedisCluster | undefined;
let cluster: TestHeads | undefined;
let acting: ActingHeads | undefined;

afterEach(async () => {
  await acting?.stop();
  await cluster?.close();
  await redis?.stop();
  await redisCluster?.stop();
  acting = undefined;
  redisCluster = undefined;
});

async function start(urls: readonly string[]) {
  cluster = await TestHeads.start({ heads: 2, workers: 1, redis: urls });
  acting = await ActingHeads.watch({ addresses: cluster.address.split(','), token: cluster.token });
  await acting.throughout(async () => {});
  return { cluster, acting };
}

async function judge(cluster: TestHeads, acting: ActingHeads, termsMin: number): Promise<void> {
  await acting.settle();
  expect(acting.overlaps).toEqual([]);
  expect(acting.lost).toEqual([]);
  expect(acting.acknowledged).toBeGreaterThan(0);
  expect(new Set(acting.acts.map(({ epoch }) => epoch)).size).toBeGreaterThanOrEqual(termsMin);
  expect([...cluster.leaders].filter(([, names]) => names.size > 1)).toEqual([]);
}

describe('at most one head acts', () => {
  it(
    'while one Redis is emptied, restarted empty, and loses data under a leader that stands still',
    async () => {
      const server = await RedisServer.start();
      redis = server;
      const { cluster, acting } = await start([server.url]);
      await acting.throughout(() => server.command('FLUSHALL'));
      await cluster.inSync(2);
      await acting.throughout(async () => {
        await server.kill();
        await server.run();
      });
      const zombie = await cluster.inSync(2);
      await acting.throughout(async () => cluster.signal(zombie, 'SIGSTOP'));
      await acting.throughout(async () => {
        await server.command('FLUSHALL');
        // Whoever led last asks the other one before it leads again.
        cluster.signal(zombie, 'SIGCONT');
      });
      await cluster.inSync(2);
      await judge(cluster, acting, 4);
    },
    LIMIT_MS,
  );

  it(
    'while the master of the lease in a Redis Cluster dies, and the one after it is emptied',
    async () => {
      const real = await startRedisCluster();
      redisCluster = real;
      const { cluster, acting } = await start(real.urls);
      const lease = `anant:{${cluster.namespace}}:fence`;
      const first = await real.masterOf(lease);
      await acting.throughout(() => first.kill());
      await cluster.inSync(2);
      await acting.throughout(async () => {
        const second = await real.masterOf(lease);
        expect(second).not.toBe(first);
        await second.command('FLUSHALL');
      });
      const leader = await cluster.inSync(2);
      await acting.throughout(() => cluster.kill(leader));
      await judge(cluster, acting, 4);
    },
    LIMIT_MS,
  );
});
