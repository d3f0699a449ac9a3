/** Several heads on a real Redis: leaders are killed and stopped, Redis is emptied and killed, and nothing acknowledged is lost. */
import { native } from '@anant/backend-native';
import { type Client, connect } from '@anant/core';
import { eventually } from '@anant/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { RedisServer, startRedisCluster, type TestRedisCluster } from '../support/redis-server.js';
import { TestHeads, type TestHeadsOptions } from '../support/test-heads.js';
import { slowDouble } from './cluster-tasks.js';

const LIMIT_MS = 120_000;
/** Of a head at the set of those in sync, while it may not lead. */
const LOOKS = 10;
/** Without retries: an attempt that a change of leaders ended would fail the run. */
const ONCE = { mode: 'async', retry: { attempts: 1 } } as const;

let redis: RedisServer | undefined;
let redisCluster: TestRedisCluster | undefined;
let cluster: TestHeads | undefined;
let client: Client | undefined;

afterEach(async () => {
  await client?.close({ graceMs: 0 });
  await cluster?.close();
  await redis?.stop();
  await redisCluster?.stop();
  redisCluster = undefined;
});

async function start(options: Omit<TestHeadsOptions, 'redis'>) {
  redis = await RedisServer.start();
  cluster = await TestHeads.start({ ...options, redis: [redis.url] });
  const started = cluster;
  client = connect({ backends: { native: () => native(started.options) } });
  return { redis, cluster: started, client };
}

/** Tasks that begin before the fault and end after it. */
async function underLoad(client: Client, fault: () => Promise<void>, count = 120): Promise<void> {
  const values = Array.from({ length: count }, (_, value) => ({ value, ms: 40 }));
  const results = client.map(slowDouble, values, ONCE);
  await client.run(slowDouble, { value: 1, ms: 1 }, ONCE);
  await fault();
  expect(await results).toEqual(values.map(({ value }) => 2 * value));
}

describe('several heads', () => {
  it(
    'lose nothing when the leader is killed, and again when the next one is',
    async () => {
      const { cluster, client } = await start({ heads: 2, workers: 2 });
      for (let time = 0; time < 2; time += 1) {
        const leader = await cluster.inSync(2);
        await underLoad(client, () => cluster.kill(leader));
        expect(await cluster.inSync(1)).not.toBe(leader);
        await cluster.startHead(leader);
      }
      await cluster.inSync(2);
    },
    LIMIT_MS,
  );

  it(
    'do not listen to a leader that was stopped and comes back',
    async () => {
      const { cluster, client } = await start({ heads: 2, workers: 2 });
      const zombie = await cluster.inSync(2);
      await underLoad(client, async () => {
        cluster.signal(zombie, 'SIGSTOP');
        expect(await cluster.inSync(1)).not.toBe(zombie);
        cluster.signal(zombie, 'SIGCONT');
      });
      expect(await cluster.inSync(2)).not.toBe(zombie);
    },
    LIMIT_MS,
  );

  it(
    'lose nothing when Redis forgets everything, or is killed and comes back empty',
    async () => {
      const { redis, cluster, client } = await start({ heads: 2, workers: 2 });
      await underLoad(client, async () => {
        await redis.command('FLUSHALL');
      });
      await cluster.inSync(2);
      await underLoad(client, async () => {
        await redis.kill();
        await redis.run();
      });
      await cluster.inSync(2);
    },
    LIMIT_MS,
  );

  it(
    'are restarted one after the other, with their journals, without a lost task',
    async () => {
      const { cluster, client } = await start({ heads: 2, workers: 2, journal: 'fsync' });
      await underLoad(client, async () => {
        for (const name of ['head-1', 'head-2']) {
          await cluster.kill(name, 'SIGTERM');
          await cluster.startHead(name);
          await cluster.inSync(2);
        }
      });
    },
    LIMIT_MS,
  );

  it(
    'lose nothing on a Redis Cluster when the leader dies, and when the master of its lease does',
    async () => {
      const real = await startRedisCluster();
      redisCluster = real;
      const started = await TestHeads.start({ heads: 2, workers: 2, redis: real.urls });
      cluster = started;
      const own = connect({ backends: { native: () => native(started.options) } });
      client = own;
      const leader = await started.inSync(2);
      await underLoad(own, () => started.kill(leader));
      await started.startHead(leader);
      await started.inSync(2);
      const { epoch } = await started.status();
      const lease = `anant:{${started.namespace}}:fence`;
      await underLoad(own, async () => (await real.masterOf(lease)).kill());
      await started.inSync(2);
      // Another master knows nothing that this one did not replicate: the epoch goes on all the same.
      expect((await started.status()).epoch).toBeGreaterThanOrEqual(epoch);
    },
    LIMIT_MS,
  );

  it(
    'and workers are all restarted one after the other under load, without a lost task',
    async () => {
      const { cluster, client } = await start({ heads: 2, workers: 2 });
      await cluster.inSync(2);
      let isOver = false;
      const answers: number[] = [];
      let next = 0;
      // Each lane has one task open at any moment, from before the first restart until after the last.
      const lane = async (): Promise<void> => {
        while (!isOver) {
          const value = next;
          next += 1;
          answers[value] = await client.run(slowDouble, { value, ms: 40 }, ONCE);
        }
      };
      const lanes = Promise.all(Array.from({ length: 8 }, lane));
      lanes.catch(() => {});
      for (const name of ['worker-1', 'worker-2']) {
        await cluster.kill(name, 'SIGTERM');
        await cluster.startWorker(name);
      }
      for (const name of ['head-1', 'head-2']) {
        await cluster.kill(name, 'SIGTERM');
        await cluster.startHead(name);
        await cluster.inSync(2);
      }
      isOver = true;
      await lanes;
      expect(answers).toEqual(Array.from({ length: next }, (_, value) => 2 * value));
    },
    LIMIT_MS,
  );

  it(
    'do not let one that fell behind take over',
    async () => {
      const { redis, cluster, client } = await start({ heads: 2, workers: 1 });
      const leader = await cluster.inSync(2);
      const standby = leader === 'head-1' ? 'head-2' : 'head-1';
      cluster.signal(standby, 'SIGSTOP');
      // Acknowledged without it: the slow standby falls out of the set.
      expect(await client.run(slowDouble, { value: 4, ms: 1 }, ONCE)).toBe(8);
      cluster.signal(leader, 'SIGSTOP');
      const keys = `anant:{${cluster.namespace}}`;
      await eventually(async () => (await redis.command('EXISTS', `${keys}:lock:leader`)) === 0);
      // Only the standby talks to Redis now: it looks who is in sync, again and again. One that led would write that.
      let looks = 0;
      let writes = 0;
      const unwatch = await redis.watch(([command, ...words]) => {
        if (!words.includes(`${keys}:heads`)) return;
        looks += 1;
        if (command?.toUpperCase() === 'HSET') writes += 1;
      });
      cluster.signal(standby, 'SIGCONT');
      await eventually(() => looks >= LOOKS);
      unwatch();
      expect(writes).toBe(0);
      expect((await cluster.status().catch(() => undefined))?.leadership).not.toBe('leader');
      cluster.signal(leader, 'SIGCONT');
      expect(await cluster.inSync(2)).toBe(leader);
    },
    LIMIT_MS,
  );
});
