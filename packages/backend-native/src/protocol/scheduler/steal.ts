/** Idle workers get what waits at busy ones: it is asked back, and waits again when it comes. */
import { couldRun } from './eligible.js';
import type { TaskEntry, WorkerEntry } from './entries.js';
import { isGroupPlaceable } from './group.js';
import { hasRoomFor } from './occupancy.js';
import type { SchedulerState } from './state.js';
import type { Turn } from './turn.js';
import { revoke } from './workers.js';

const US_PER_MS = 1000;

/** When nothing waits here but workers are idle. One victim per idle worker and step. */
export function steal(turn: Turn): void {
  const { state } = turn;
  if (state.role !== 'leader' || state.quorum === 'lost' || state.waiting > 0) return;
  const victims: WorkerEntry[] = [];
  const idle: WorkerEntry[] = [];
  let expected = 0;
  for (const worker of state.workers.values()) {
    expected += worker.revoked;
    if (worker.state !== 'active') continue;
    const mayTake = worker.load?.overload === undefined && worker.alone === undefined && !worker.isSuspected;
    if (worker.occupants < worker.slots && mayTake) idle.push(worker);
    else if (surplus(worker, state.options.stealMs) > 0) victims.push(worker);
  }
  if (idle.length === 0) return;
  for (const thief of idle) {
    const wanted = thief.slots - thief.occupants - expected;
    expected = Math.max(0, expected - (thief.slots - thief.occupants));
    if (wanted <= 0) continue;
    const victim = busiest(victims, state.options.stealMs);
    if (victim === undefined) return;
    takeBack(turn, victim, thief, state.options.stealMs);
  }
}

/** Tasks of a worker that wait there, when that will take long. */
function surplus(worker: WorkerEntry, stealMs: number): number {
  if (worker.backlogUs < stealMs * US_PER_MS * worker.slots) return 0;
  return worker.tasks.size - worker.revoked - worker.slots;
}

function busiest(victims: readonly WorkerEntry[], stealMs: number): WorkerEntry | undefined {
  let best: WorkerEntry | undefined;
  for (const victim of victims) {
    if (surplus(victim, stealMs) <= 0) continue;
    if (best === undefined || victim.backlogUs / victim.slots > best.backlogUs / best.slots) best = victim;
  }
  return best;
}

function mayMove(state: SchedulerState, { class: own }: TaskEntry, thief: WorkerEntry): boolean {
  return couldRun(thief, own) && hasRoomFor(thief, own) && isGroupPlaceable(state, own, thief);
}

/** Half of the surplus, the last assigned first: those would begin last. */
function takeBack(turn: Turn, victim: WorkerEntry, thief: WorkerEntry, stealMs: number): void {
  let wanted = Math.ceil(surplus(victim, stealMs) / 2);
  let looks = victim.slots + wanted * 2;
  let entry: TaskEntry | undefined = victim.tasks.last;
  for (; entry !== undefined && wanted > 0 && looks > 0; entry = entry.queuePrevious) {
    looks -= 1;
    if (entry.state !== 'assigned' || entry.isRevoked || entry.cancels !== undefined) continue;
    if (!mayMove(turn.state, entry, thief)) continue;
    revoke(turn, entry);
    turn.state.metrics.stolen += 1;
    wanted -= 1;
  }
}
