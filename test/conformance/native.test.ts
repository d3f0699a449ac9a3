/** The embedded native backend, with threads, processes and, when there is an interpreter, Python. */
import { native } from '@anant/backend-native';
import { backendConformance, type FaultHarness } from '@anant/core/conformance';
import { afterAll, describe, it } from 'vitest';
import { killParent } from './support/parent.js';
import { processOf, signal } from './support/processes.js';
import { writeReport } from './support/report-file.js';

const MEBIBYTE = 2 ** 20;
const options = {
  payloadBytesMax: 64 * MEBIBYTE,
  thread: { memoryBytesMax: 256 * MEBIBYTE },
  process: { memoryBytesMax: 512 * MEBIBYTE },
  python: { memoryBytesMax: 768 * MEBIBYTE },
} as const;

/** The process that runs a task's code is its worker: tasks of these clauses ask for a process of their own. */
const faults: FaultHarness = {
  async killWorkerOf({ pid }) {
    signal(pid, 'SIGKILL');
  },
  async freezeWorkerOf({ pid }) {
    if (processOf(pid) === undefined) throw new Error(`Process ${pid} is gone.`);
    signal(pid, 'SIGSTOP');
    return async () => signal(pid, 'SIGCONT');
  },
  killParent: () => killParent({ package: '@anant/backend-native', factory: 'native', options }),
};

describe('native', () => {
  backendConformance({
    it,
    describe,
    after: afterAll,
    create: () => native(options),
    faults,
    report: writeReport,
  });
});
