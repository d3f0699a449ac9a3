/**
 * Trouble with the machine under a real cluster: a full disk, clocks that jump, processes that stand still, links that
 * stall and break. What this machine cannot do to them is printed and skipped, and counts for nothing.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { native } from '@anant/backend-native';
import { ClusterAdmin } from '@anant/backend-native/cluster';
import { AnantError, type Client, connect } from '@anant/core';
import { eventually } from '@anant/core/testing';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { double, hold, lengthOf, slowDouble } from '../cluster/cluster-tasks.js';
import { sayNotInjected } from '../support/not-injected.js';
import { canMakeDisks, SmallDisk } from '../support/small-disk.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { TestCluster, type TestClusterOptions } from '../support/test-cluster.js';

const LIMIT_MS = 240_000;
const WAIT_MS = 60_000;
/** ANANT_STOP_SECONDS=60 makes it the long run. */
const STOP_MS = Number(process.env.ANANT_STOP_SECONDS ?? 4) * 1_000;
/** Short enough that what stands still loses it. */
const LEASE_MS = 2_000;
const ONCE = { mode: 'async', retry: { attempts: 1 } } as const;
const RETRY = { mode: 'async', retry: { attempts: 20, backoffMs: 50, backoffMsMax: 500 } } as const;
const DISK_BYTES = 4 * 2 ** 20;
/** What a task carries into the journal. */
const TEXT = 'x'.repeat(40_000);

const isDiskPossible = canMakeDisks();
const isJumpPossible = process.platform !== 'win32';
const folder = mkdtempSync(join(tmpdir(), 'anant-trouble-'));
let cluster: TestCluster | undefined;
let client: Client | undefined;
let proxy: TcpProxy | undefined;
let disk: SmallDisk | undefined;

sayNotInjected(
  'a full disk under the journal of a head',
  isDiskPossible ? '' : 'it needs root, unshare and nsenter',
);
sayNotInjected('a jump of the wall clock', isJumpPossible ? '' : 'it needs signals');
sayNotInjected(
  'loss, delay and reordering below TCP',
  'it needs netem in the kernel; a proxy delays, stalls and cuts connections instead, and one for UDP loses and repeats',
);

