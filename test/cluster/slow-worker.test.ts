/** A worker that is ten times as slow as the others. */
import { native } from '@anant/backend-native';
import { type Client, connect } from '@anant/core';
import { afterEach, expect, it } from 'vitest';
import { TestCluster } from '../support/test-cluster.js';
import { double, slowDouble } from './cluster-tasks.js';

const LIMIT_MS = 200_000;
const RETRY = { mode: 'async', retry: { attempts: 20, backoffMs: 10, backoffMsMax: 200 } } as const;
const TASKS = 60;
/** It runs for a tenth of each period. */
const PERIOD_MS = 200;
const RUN_MS = 20;

let cluster: TestCluster | undefined;
let client: Client | undefined;

afterEach(async () => {
  await client?.close({ graceMs: 0 });
  await cluster?.close();
});

async function start(workers: number) {
  const started = await TestCluster.start({ workers, native: { slots: 2 } });
  cluster = started;
  const limits = { retryRatio: 1, retryReserve: 10_000 };
  const connected = connect({ backends: { native: () => native(started.options) }, limits });
  client = connected;
  return { cluster: started, client: connected };
}

const doubles = Array.from({ length: TASKS }, (_, value) => 2 * value);
const some = (client: Client, ms: number) =>
  doubles.map((_, value) => client.submit(slowDouble, { value, ms }, RETRY).result());

it(
  'beside a slow worker everything ends as it should, and it stays',
  async () => {
    const { cluster, client } = await start(2);
    const slow = cluster.workerPids[0] as number;
    const signal = (name: 'SIGSTOP' | 'SIGCONT') => process.kill(slow, name);
    let pause: NodeJS.Timeout | undefined;
    const period = setInterval(() => {
      signal('SIGCONT');
      pause = setTimeout(() => signal('SIGSTOP'), RUN_MS);
    }, PERIOD_MS);
    try {
      expect(await Promise.all(some(client, 20))).toEqual(doubles);
      expect(await client.map(double, [1, 2, 3, 4])).toEqual([2, 4, 6, 8]);
    } finally {
      clearInterval(period);
      clearTimeout(pause);
      signal('SIGCONT');
    }
    expect(cluster.workerPids).toContain(slow);
  },
  LIMIT_MS,
);
