/** Workers come, go silent, come back and leave. What they had is adopted, given to others, or ends as lost. */
import { LinkedQueue, type StartedExecution } from '@anant/core';
import { decided, type HeadOutcome } from './attempt-end.js';
import { endTask } from './end-task.js';
import type { TaskEntry, WorkerEntry } from './entries.js';
import { occupantOf, vacate } from './occupancy.js';
import { blame, pardon } from './poison.js';
import { requeue } from './requeue.js';
import { amountsOf, move } from './resources.js';
import type { SchedulerState } from './state.js';
import type { Turn } from './turn.js';
import type { HeldAttempt, LeaveReason, WorkerId, WorkerLoad, WorkerSpec } from './worker-spec.js';

export function newWorker(spec: WorkerSpec): WorkerEntry {
  const capacity = amountsOf(spec.resources);
  return {
    id: spec.id,
    spec,
    state: 'active',
    isDrained: false,
    isConnected: true,
    heardMs: 0,
    isSuspected: false,
    slots: spec.slots,
    load: undefined,
    capacity,
    free: new Map(capacity),
    tasks: new LinkedQueue(),
    ghosts: new LinkedQueue(),
    occupants: 0,
    backlogUs: 0,
    reservedFor: undefined,
    alone: undefined,
    revoked: 0,
    dueMs: 0,
    heapIndex: -1,
  };
}

export function joinWorker(turn: Turn, spec: WorkerSpec): void {
  const { state } = turn;
  if (state.role !== 'leader') return;
  const known = state.workers.get(spec.id);
  if (known !== undefined && known.spec.bootId !== spec.bootId)
    removeWorker(turn, known, known.state === 'absent' ? 'unreachable' : 'died');
  if (!state.workers.has(spec.id) && state.workers.size >= state.options.limits.workersMax) {
    turn.effects.push({ type: 'rejoin', worker: spec.id, epoch: state.epoch });
    return;
  }
  const worker = state.workers.get(spec.id) ?? newWorker(spec);
  state.workers.set(spec.id, worker);
  const departed = state.departed.get(spec.id);
  if (departed?.spec.bootId === spec.bootId) pardon(turn, departed.blamed);
  state.departed.delete(spec.id);
  describe(worker, spec);
  reconcile(turn, worker, spec.holds);
  renewLease(state, worker, turn.nowMs);
  state.capacityVersion += 1;
  const { epoch, options } = state;
  turn.effects.push({ type: 'welcome', worker: spec.id, epoch, leaseMs: options.leaseMs });
}

/** What a worker says of itself may have changed since it was here last. */
function describe(worker: WorkerEntry, spec: WorkerSpec): void {
  const capacity = amountsOf(spec.resources);
  const free = new Map(capacity);
  for (const [name, left] of worker.free) {
    const taken = (worker.capacity.get(name) ?? 0) - left;
    if (taken !== 0) move(free, new Map([[name, taken]]), -1);
  }
  worker.spec = { ...spec, holds: [] };
  worker.slots = spec.slots;
  worker.isConnected = true;
  worker.capacity = capacity;
  worker.free.clear();
  for (const [name, amount] of free) worker.free.set(name, amount);
  if (worker.state === 'absent') worker.state = worker.isDrained ? 'draining' : 'active';
}

/** Brings the head's books and what the worker really has together. */
function reconcile(turn: Turn, worker: WorkerEntry, holds: readonly HeldAttempt[]): void {
  const { state } = turn;
  const held = new Set<TaskEntry>();
  for (const hold of holds) {
    const entry = occupantOf(state, worker, hold.token);
    if (entry !== undefined) held.add(entry);
    if (entry === undefined || entry.state === 'ended') drop(turn, worker, hold);
    else if (hold.state === 'running') entry.state = 'running';
  }
  for (const entry of tasksOf(worker.tasks)) {
    if (held.has(entry)) continue;
    // The message that assigned it was lost with the connection; what had begun a worker never just forgets.
    if (entry.state === 'assigned') requeue(turn, entry);
    else endTask(turn, entry, decided(lostAt(worker, 'does not have it any more', 'yes')), 'gone');
  }
  for (const ghost of tasksOf(worker.ghosts)) if (!held.has(ghost)) vacate(state, ghost);
}

