/** A task that kills whatever runs it is refused after three deaths; the cluster goes on. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { native } from '@anant/backend-native';
import { type Client, connect } from '@anant/core';
import { afterEach, expect, it } from 'vitest';
import { TestCluster } from '../support/test-cluster.js';
import { double, killsItsProcess } from './cluster-tasks.js';

const LIMIT_MS = 120_000;

const folder = mkdtempSync(join(tmpdir(), 'anant-poison-'));
let cluster: TestCluster | undefined;
let client: Client | undefined;

afterEach(async () => {
  await client?.close({ graceMs: 0 });
  await cluster?.close();
  rmSync(folder, { recursive: true, force: true });
});

it(
  'refuses a task that killed two workers, then the process it had to itself',
  async () => {
    const started = await TestCluster.start({ workers: 3 });
    cluster = started;
    client = connect({
      backends: { native: () => native(started.options) },
      limits: { retryRatio: 1, retryReserve: 1_000 },
    });
    const log = join(folder, 'deaths');
    const retry = { attempts: 20, backoffMs: 10, backoffMsMax: 200 };
    await expect(client.run(killsItsProcess, log, { id: 'poison', retry })).rejects.toMatchObject({
      code: 'E_TASK_POISON',
    });
    expect(new Set(readFileSync(log, 'utf8').trim().split('\n')).size).toBe(3);
    await expect(client.run(double, 21, { retry })).resolves.toBe(42);
  },
  LIMIT_MS,
);
