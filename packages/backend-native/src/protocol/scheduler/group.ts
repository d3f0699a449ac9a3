/** Tasks that belong together: spread over hosts, packed on few, or all on one. */
import type { TaskClass, WorkerEntry } from './entries.js';
import type { SchedulerState } from './state.js';

/** Lower is better; 0 for tasks of no group. */
export function groupScore(state: SchedulerState, own: TaskClass, worker: WorkerEntry): number {
  const rule = own.placement?.group?.rule;
  if (rule === undefined || rule === 'same-node') return 0;
  const count = state.groups.get(own.placement!.group!.name)?.hosts.get(worker.spec.host) ?? 0;
  return rule === 'spread' ? count : -count;
}

/** `same-node`: where others of the group are, if any is assigned. */
export function isGroupPlaceable(state: SchedulerState, own: TaskClass, worker: WorkerEntry): boolean {
  if (own.placement?.group?.rule !== 'same-node') return true;
  const group = state.groups.get(own.placement.group.name);
  return group === undefined || group.hosts.size === 0 || group.hosts.has(worker.spec.host);
}
