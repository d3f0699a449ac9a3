/** Groups that begin all or none: when as many wait as they say, and there is a free slot for each of them at once. */
import { couldRun } from './eligible.js';
import type { TaskClass, TaskEntry, WorkerEntry } from './entries.js';
import type { SchedulerState } from './state.js';

/** How many tasks of the class must begin together; 0 for classes whose tasks go one by one. */
export function gangSize({ placement, isAlone }: TaskClass): number {
  // A task that must run alone cannot run beside its group.
  return isAlone ? 0 : (placement?.group?.tasks ?? 0);
}

/** Whether the gang has begun: what comes back of it, or is tried again, follows by itself. */
export function hasGangBegun(state: SchedulerState, { attempt, class: { placement } }: TaskEntry): boolean {
  return attempt > 1 || state.groups.get(placement!.group!.name)!.hasBegun;
}

/** Tasks of the class a worker could begin at this moment: free slots, and what is free of what they ask for. */
export function freeSlots(worker: WorkerEntry, own: TaskClass): number {
  if (worker.state !== 'active' || worker.alone !== undefined) return 0;
  if (worker.reservedFor !== undefined && worker.reservedFor !== own) return 0;
  if (!couldRun(worker, own)) return 0;
  let slots = worker.slots - worker.occupants;
  for (const [name, amount] of own.amounts) {
    slots = Math.min(slots, Math.floor((worker.free.get(name) ?? 0) / amount));
  }
  return Math.max(0, slots);
}

export type GangVerdict =
  /** Where its tasks may begin now. */
  | { readonly type: 'begin'; readonly workers: readonly WorkerEntry[] }
  | { readonly type: 'wait'; readonly because: string };

/** Whether a gang of which nothing is assigned may begin on the workers that have room. */
export function gangVerdict(own: TaskClass, workers: Iterable<WorkerEntry>): GangVerdict {
  const { name, rule } = own.placement!.group!;
  const size = gangSize(own);
  const waiting = own.queue.size;
  if (waiting < size) {
    const because = `Its group "${name}" begins when ${size} of it wait; ${waiting} do.`;
    return { type: 'wait', because };
  }
  const able: WorkerEntry[] = [];
  let total = 0;
  let most = 0;
  for (const worker of workers) {
    const slots = freeSlots(worker, own);
    if (slots === 0) continue;
    total += slots;
    most = Math.max(most, slots);
    if (rule !== 'same-node' || slots >= size) able.push(worker);
  }
  const room = rule === 'same-node' ? most : total;
  if (room >= size) return { type: 'begin', workers: able };
  const where = rule === 'same-node' ? 'on one worker' : 'in all';
  const because = `Its group "${name}" begins when ${size} slots are free at once ${where}; ${room} are.`;
  return { type: 'wait', because };
}
