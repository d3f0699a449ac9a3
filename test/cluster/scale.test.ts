/** A real cluster grows with its load and shrinks afterwards; no task is lost by it, and no process is left. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { native } from '@anant/backend-native';
import {
  AutoScaler,
  ClusterAdmin,
  downLocalCluster,
  findLocalCluster,
  LocalWorkers,
  type ScalerReport,
  upLocalCluster,
} from '@anant/backend-native/cluster';
import { connect } from '@anant/core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { restTask } from './tasks.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'anant-scale-'));
});

afterEach(async () => {
  await downLocalCluster(directory);
  rmSync(directory, { recursive: true, force: true });
});

it('starts workers for a queue and drains them when it is gone', async () => {
  const { address, token } = await upLocalCluster({ directory, workers: 1, port: 0, native: { slots: 2 } });
  const client = connect({
    backends: { native: () => native({ cluster: { address, token } }) },
    defaults: { backend: 'native' },
  });
  const cluster = new ClusterAdmin({ address, token });
  const stop = new AbortController();
  const reports: ScalerReport[] = [];
  let isDone = false;
  const scaler = new AutoScaler({
    cluster,
    provider: new LocalWorkers(directory, { slots: 2 }),
    workersMax: 3,
    intervalMs: 100,
    upWindowMs: 200,
    downWindowMs: 1_000,
    // However slow this machine is, all three are wanted until the queue is nearly gone.
    drainTargetMs: 1_000,
    onDecision: (report) => {
      reports.push(report);
      if (isDone && report.decision.type === 'hold' && report.workers === 1) stop.abort();
    },
  });
  const scaling = scaler.run(AbortSignal.any([stop.signal, AbortSignal.timeout(90_000)]));
  const inputs = Array.from({ length: 60 }, (_, at) => at);
  expect(await client.map(restTask, inputs, { concurrency: 60 })).toEqual(inputs);
  isDone = true;
  await scaling;
  expect(Math.max(...reports.map(({ workers }) => workers))).toBe(3);
  expect(reports.some(({ decision }) => decision.type === 'shrink')).toBe(true);
  expect(reports.at(-1)?.workers).toBe(1);
  expect(reports.flatMap(({ error }) => error ?? [])).toEqual([]);
  expect((await cluster.status()).members.filter(({ role }) => role === 'worker')).toHaveLength(1);
  cluster.close();
  await client.close();
  // A drained worker leaves the cluster first, then its process ends.
  await vi.waitFor(
    () => {
      new LocalWorkers(directory, {}).forgetEnded();
      expect(findLocalCluster(directory)?.workers).toHaveLength(1);
    },
    { timeout: 60_000, interval: 100 },
  );
});
