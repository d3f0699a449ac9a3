/** Tasks that belong together: spread over hosts and workers, packed on few, or all on one worker. */
import type { TaskClass, WorkerEntry } from './entries.js';
import type { SchedulerState } from './state.js';

/** More than tasks one worker or host can have: the first of two counts decides. */
const FIRST = 2 ** 26;

/** Lower is better; 0 for tasks of no group. Spread looks at hosts first, pack at workers. */
export function groupScore(state: SchedulerState, own: TaskClass, worker: WorkerEntry): number {
  const rule = own.placement?.group?.rule;
  if (rule === undefined || rule === 'same-node') return 0;
  const group = state.groups.get(own.placement!.group!.name);
  const onHost = group?.hosts.get(worker.spec.host) ?? 0;
  const onWorker = group?.workers.get(worker.id) ?? 0;
  return rule === 'spread' ? onHost * FIRST + onWorker : -(onWorker * FIRST + onHost);
}

/** `same-node`: where others of the group are, if any is assigned. */
export function isGroupPlaceable(state: SchedulerState, own: TaskClass, worker: WorkerEntry): boolean {
  if (own.placement?.group?.rule !== 'same-node') return true;
  const group = state.groups.get(own.placement.group.name);
  return group === undefined || group.workers.size === 0 || group.workers.has(worker.id);
}
