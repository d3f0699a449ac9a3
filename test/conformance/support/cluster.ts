/** What the runs on a native cluster have in common: a head and two workers, each a process of its own. */
import { native } from '@anant/backend-native';
import {
  backendConformance,
  type ConformanceReport,
  type FaultHarness,
  type PassName,
} from '@anant/core/conformance';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { TestCluster, type TestClusterOptions } from '../../support/test-cluster.js';
import { killParent } from './parent.js';
import { processOf, signal } from './processes.js';

const MEBIBYTE = 2 ** 20;
const limits = { payloadBytesMax: 64 * MEBIBYTE };
/** A window that the kit can fill in a moment. */
const window = { windowTasks: 1_024 };

export interface ClusterRun {
  readonly security: NonNullable<TestClusterOptions['security']>;
  /** @default both */
  readonly passes?: readonly PassName[];
  /** Passes in which clauses run that need a cluster or a backend of their own. @default all */
  readonly freshIn?: readonly PassName[];
  /** Clause ids. @default all */
  readonly only?: readonly string[];
  readonly report?: (report: ConformanceReport) => void;
}

/** Registers a conformance run on a cluster that is started for it. */
export function clusterConformance(name: string, { security, report, ...chosen }: ClusterRun): void {
  const setup: TestClusterOptions = {
    security,
    workers: 2,
    native: {
      ...limits,
      slots: 2,
      thread: { memoryBytesMax: 256 * MEBIBYTE },
      process: { memoryBytesMax: 512 * MEBIBYTE },
      python: { memoryBytesMax: 768 * MEBIBYTE },
    },
  };
  let cluster: TestCluster;
  const optionsOf = (of: TestCluster) => ({ ...limits, ...window, ...of.options });

  describe(name, () => {
    beforeAll(async () => {
      cluster = await TestCluster.start(setup);
    });
    backendConformance({
      it,
      describe,
      after: afterAll,
      create: () => native(optionsOf(cluster)),
      faults: faultsOf(() => cluster, setup, optionsOf),
      ...chosen,
      ...(report && { report }),
    });
    afterAll(() => cluster.close());
  });
}

function faultsOf(
  current: () => TestCluster,
  setup: TestClusterOptions,
  optionsOf: (of: TestCluster) => object,
): FaultHarness {
  return {
    async killWorkerOf({ pid }) {
      await current().killWorker(workerOf(current(), pid));
    },
    async freezeWorkerOf({ pid }) {
      const worker = workerOf(current(), pid);
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
    createUnreachable: () => {
      const { cluster } = current().options;
      return native({ cluster: { ...cluster, address: '127.0.0.1:1', connectTimeoutMs: 2_000 } });
    },
    killParent: () =>
      killParent({ package: '@anant/backend-native', factory: 'native', options: optionsOf(current()) }),
  };
}

/** The worker below which a process runs: it dies, or stops, as a whole. */
function workerOf({ workerPids }: TestCluster, pid: number): number {
  for (let current = pid; current > 1; current = processOf(current)?.parent ?? 0) {
    if (workerPids.includes(current)) return current;
  }
  throw new Error(`Process ${pid} runs below no worker.`);
}
