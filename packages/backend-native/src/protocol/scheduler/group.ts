/** Tasks that belong together: spread over hosts and workers, packed on few, or all on one worker. */
import { couldRun } from './eligible.js';
import type { GroupEntry, TaskClass, WorkerEntry } from './entries.js';
import type { SchedulerState } from './state.js';

/** More than tasks one worker or host can have: the first of two counts decides. */
const FIRST = 2 ** 26;

/** A group of which one task has come. */
export const newGroup = (name: string): GroupEntry => ({
  name,
  open: 1,
  hosts: new Map(),
  workers: new Map(),
  hasBegun: false,
  home: undefined,
});

/** Lower is better; 0 for tasks of no group. Spread looks at hosts first, pack at workers. */
export function groupScore(state: SchedulerState, own: TaskClass, worker: WorkerEntry): number {
  const rule = own.placement?.group?.rule;
  if (rule === undefined || rule === 'same-node') return 0;
  const group = state.groups.get(own.placement!.group!.name);
  const onHost = group?.hosts.get(worker.spec.host) ?? 0;
  const onWorker = group?.workers.get(worker.id) ?? 0;
  return rule === 'spread' ? onHost * FIRST + onWorker : -(onWorker * FIRST + onHost);
}

/**
 * `same-node`: where others of the group are or were, as long as that worker is there and could run the task at all; else
 * where others of it are assigned, if any is.
 */
export function isGroupPlaceable(state: SchedulerState, own: TaskClass, worker: WorkerEntry): boolean {
  if (own.placement?.group?.rule !== 'same-node') return true;
  const group = state.groups.get(own.placement.group.name);
  if (group?.home === undefined) return true;
  const home = state.workers.get(group.home);
  if (home?.state === 'active' && couldRun(home, own)) return worker === home;
  return group.workers.size === 0 || group.workers.has(worker.id);
}
