/** The native backend on a cluster: one head and two workers, each a process of its own. */
import { native } from '@anant/backend-native';
import { backendConformance, type FaultHarness } from '@anant/core/conformance';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { TestCluster } from '../support/test-cluster.js';
import { killParent } from './support/parent.js';
import { processOf, signal } from './support/processes.js';
import { writeReport } from './support/report-file.js';

const MEBIBYTE = 2 ** 20;
const limits = { payloadBytesMax: 64 * MEBIBYTE };
const setup = {
  workers: 2,
  native: {
    ...limits,
    slots: 2,
    thread: { memoryBytesMax: 256 * MEBIBYTE },
    process: { memoryBytesMax: 512 * MEBIBYTE },
    python: { memoryBytesMax: 768 * MEBIBYTE },
  },
} as const;

let cluster: TestCluster;
/** A window that the kit can fill in a moment. */
const window = { windowTasks: 1_024 };
const optionsOf = (of: TestCluster) => ({ ...limits, ...window, ...of.options });

/** The worker below which a process runs: it dies, or stops, as a whole. */
function workerOf(pid: number): number {
  for (let current = pid; current > 1; current = processOf(current)?.parent ?? 0) {
    if (cluster.workerPids.includes(current)) return current;
  }
  throw new Error(`Process ${pid} runs below no worker.`);
}

const faults: FaultHarness = {
  async killWorkerOf({ pid }) {
    await cluster.killWorker(workerOf(pid));
  },
  async freezeWorkerOf({ pid }) {
    const worker = workerOf(pid);
    signal(worker, 'SIGSTOP');
    return async () => signal(worker, 'SIGCONT');
  },
  async startApart() {
    const apart = await TestCluster.start(setup);
    return {
      backend: native(optionsOf(apart)),
      async stopControlPlane() {
        await apart.killHead();
        return () => apart.startHead();
      },
      close: () => apart.close(),
    };
  },
  createUnreachable: () => native({ cluster: { address: '127.0.0.1:1', connectTimeoutMs: 2_000 } }),
  killParent: () =>
    killParent({ package: '@anant/backend-native', factory: 'native', options: optionsOf(cluster) }),
};

describe('cluster', () => {
  beforeAll(async () => {
    cluster = await TestCluster.start(setup);
  });
  backendConformance({
    it,
    describe,
    after: afterAll,
    create: () => native(optionsOf(cluster)),
    faults,
    report: (report) => writeReport({ ...report, backend: 'cluster' }),
  });
  afterAll(() => cluster.close());
});