/** Tells a worker that what it has is of no use any more. */
export function drop(
  turn: Turn,
  worker: WorkerEntry,
  { id, attempt, token }: Pick<HeldAttempt, 'id' | 'attempt' | 'token'>,
): void {
  turn.revoked.add(worker.id, { id, attempt, token, action: 'drop', how: 'kill' });
}

/** A copy: what is done to the tasks may move them to another queue. */
function tasksOf(queue: LinkedQueue<TaskEntry>): TaskEntry[] {
  const tasks: TaskEntry[] = [];
  for (let entry = queue.first; entry !== undefined; entry = entry.queueNext) tasks.push(entry);
  return tasks;
}

/** The worker as it is now, if this is the process the head knows. */
export function presentWorker(turn: Turn, id: WorkerId, bootId: string): WorkerEntry | undefined {
  const worker = turn.state.workers.get(id);
  if (worker !== undefined && worker.state !== 'absent' && worker.spec.bootId === bootId) return worker;
  turn.effects.push({ type: 'rejoin', worker: id, epoch: turn.state.epoch });
  return undefined;
}

export function renewLease(state: SchedulerState, worker: WorkerEntry, nowMs: number): void {
  if (worker.isSuspected) state.capacityVersion += 1;
  worker.isSuspected = false;
  worker.heardMs = nowMs;
  state.workerDeadlines.set(worker, nowMs + state.options.leaseMs);
}

export function renew(turn: Turn, id: WorkerId, bootId: string): void {
  const worker = presentWorker(turn, id, bootId);
  if (worker === undefined) return;
  const { state } = turn;
  renewLease(state, worker, turn.nowMs);
  turn.effects.push({ type: 'lease', worker: id, epoch: state.epoch, leaseMs: state.options.leaseMs });
}

/** A worker under pressure offers fewer slots, or none: then what waits there comes back. One that recovered offers them again. */
export function loadWorker(turn: Turn, id: WorkerId, bootId: string, load: WorkerLoad): void {
  const worker = presentWorker(turn, id, bootId);
  if (worker === undefined) return;
  if (load.slots > worker.slots) turn.state.capacityVersion += 1;
  if (load.slots === 0 && worker.slots > 0) revokeWaiting(turn, worker);
  worker.slots = load.slots;
  worker.load = load;
}

/** A closed stream is evidence: the worker has a short while to come back. */
export function disconnectWorker(turn: Turn, id: WorkerId, bootId: string): void {
  const { state, nowMs } = turn;
  const worker = state.workers.get(id);
  if (worker === undefined || worker.spec.bootId !== bootId || worker.state === 'absent') return;
  worker.isConnected = false;
  const graceEndsMs = nowMs + state.options.disconnectGraceMs;
  if (worker.dueMs > graceEndsMs) state.workerDeadlines.set(worker, graceEndsMs);
}

export function leaveWorker(turn: Turn, id: WorkerId, bootId: string, reason: LeaveReason): void {
  const worker = turn.state.workers.get(id);
  if (worker === undefined || worker.spec.bootId !== bootId) return;
  removeWorker(turn, worker, reason);
}

/** Takes a worker off the books and decides about everything it had. */
export function removeWorker(turn: Turn, worker: WorkerEntry, reason: LeaveReason): void {
  const { state } = turn;
  const tasks = tasksOf(worker.tasks);
  // Workers begin tasks in the order they got them: the first ones may have begun without the head having heard.
  const blamed: string[] = [];
  let mayRun = worker.state === 'absent' ? tasks.length : worker.slots;
  for (const entry of tasks) {
    const started = entry.state === 'running' ? 'yes' : mayRun > 0 ? 'maybe' : 'no';
    if (started !== 'yes') mayRun -= 1;
    if (settle(turn, entry, worker, reason, started) === 'blamed') blamed.push(entry.id);
  }
  for (const ghost of tasksOf(worker.ghosts)) vacate(state, ghost);
  state.workers.delete(worker.id);
  state.workerDeadlines.delete(worker);
  if (worker.reservedFor) worker.reservedFor.reserved = undefined;
  remember(state, worker, blamed, turn.nowMs);
  if (reason !== 'left') state.metrics.workersLost += 1;
  turn.state.capacityVersion += 1;
}