afterEach(async () => {
  await client?.close({ graceMs: 0 });
  await cluster?.close();
  proxy?.close();
  await disk?.close();
  client = undefined;
  cluster = undefined;
  proxy = undefined;
  disk = undefined;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function start(options: TestClusterOptions) {
  const started = await TestCluster.start(options);
  cluster = started;
  const connected = connect({ backends: { native: () => native(started.options) } });
  client = connected;
  return { cluster: started, client: connected };
}

const linesOf = (file: string): string[] => {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
};

async function epochOf({ address, token }: TestCluster): Promise<number> {
  const admin = new ClusterAdmin({ address, token });
  try {
    return (await admin.status()).epoch;
  } finally {
    admin.close();
  }
}

const expected = (count: number) => Array.from({ length: count }, (_, value) => 2 * value);
const some = (client: Client, count: number, ms: number, how: object = ONCE) =>
  Array.from({ length: count }, (_, value) => client.submit(slowDouble, { value, ms }, how));

describe('the disk of the head', () => {
  it.skipIf(!isDiskPossible)(
    'is full: what is submitted is refused with the reason, what was acknowledged is kept, and with room it goes on',
    async () => {
      disk = await SmallDisk.make(DISK_BYTES);
      const { folder: headFolder, command } = disk;
      const headDisk = { folder: headFolder, command };
      const { cluster, client } = await start({
        workers: 2,
        journal: 'fsync',
        native: { slots: 1 },
        headDisk,
      });
      const release = join(folder, 'disk.release');
      const held = Array.from({ length: 6 }, (_, number) =>
        client.submit(hold, { log: join(folder, `disk.${number}.log`), release }, RETRY),
      );
      await eventually(() => linesOf(join(folder, 'disk.0.log')).length === 1, WAIT_MS);
      disk.fill();
      // Who meets the full disk first waits for room; once the head knows of it, it says so. The file of the journal
      // has some room of its own.
      const early = client.submit(lengthOf, TEXT, RETRY);
      const late = { ...ONCE, timeouts: { scheduleToCloseMs: 5_000 } } as const;
      await eventually(async () => {
        const outcome = await client.submit(double, 1, late).outcome();
        if (outcome.status !== 'app-error') return false;
        const { error } = outcome;
        return AnantError.is(error, 'E_JOURNAL') && /disk under .* is full/.test(error.message);
      }, WAIT_MS);
      disk.free();
      writeFileSync(release, '');
      expect(await early.result()).toBe(TEXT.length);
      await cluster.killHead();
      await cluster.startHead();
      for (const handle of held) expect(await handle.result()).toBeGreaterThan(0);
      expect(await client.run(double, 21, RETRY)).toBe(42);
    },
    LIMIT_MS,
  );
});

describe('the wall clock', () => {
  it.skipIf(!isJumpPossible)(
    'jumps by an hour and back: no lease and no deadline ends for it, nothing runs twice',
    async () => {
      const preload = new URL('../support/jumping-clock.mjs', import.meta.url).href;
      const { cluster, client } = await start({
        workers: 2,
        native: { slots: 2 },
        scheduler: { leaseMs: 60_000 },
        nodeOptions: `--import=${preload}`,
      });
      const log = join(folder, 'clock.log');
      const release = join(folder, 'clock.release');
      const held = client.submit(hold, { log, release }, ONCE);
      await eventually(() => linesOf(log).length === 1, WAIT_MS);
      const epoch = await epochOf(cluster);
      const workers = [...cluster.workerPids];
      for (let jump = 0; jump < 3; jump += 1)
        for (const pid of [cluster.headPid, ...workers]) {
          process.kill(pid, 'SIGUSR2');
          const results = await Promise.all(some(client, 10, 5).map((handle) => handle.result()));
          expect(results).toEqual(expected(10));
        }
      writeFileSync(release, '');
      expect(await held.result()).toBe(Number(linesOf(log)[0]));
      expect(linesOf(log)).toHaveLength(1);
      expect(await epochOf(cluster)).toBe(epoch);
      expect([...cluster.workerPids]).toEqual(workers);
    },
    LIMIT_MS,
  );
});

describe(`processes that stand still for ${STOP_MS / 1000} s`, () => {
  it.each([
    ['the head: everything goes on where it was', ({ headPid }: TestCluster) => [headPid]],
    [
      'all workers: their tasks are given out again, and what they say late counts for nothing',
      ({ workerPids }: TestCluster) => [...workerPids],
    ],
  ])(
    '%s',
    async (_, pidsOf) => {
      const scheduler = { leaseMs: LEASE_MS };
      const { cluster, client } = await start({ workers: 2, native: { slots: 2 }, scheduler });
      const handles = some(client, 60, 50, RETRY);
      await handles[0]!.result();
      const pids = pidsOf(cluster);
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      await sleep(STOP_MS);
      for (const pid of pids) process.kill(pid, 'SIGCONT');
      expect(await Promise.all(handles.map((handle) => handle.result()))).toEqual(expected(60));
    },
    LIMIT_MS + STOP_MS,
  );
});

describe('the link between head and workers', () => {
  const linked = async () => {
    const link = await TcpProxy.open();
    proxy = link;
    const scheduler = { leaseMs: LEASE_MS, disconnectGraceMs: 500 };
    return { link, ...(await start({ workers: 2, native: { slots: 2 }, scheduler, workersVia: link })) };
  };

  it(
    'is slow: everything ends as it should',
    async () => {
      const { link, client } = await linked();
      link.delayMs = 100;
      const results = await Promise.all(some(client, 40, 1).map((handle) => handle.result()));
      expect(results).toEqual(expected(40));
    },
    LIMIT_MS,
  );

  it(
    'breaks again and again: the workers come back with what they have',
    async () => {
      const { link, client } = await linked();
      const handles = some(client, 80, 40, RETRY);
      for (let time = 0; time < 4; time += 1) {
        await handles[time * 10]!.result();
        const before = link.connections;
        link.cut();
        await eventually(() => link.connections > before, WAIT_MS);
      }
      expect(await Promise.all(handles.map((handle) => handle.result()))).toEqual(expected(80));
    },
    LIMIT_MS,
  );

  it(
    'swallows everything for longer than a lease: the tasks wait, and go on with the link',
    async () => {
      const { link, client } = await linked();
      const handles = some(client, 40, 40, RETRY);
      await handles[0]!.result();
      link.stall();
      await sleep(Math.max(STOP_MS, 2 * LEASE_MS));
      link.resume();
      expect(await Promise.all(handles.map((handle) => handle.result()))).toEqual(expected(40));
    },
    LIMIT_MS + STOP_MS,
  );
});
