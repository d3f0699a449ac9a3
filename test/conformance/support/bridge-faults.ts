/** Faults of every backend behind the Python bridge: real signals to real processes. */
import type { FaultHarness, FaultTarget } from '@anant/core/conformance';
import { killParent, type ParentProgram } from './parent.js';
import { newestDescendant, processOf, signal } from './processes.js';

const BRIDGE = /-m anant_bridge\b/;
const HOST_CHILD = /host\/main\.js/;

/** The engine's worker process: the task's own for Python, the parent of the Node host child for TypeScript. */
function workerOf({ pid, parentPid }: FaultTarget): number {
  const { command } = processOf(pid) ?? { command: '' };
  return HOST_CHILD.test(command) ? parentPid : pid;
}

export function bridgeFaults(program: ParentProgram): FaultHarness {
  return {
    async killWorkerOf(target) {
      signal(workerOf(target), 'SIGKILL');
    },
    async freezeWorkerOf(target) {
      const frozen = new Set([workerOf(target), target.pid]);
      for (const pid of frozen) signal(pid, 'SIGSTOP');
      return async () => {
        for (const pid of frozen) signal(pid, 'SIGCONT');
      };
    },
    async killBridge() {
      // The newest one: a clause that kills its bridge has a backend of its own.
      signal(newestDescendant(BRIDGE).pid, 'SIGKILL');
    },
    killParent: () => killParent(program),
  };
}
