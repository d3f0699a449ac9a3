/**
 * Keeps workers free for a gang that was passed by for long. One gang has the turn at a time: two that each kept workers
 * the other needs would wait for ever. A turn has an end, and a pause as long follows it.
 */
import { couldRun, slotsFor } from './eligible.js';
import type { TaskClass, WorkerEntry } from './entries.js';
import { gangSize } from './gang.js';
import type { SchedulerState } from './state.js';

export interface GangTurn {
  readonly gang: TaskClass;
  readonly untilMs: number;
  /** Workers kept free; none while those it needs are kept for other tasks. */
  workers: readonly WorkerEntry[];
}

/** A gang could not begin: gives it the turn when it is due, and keeps enough workers free when it has it. */
export function keepForGang(state: SchedulerState, gang: TaskClass, nowMs: number): void {
  const { gangTurn, options } = state;
  const isWhole = gang.queue.size >= gangSize(gang);
  if (gangTurn === undefined) {
    const isDue = nowMs - gang.blockedSinceMs >= options.starveMs && nowMs >= gang.turnFromMs;
    if (!isWhole || !isDue || enough(gang, state.workers.values()) === undefined) return;
    state.gangTurn = { gang, untilMs: nowMs + options.gangTurnMs, workers: [] };
  } else if (gangTurn.gang !== gang) return;
  else if (!isWhole) {
    endGangTurn(state, gang);
    return;
  }
  keepWorkers(state, state.gangTurn!);
}

function keepWorkers(state: SchedulerState, turn: GangTurn): void {
  const { gang } = turn;
  const isKept = (worker: WorkerEntry) =>
    worker.reservedFor === gang && state.workers.get(worker.id) === worker;
  if (enough(gang, turn.workers.filter(isKept)) !== undefined) return;
  release(state, turn);
  const free = [...state.workers.values()].filter(({ reservedFor }) => reservedFor === undefined);
  turn.workers = enough(gang, free) ?? [];
  for (const worker of turn.workers) worker.reservedFor = gang;
}

/** Workers that could hold all of the gang if they had nothing else, those with least to end first. */
function enough(gang: TaskClass, workers: Iterable<WorkerEntry>): readonly WorkerEntry[] | undefined {
  const size = gangSize(gang);
  const able = [...workers]
    .filter((worker) => worker.state === 'active' && worker.alone === undefined && couldRun(worker, gang))
    .sort((left, right) => left.occupants - right.occupants);
  const roomOf = (worker: WorkerEntry) => slotsFor(worker, gang.amounts, worker.capacity);
  if (gang.placement!.group!.rule === 'same-node') {
    const worker = able.find((each) => roomOf(each) >= size);
    return worker && [worker];
  }
  const chosen: WorkerEntry[] = [];
  let room = 0;
  for (const worker of able) {
    if (room >= size) break;
    const slots = roomOf(worker);
    if (slots === 0) continue;
    chosen.push(worker);
    room += slots;
  }
  return room >= size ? chosen : undefined;
}

/** The gang began, or is not whole any more: what was kept is free for all, and the next gang may have the turn. */
export function endGangTurn(state: SchedulerState, gang: TaskClass): void {
  const { gangTurn } = state;
  if (gangTurn?.gang !== gang) return;
  release(state, gangTurn);
  state.gangTurn = undefined;
  state.capacityVersion += 1;
}

/** What runs on the kept workers takes too long: others go first for as long as the turn was. */
export function expireGangTurn(state: SchedulerState, nowMs: number): void {
  const { gangTurn } = state;
  if (gangTurn === undefined || nowMs < gangTurn.untilMs) return;
  gangTurn.gang.turnFromMs = nowMs + state.options.gangTurnMs;
  endGangTurn(state, gangTurn.gang);
}

function release(state: SchedulerState, turn: GangTurn): void {
  for (const worker of turn.workers) if (worker.reservedFor === turn.gang) worker.reservedFor = undefined;
  if (turn.workers.length > 0) state.capacityVersion += 1;
  turn.workers = [];
}
