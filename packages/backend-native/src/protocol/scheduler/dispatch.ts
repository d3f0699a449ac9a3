/** Gives waiting tasks to workers, as long as both are there. Costs per task do not grow with what waits. */
import { couldRun } from './eligible.js';
import type { Lane, TaskClass, TaskEntry, WorkerEntry } from './entries.js';
import { freeSlots, gangSize, gangVerdict, hasGangBegun } from './gang.js';
import { endGangTurn, keepForGang } from './gang-turn.js';
import { groupScore, isGroupPlaceable } from './group.js';
import { estimateUs, hasRoom, hasRoomFor, occupy } from './occupancy.js';
import type { Demand } from './policy/place.js';
import { charge, dequeue, nextClass } from './queue.js';
import { reserve } from './reserve.js';
import type { SchedulerState } from './state.js';
import type { Turn } from './turn.js';

export function dispatch(turn: Turn): void {
  const { state } = turn;
  if (state.waiting === 0 || !mayAssign(state)) return;
  const roomy = [...state.workers.values()].filter((worker) => hasRoom(state, worker));
  const parked: Lane[] = [];
  while (roomy.length > 0) {
    const lane = state.readyLanes.first;
    if (lane === undefined) break;
    const next = nextClass(state, lane);
    if (next === undefined) {
      state.readyLanes.delete(lane);
      parked.push(lane);
    } else placeFirst(turn, next, roomy);
  }
  for (const lane of parked) if (lane.waiting > 0) state.readyLanes.set(lane, lane.dueMs);
}

/**
 * Nothing is assigned under an epoch that could be forgotten, nor while ends could not be written down, nor on the smaller
 * side of a partition.
 */
function mayAssign(state: SchedulerState): boolean {
  return (
    state.role === 'leader' &&
    state.quorum === 'held' &&
    state.durableIndex >= state.epochIndex &&
    state.journalState === 'writable'
  );
}

/** Places the first task of a class, or marks the class until some worker may take more than now. */
function placeFirst(turn: Turn, own: TaskClass, roomy: WorkerEntry[]): void {
  const { state } = turn;
  const entry = own.queue.first!;
  if (gangSize(own) > 0 && !hasGangBegun(state, entry)) {
    placeGang(turn, own, roomy);
    return;
  }
  const worker = choose(state, entry, roomy);
  if (worker === undefined) block(turn, own);
  else place(turn, entry, worker, roomy);
}

/** Places all tasks of a gang in one go, before anything else can take their room; or none. */
function placeGang(turn: Turn, own: TaskClass, roomy: WorkerEntry[]): void {
  const verdict = gangVerdict(own, roomy);
  if (verdict.type === 'wait') {
    block(turn, own, verdict.because);
    return;
  }
  const able = [...verdict.workers];
  for (let left = gangSize(own); left > 0; left -= 1) {
    const entry = own.queue.first!;
    const worker = choose(turn.state, entry, able);
    if (worker === undefined) break;
    place(turn, entry, worker, roomy);
  }
  endGangTurn(turn.state, own);
}

function place(turn: Turn, entry: TaskEntry, worker: WorkerEntry, roomy: WorkerEntry[]): void {
  const { state } = turn;
  const own = entry.class;
  own.blockedSinceMs = -1;
  assign(turn, entry, worker);
  if (own.reserved) {
    own.reserved.reservedFor = undefined;
    own.reserved = undefined;
    state.capacityVersion += 1;
  }
  const at = roomy.indexOf(worker);
  if (at >= 0 && !hasRoom(state, worker)) roomy.splice(at, 1);
}

function block(turn: Turn, own: TaskClass, because?: string): void {
  const { state, nowMs } = turn;
  if (own.blockedSinceMs < 0) own.blockedSinceMs = nowMs;
  own.blockedBecause = because ?? whyBlocked(state, own);
  if (gangSize(own) === 0) reserve(state, own, nowMs);
  else if (!hasGangBegun(state, own.queue.first!)) keepForGang(state, own, nowMs);
  own.blockedAt = state.capacityVersion;
}

function whyBlocked(state: SchedulerState, own: TaskClass): string {
  let able = 0;
  for (const worker of state.workers.values())
    if (worker.state === 'active' && couldRun(worker, own)) able += 1;
  if (able === 0) return 'No worker that is here could run it.';
  if (own.isAlone) return `It must run alone, and none of ${able} workers is empty.`;
  return `${able} workers could run it; none has what it asks for free.`;
}

/** The best worker among those with room, looking at a bounded number of them from where the last decision stopped. */
function choose(
  state: SchedulerState,
  entry: TaskEntry,
  roomy: readonly WorkerEntry[],
): WorkerEntry | undefined {
  const { class: own, spec } = entry;
  const { place: policy } = state;
  const mustBegin = gangSize(own) > 0;
  const demand: Demand = { amounts: own.amounts, inputs: spec.inputs };
  const count = roomy.length;
  let best: WorkerEntry | undefined;
  let bestScore = 0;
  let bestGroup = 0;
  let compared = 0;
  let bestAt = 0;
  for (let step = 0; step < count && compared < state.options.limits.candidatesMax; step += 1) {
    const at = (state.cursor + step) % count;
    const worker = roomy[at]!;
    if (!hasRoomFor(worker, own) || !couldRun(worker, own) || !isGroupPlaceable(state, own, worker)) continue;
    if (mustBegin && freeSlots(worker, own) === 0) continue;
    compared += 1;
    const group = groupScore(state, own, worker);
    const score = policy.score(demand, worker);
    if (best !== undefined && (group > bestGroup || (group === bestGroup && score >= bestScore))) continue;
    best = worker;
    bestScore = score;
    bestGroup = group;
    bestAt = at;
  }
  if (best === undefined) return undefined;
  state.cursor = bestAt + 1;
  entry.scoreThousandths = Math.round(bestScore * 1000);
  entry.compared = compared;
  return best;
}

function assign(turn: Turn, entry: TaskEntry, worker: WorkerEntry): void {
  const { state } = turn;
  const { spec, class: own } = entry;
  dequeue(state, entry);
  entry.estimateUs = Math.ceil(estimateUs(state, spec.definition));
  charge(state, own.lane, entry.estimateUs);
  state.counter += 1;
  const token = { epoch: state.epoch, counter: state.counter };
  occupy(state, worker, entry, token);
  const { id, attempt, payload, delivery } = spec;
  // At most once: what may start must be on record before it can.
  const batch = delivery === 'at-most-once' ? turn.assignedOnce : turn.assigned;
  const assigned = { id, attempt, token, payload, isAlone: own.isAlone };
  batch.add(worker.id, assigned);
  turn.assignRecords.add(worker.id, assigned);
  state.metrics.assigned += 1;
  if (entry.brushes === 0) state.metrics.waited(turn.nowMs - entry.submittedMs);
}
