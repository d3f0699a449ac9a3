/** Parts of a real cluster are killed, stopped and replaced under load: every task still ends as its client was promised. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { native } from '@anant/backend-native';
import { type Client, connect } from '@anant/core';
import { eventually } from '@anant/core/testing';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { TestCluster, type TestClusterOptions } from '../support/test-cluster.js';
import { double, hold, slowDouble } from './cluster-tasks.js';

const LIMIT_MS = 120_000;
/** A wait that fails says what it waited for, before the test's own limit ends it. */
const READY_MS_MAX = 80_000;
/** ANANT_KILLS=500 makes it the long run. */
const KILLS = Number(process.env.ANANT_KILLS ?? 20);
const KILL_MS_MAX = 3_000;
/** What a process may hold more at the end than after the first part of the kills: heaps breathe, leaks grow. */
const GROWTH_BYTES_MAX = 96 * 2 ** 20;
const RETRY = { attempts: 20, backoffMs: 10, backoffMsMax: 200 } as const;

let cluster: TestCluster | undefined;
let client: Client | undefined;
const folder = mkdtempSync(join(tmpdir(), 'anant-cluster-faults-'));
const path = (name: string) => join(folder, name);

async function start(options: TestClusterOptions): Promise<{ cluster: TestCluster; client: Client }> {
  const started = await TestCluster.start(options);
  cluster = started;
  // Killing workers for sport would use the budget for retries up: it is there against storms.
  client = connect({
    backends: { native: () => native(started.options) },
    limits: { retryRatio: 1, retryReserve: 10_000 },
  });
  return { cluster: started, client };
}

afterEach(async () => {
  await client?.close({ graceMs: 0 });
  await cluster?.close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const residentBytesOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096;

const linesOf = (file: string): string[] => {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
};

describe('a cluster under faults', () => {
  it(
    `gives every result although workers are killed ${KILLS} times in a row, and holds no more for it`,
    async () => {
      const { cluster, client } = await start({
        workers: 3,
        native: { slots: 2 },
        // It is not the tasks that kill.
        scheduler: { deathsAlone: 10_000, deathsMax: 10_001 },
      });
      const pids = [cluster.headPid, process.pid];
      let isDone = false;
      let rounds = 0;
      const load = (async () => {
        for (; !isDone; rounds += 1) {
          const values = Array.from({ length: 200 }, (_, value) => ({ value: value + rounds, ms: 20 }));
          const results = await client.map(slowDouble, values, { mode: 'async', retry: RETRY });
          expect(results).toEqual(values.map(({ value }) => 2 * value));
        }
      })();
      let beforeBytes: readonly number[] = [];
      for (let kill = 0; kill < KILLS; kill += 1) {
        await eventually(() => cluster.readyWorkerPids.length >= 2, READY_MS_MAX);
        process.kill(cluster.readyWorkerPids[kill % 2] as number, 'SIGKILL');
        await setTimeout(50);
        if (kill === Math.floor(KILLS / 5)) beforeBytes = pids.map(residentBytesOf);
      }
      isDone = true;
      await load;
      const grownBytes = pids.map((pid, index) => residentBytesOf(pid) - (beforeBytes[index] as number));
      console.log(
        `${KILLS} kills, ${rounds} rounds; grown by (head, driver): ${grownBytes.join(', ')} bytes`,
      );
      expect(Math.max(...grownBytes)).toBeLessThan(GROWTH_BYTES_MAX);
    },
    LIMIT_MS + KILLS * KILL_MS_MAX,
  );

  it(
    'ends or repeats every task when the head is killed, and works on under a new epoch',
    async () => {
      const { cluster, client } = await start({ workers: 2, native: { slots: 2 } });
      const handles = Array.from({ length: 100 }, (_, value) =>
        client.submit(slowDouble, { value, ms: 30 }, { mode: 'async', retry: RETRY }),
      );
      await handles[0]?.result();
      await cluster.killHead();
      await cluster.startHead();
      const results = await Promise.all(handles.map((handle) => handle.result()));
      expect(results).toEqual(Array.from({ length: 100 }, (_, value) => 2 * value));
      expect(await client.run(double, 21)).toBe(42);
    },
    LIMIT_MS,
  );

  it(
    'runs a task elsewhere when its worker stops for longer than its lease, and refuses what the sleeper says',
    async () => {
      const { cluster, client } = await start({
        workers: 2,
        native: { slots: 1 },
        scheduler: { leaseMs: 4_000, disconnectGraceMs: 500 },
      });
      const [log, release] = [path('lease.log'), path('lease.release')];
      const handle = client.submit(hold, { log, release }, { mode: 'async', retry: RETRY });
      await eventually(() => linesOf(log).length === 1, READY_MS_MAX);
      const sleeper = Number(linesOf(log)[0]);
      process.kill(sleeper, 'SIGSTOP');
      try {
        await eventually(() => linesOf(log).length === 2, READY_MS_MAX);
      } finally {
        process.kill(sleeper, 'SIGCONT');
      }
      writeFileSync(release, '');
      expect(await handle.result()).toBe(Number(linesOf(log)[1]));
      expect(Number(linesOf(log)[1])).not.toBe(sleeper);
      // The one that slept works again.
      await eventually(() => cluster.workerPids.includes(sleeper), READY_MS_MAX);
      expect(await client.map(double, [1, 2, 3, 4])).toEqual([2, 4, 6, 8]);
    },
    LIMIT_MS,
  );

  it(
    'loses no task when its workers are replaced one after the other',
    async () => {
      const { cluster, client } = await start({ workers: 2, native: { slots: 2 } });
      const handles = Array.from({ length: 200 }, (_, value) =>
        client.submit(slowDouble, { value, ms: 20 }, { mode: 'async', retry: { attempts: 1 } }),
      );
      for (const pid of [...cluster.workerPids]) {
        process.kill(pid, 'SIGTERM');
        await eventually(
          () => cluster.workerPids.length === 2 && !cluster.workerPids.includes(pid),
          READY_MS_MAX,
        );
      }
      const results = await Promise.all(handles.map((handle) => handle.result()));
      expect(results).toEqual(Array.from({ length: 200 }, (_, value) => 2 * value));
    },
    LIMIT_MS,
  );
});
