/** Keeps a worker free for a demanding task, so that a stream of small ones cannot pass it by for ever. */
import { couldRun } from './eligible.js';
import type { TaskClass, WorkerEntry } from './entries.js';
import { isGroupPlaceable } from './group.js';
import type { SchedulerState } from './state.js';

/** At most half of the workers (rounded up) are kept free at the same moment. */
export function reserve(state: SchedulerState, own: TaskClass, nowMs: number): void {
  // What the gang whose turn it is lacks is not kept for others.
  if (own.reserved !== undefined || state.gangTurn !== undefined) return;
  if (!own.isAlone && nowMs - own.blockedSinceMs < state.options.starveMs) return;
  let best: WorkerEntry | undefined;
  let active = 0;
  let reserved = 0;
  for (const worker of state.workers.values()) {
    if (worker.state !== 'active') continue;
    active += 1;
    if (worker.reservedFor !== undefined) reserved += 1;
    else if (couldRun(worker, own) && isGroupPlaceable(state, own, worker))
      if (best === undefined || worker.occupants < best.occupants) best = worker;
  }
  if (best === undefined || reserved >= Math.ceil(active / 2)) return;
  best.reservedFor = own;
  own.reserved = best;
}
