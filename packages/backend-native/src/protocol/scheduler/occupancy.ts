/** What workers have: which tasks, how much work, which resources. */
import { DurationEstimate } from '../../embedded/schedule/duration-estimate.js';
import { type FencingToken, isSameToken } from '../fencing-token.js';
import type { TaskClass, TaskEntry, WorkerEntry } from './entries.js';
import { fits, move } from './resources.js';
import type { SchedulerState } from './state.js';

const US_PER_MS = 1000;

/** Whether a worker may take one more task of any kind. */
export function hasRoom(state: SchedulerState, worker: WorkerEntry): boolean {
  if (worker.state !== 'active' || worker.isSuspected || worker.alone !== undefined) return false;
  const has = worker.occupants;
  if (has < worker.slots) return true;
  const { options } = state;
  return (
    has < options.limits.workerTasksMax && worker.backlogUs < options.prefetchMs * US_PER_MS * worker.slots
  );
}

/** Whether a task of the class fits in now. */
export function hasRoomFor(worker: WorkerEntry, wanted: TaskClass): boolean {
  if (worker.reservedFor !== undefined && worker.reservedFor !== wanted) return false;
  if (wanted.isAlone) return worker.occupants === 0;
  return fits(wanted.amounts, worker.free);
}

export function estimateUs(state: SchedulerState, definition: string): number {
  return estimateOf(state, definition).us;
}

/** Learns how long a task of the definition ran. */
export function learn(state: SchedulerState, definition: string, runUs: number): void {
  estimateOf(state, definition).add(runUs);
}

function estimateOf(state: SchedulerState, definition: string): DurationEstimate {
  let estimate = state.estimates.get(definition);
  if (estimate === undefined) {
    if (state.estimates.size >= state.options.limits.definitionsMax)
      state.estimates.delete(state.estimates.keys().next().value!);
    estimate = new DurationEstimate();
    state.estimates.set(definition, estimate);
  }
  return estimate;
}

/** Puts a task that waits nowhere on a worker, under a token. */
export function occupy(
  state: SchedulerState,
  worker: WorkerEntry,
  entry: TaskEntry,
  token: FencingToken,
): void {
  entry.worker = worker;
  entry.token = token;
  entry.state = 'assigned';
  entry.isRevoked = false;
  state.assigned.set(token.counter, entry);
  worker.tasks.push(entry);
  worker.occupants += 1;
  worker.backlogUs += entry.estimateUs;
  move(worker.free, entry.class.amounts, -1);
  if (entry.class.isAlone) worker.alone = entry;
  countInGroup(state, entry, 1);
}

/** The task or ghost a worker speaks of, if it is there under this token. */
export function occupantOf(
  state: SchedulerState,
  worker: WorkerEntry,
  token: FencingToken,
): TaskEntry | undefined {
  const entry = state.assigned.get(token.counter);
  return entry?.worker === worker && isSameToken(entry.token, token) ? entry : undefined;
}

/** Takes a task or ghost off its worker: it does not run there any more. Its token stays with it. */
export function vacate(state: SchedulerState, entry: TaskEntry): void {
  const worker = entry.worker!;
  if (!worker.tasks.delete(entry)) worker.ghosts.delete(entry);
  dropRevocation(worker, entry);
  state.assigned.delete(entry.token!.counter);
  worker.occupants -= 1;
  worker.backlogUs -= entry.estimateUs;
  move(worker.free, entry.class.amounts, 1);
  if (worker.alone === entry) worker.alone = undefined;
  countInGroup(state, entry, -1);
  entry.worker = undefined;
  state.capacityVersion += 1;
}

/** The task ended here, but the worker may still run it: it goes on occupying it until the worker says otherwise. */
export function haunt(entry: TaskEntry): void {
  const worker = entry.worker!;
  worker.tasks.delete(entry);
  dropRevocation(worker, entry);
  worker.ghosts.push(entry);
}

export function dropRevocation(worker: WorkerEntry, entry: TaskEntry): void {
  if (entry.isRevoked) worker.revoked -= 1;
  entry.isRevoked = false;
}

function countInGroup(state: SchedulerState, entry: TaskEntry, change: 1 | -1): void {
  const { placement } = entry.class;
  const group = placement?.group && state.groups.get(placement.group.name);
  if (!group) return;
  const { id, spec } = entry.worker!;
  group.hasBegun = true;
  if (change > 0) group.home = id;
  addTo(group.hosts, spec.host, change);
  addTo(group.workers, id, change);
}

function addTo(counts: Map<string, number>, key: string, change: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
