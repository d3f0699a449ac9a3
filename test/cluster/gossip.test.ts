/** What gossip does in a running cluster: silent workers are found by it, keys change live, and lost members are let go. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { native } from '@anant/backend-native';
import { ClusterAdmin, type StatusResponse } from '@anant/backend-native/cluster';
import { type Client, connect } from '@anant/core';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { TestCluster, type TestClusterOptions } from '../support/test-cluster.js';
import { UdpProxy } from '../support/udp-proxy.js';
import { double, hold, slowDouble } from './cluster-tasks.js';

const LIMIT_MS = 120_000;
/** A wait that fails says what it waited for, before the test's own limit ends it. */
const READY_MS_MAX = 80_000;
const FAST = {
  tuning: { intervalMs: 200, timeoutMs: 150, gossipIntervalMs: 50, retryMs: 200, retryMsMax: 2000 },
};
const RETRY = { attempts: 20, backoffMs: 10, backoffMsMax: 200 } as const;
/** Longer than gossip takes: what is found before it is over, gossip found. */
const LEASE_MS = 90_000;

const folder = mkdtempSync(join(tmpdir(), 'anant-cluster-gossip-'));
let cluster: TestCluster | undefined;
let client: Client | undefined;
let admin: ClusterAdmin | undefined;

async function start(options: TestClusterOptions) {
  const started = await TestCluster.start({ ...options, gossip: FAST });
  cluster = started;
  client = connect({
    backends: { native: () => native(started.options) },
    limits: { retryRatio: 1, retryReserve: 10_000 },
  });
  admin = new ClusterAdmin({ address: started.address, token: started.token });
  return { cluster: started, client, admin };
}

async function until(check: (now: StatusResponse) => boolean, what: string): Promise<StatusResponse> {
  const endMs = performance.now() + READY_MS_MAX;
  for (;;) {
    const now = await admin!.status();
    if (check(now)) return now;
    if (performance.now() > endMs) throw new Error(`${what} did not happen: ${JSON.stringify(now, null, 1)}`);
    await setTimeout(50);
  }
}

const isWhole =
  (members: number) =>
  ({ view, members: all }: StatusResponse): boolean =>
    view?.quorum === 'held' &&
    view.members.length === members &&
    all.every(({ gossip }) => gossip?.status === 'alive' && gossip.isInView);

const linesOf = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];

afterEach(async () => {
  admin?.close();
  await client?.close({ graceMs: 0 });
  await cluster?.close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('gossip in a running cluster', () => {
  it(
    'has a silent worker removed by its members, runs its task elsewhere, and takes it back when it wakes',
    async () => {
      const { cluster, client } = await start({
        workers: 3,
        native: { slots: 1 },
        scheduler: { leaseMs: LEASE_MS },
      });
      await until(isWhole(4), 'a view of all');
      const [log, release] = [join(folder, 'silent.log'), join(folder, 'silent.release')];
      const handle = client.submit(hold, { log, release }, { mode: 'async', retry: RETRY });
      while (linesOf(log).length < 1) await setTimeout(20);
      const sleeper = Number(linesOf(log)[0]);
      const startMs = performance.now();
      process.kill(sleeper, 'SIGSTOP');
      try {
        while (linesOf(log).length < 2 && performance.now() - startMs < READY_MS_MAX) await setTimeout(20);
        expect(linesOf(log)).toHaveLength(2);
        // Before its lease can have been over, counted from its last renewal: gossip led to it.
        expect(performance.now() - startMs).toBeLessThan((LEASE_MS * 2) / 3);
        await until(({ view }) => view?.members.length === 3, 'a view without the sleeper');
      } finally {
        process.kill(sleeper, 'SIGCONT');
      }
      writeFileSync(release, '');
      expect(await handle.result()).toBe(Number(linesOf(log)[1]));
      await until(isWhole(4), 'the return of the sleeper');
      expect(await client.map(double, [1, 2, 3, 4])).toEqual([2, 4, 6, 8]);
      expect(cluster.workerPids).toContain(sleeper);
    },
    LIMIT_MS,
  );

  it(
    'changes its key while it runs, and nobody is lost by it',
    async () => {
      const { admin } = await start({ workers: 2 });
      const before = await until(isWhole(3), 'a view of all');
      const { key, workers } = await admin.rotateGossipKey();
      expect(workers).toBe(2);
      expect(key).not.toBe(before.view?.key);
      // Two periods under the new key, and everybody still answers.
      const sentBytes = (await admin.status()).view?.sentBytes ?? 0;
      const after = await until(
        (now) => (now.view?.sentBytes ?? 0) > sentBytes + 2_000 && isWhole(3)(now),
        'gossip of all under the new key',
      );
      expect(after.view).toMatchObject({ epoch: before.view?.epoch, key, quorum: 'held' });
    },
    LIMIT_MS,
  );

  it(
    'goes on without workers that are known to have ended, and stops for those of which nothing is known',
    async () => {
      const { cluster, client } = await start({ workers: 2, restarts: 'off', native: { slots: 1 } });
      const before = await until(isWhole(3), 'a view of all');
      const [first = 0, second = 0] = cluster.workerPids;
      process.kill(first, 'SIGSTOP');
      process.kill(second, 'SIGSTOP');
      try {
        const lost = await until(({ view }) => view?.quorum === 'lost', 'the loss of the quorum');
        expect(lost.view).toMatchObject({ voters: 3, reached: 1 });
      } finally {
        process.kill(first, 'SIGCONT');
        process.kill(second, 'SIGCONT');
      }
      await until(isWhole(3), 'the return of the workers');
      process.kill(first, 'SIGKILL');
      process.kill(second, 'SIGKILL');
      const alone = await until(isWhole(1), 'a view of the head alone');
      expect(alone.view?.epoch).toBeGreaterThan(before.view?.epoch ?? 0);
      await cluster.startWorker('worker-of-another-name');
      await until(isWhole(2), 'a view with the new worker');
      expect(await client.run(double, 21)).toBe(42);
    },
    LIMIT_MS,
  );

  it(
    'holds together over a link that loses, repeats and reorders a fifth of what passes, and finds who ended all the same',
    async () => {
      const port = await UdpProxy.freePort();
      const faults = { seed: 11, loss: 0.2, duplication: 0.2, delayMsMax: 60 };
      const proxy = await UdpProxy.open(port, faults);
      try {
        const { cluster, client } = await start({
          workers: 3,
          native: { slots: 1 },
          headGossip: { port, advertise: proxy.address },
        });
        await until(isWhole(4), 'a view of all');
        const values = Array.from({ length: 60 }, (_, value) => ({ value, ms: 50 }));
        const results = client.map(slowDouble, values, { mode: 'async', retry: RETRY });
        const [victim = 0] = cluster.workerPids;
        process.kill(victim, 'SIGKILL');
        expect(await results).toEqual(values.map(({ value }) => 2 * value));
        const { members } = await until(isWhole(4), 'the return of the worker that ended');
        expect(members.map(({ pid }) => pid)).not.toContain(victim);
        expect(proxy.counts.lost).toBeGreaterThan(0);
        expect(proxy.counts.repeated).toBeGreaterThan(0);
      } finally {
        proxy.close();
      }
    },
    LIMIT_MS,
  );
});