type LostOutcome = Extract<HeadOutcome, { status: 'lost' }>;

const WORDS: Readonly<Record<LeaveReason, string>> = {
  left: 'left',
  died: 'died',
  unreachable: 'was not heard of any more',
};

function settle(
  turn: Turn,
  entry: TaskEntry,
  worker: WorkerEntry,
  reason: LeaveReason,
  started: StartedExecution,
): 'blamed' | 'spared' {
  const isOnce = entry.spec.delivery === 'at-most-once';
  if (started === 'no' && !(isOnce && reason !== 'left')) {
    if (reason === 'died') entry.brushes += 1;
    requeue(turn, entry);
    return 'spared';
  }
  // A worker that said goodbye ran nothing any more: what it did not commit, it did not begin.
  if (reason === 'left' && started === 'maybe') {
    requeue(turn, entry);
    return 'spared';
  }
  const isSuspect = reason === 'died';
  const refusal = isSuspect ? blame(turn, entry) : undefined;
  const lost = {
    ...lostAt(worker, `${WORDS[reason]} while it had the task`, started === 'no' ? 'maybe' : started),
    ...(isSuspect && { suspect: true }),
  };
  endTask(turn, entry, decided(refusal ? { status: 'refused', ...refusal } : lost), 'gone');
  return isSuspect ? 'blamed' : 'spared';
}

function lostAt(worker: WorkerEntry, what: string, started: StartedExecution): LostOutcome {
  return { status: 'lost', reason: `Worker "${worker.id}" ${what}.`, started };
}

/** A worker that left still counts as existing for a while: it may be restarting. */
function remember(
  state: SchedulerState,
  worker: WorkerEntry,
  blamed: readonly string[],
  nowMs: number,
): void {
  if (worker.state === 'absent') return;
  const { departed, options } = state;
  for (const [id, { untilMs }] of departed) {
    if (untilMs > nowMs && departed.size < options.limits.workersMax) break;
    departed.delete(id);
  }
  departed.delete(worker.id);
  departed.set(worker.id, { spec: worker.spec, blamed, untilMs: nowMs + options.departedMs });
}

/** Stops giving a worker tasks, and takes back what it has not begun; or lets it work again. */
export function drainWorker(turn: Turn, id: WorkerId, action: 'drain' | 'resume'): void {
  const { state } = turn;
  const worker = state.workers.get(id);
  if (worker === undefined) return;
  worker.isDrained = action === 'drain';
  if (worker.state !== 'absent') worker.state = worker.isDrained ? 'draining' : 'active';
  if (action === 'resume') {
    state.capacityVersion += 1;
    return;
  }
  if (worker.reservedFor) {
    worker.reservedFor.reserved = undefined;
    state.capacityVersion += 1;
  }
  worker.reservedFor = undefined;
  revokeWaiting(turn, worker);
  sayDrained(turn, worker);
}

function revokeWaiting(turn: Turn, worker: WorkerEntry): void {
  for (const entry of tasksOf(worker.tasks)) revoke(turn, entry);
}

/** Asks a worker to give a task back unless it has begun. */
export function revoke(turn: Turn, entry: TaskEntry): void {
  if (entry.isRevoked || entry.state !== 'assigned') return;
  const { id, attempt } = entry.spec;
  entry.isRevoked = true;
  entry.worker!.revoked += 1;
  turn.revoked.add(entry.worker!.id, { id, attempt, token: entry.token!, action: 'revoke', how: 'forget' });
}

export function sayDrained(turn: Turn, worker: WorkerEntry): void {
  if (worker.state === 'draining' && worker.occupants === 0) turn.drained.push(worker.id);
}
