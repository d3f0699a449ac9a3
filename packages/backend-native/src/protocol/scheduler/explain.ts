/** Why a task waits, or where it went and why: what `anant explain TASK` shows. Made when asked, from what is kept anyway. */
import type { TaskId } from '@anant/core';
import { isPlaceable } from './eligible.js';
import type { TaskClass, TaskEntry, WorkerEntry } from './entries.js';
import { isGroupPlaceable } from './group.js';
import { hasRoom, hasRoomFor } from './occupancy.js';
import { fits } from './resources.js';
import type { SchedulerState } from './state.js';
import type { KnownTask } from './task-book.js';

export interface TaskExplanation {
  readonly session: string;
  readonly attempt: number;
  readonly state: TaskEntry['state'];
  /** Empty while it waits. */
  readonly worker: string;
  readonly reason: string;
  /** One line per worker about a waiting task, at most `WORKERS_SHOWN_MAX`. */
  readonly candidates: readonly string[];
}

/** Workers spoken of; the rest is only counted. */
export const WORKERS_SHOWN_MAX = 16;

/** @returns `undefined` for a task the head does not know (any more). */
export function explainTask(state: SchedulerState, id: TaskId, nowMs: number): TaskExplanation | undefined {
  const entry = state.tasks.find(id, nowMs);
  if (entry === undefined) return undefined;
  const isWaiting = entry.state === 'waiting';
  return {
    session: entry.session.id,
    attempt: entry.attempt,
    state: entry.state,
    worker: entry.state === 'ended' ? '' : (entry.worker?.id ?? ''),
    reason: isWaiting ? whyItWaits(state, entry, nowMs) : whereItWent(state, entry, nowMs),
    candidates: isWaiting ? candidates(state, entry) : [],
  };
}

function whyItWaits(state: SchedulerState, entry: TaskEntry, nowMs: number): string {
  const waited = `It has waited ${seconds(nowMs - entry.submittedMs)}.`;
  if (state.role !== 'leader') return `${waited} This head does not lead. ${state.followerReason}`;
  if (state.journalState === 'read-only')
    return `${waited} The journal takes nothing in: ${state.journalReason}`;
  if (state.quorum === 'lost') return `${waited} This head has no quorum. ${state.quorumReason}`;
  const { class: own } = entry;
  const alone = own.isAlone ? ' It must run alone: workers died of it, or of others like it.' : '';
  if (own.queue.first !== entry) {
    const ahead = own.queue.size - 1;
    return `${waited}${alone} ${state.order.rule} Up to ${ahead} like it are before it.`;
  }
  return `${waited}${alone} It is the next of its kind. ${own.blockedBecause}${keptFor(state, own)}`.trim();
}

function keptFor({ gangTurn }: SchedulerState, own: TaskClass): string {
  if (own.reserved !== undefined) return ` Worker "${own.reserved.id}" is kept free for it.`;
  if (gangTurn?.gang !== own) return '';
  const names = gangTurn.workers.map(({ id }) => `"${id}"`).join(', ');
  return names === '' ? ' It has the turn of gangs.' : ` Kept free for it: ${names}.`;
}

function whereItWent(state: SchedulerState, entry: KnownTask, nowMs: number): string {
  if (entry.state === 'ended') {
    const by = entry.isReported ? 'as its worker reported' : 'as the head decided';
    return `It ended ${entry.status} ${seconds(nowMs - entry.endedMs)} ago, ${by}.`;
  }
  const { place, order } = state;
  const group = entry.class.placement?.group;
  const together = group === undefined ? '' : ` Among equals for its group "${group.name}" (${group.rule}),`;
  const epoch = entry.token?.epoch === state.epoch ? '' : ' It was assigned by the head before this one.';
  return (
    `Submitted ${seconds(nowMs - entry.submittedMs)} ago. ${order.rule}${together} ` +
    `worker "${entry.worker!.id}" was chosen of ${entry.compared} with room: ${place.say(entry.scoreThousandths / 1000)}.${epoch}`
  );
}

function candidates(state: SchedulerState, entry: TaskEntry): string[] {
  const lines: string[] = [];
  for (const worker of state.workers.values()) {
    if (lines.length >= WORKERS_SHOWN_MAX) break;
    lines.push(`${worker.id}: ${verdict(state, entry, worker)}`);
  }
  const more = state.workers.size - lines.length;
  return more > 0 ? [...lines, `${more} more`] : lines;
}

function verdict(state: SchedulerState, { class: own }: TaskEntry, worker: WorkerEntry): string {
  if (worker.state === 'absent') return 'it has not joined this head';
  if (worker.state === 'draining') return 'it drains';
  if (!isPlaceable(own.placement, worker.spec)) return 'the placement does not allow it';
  if (!isGroupPlaceable(state, own, worker)) return 'the group runs on another worker';
  if (!fits(own.amounts, worker.capacity)) return 'it does not have that much at all';
  if (worker.isSuspected) return 'other members cannot reach it';
  if (worker.alone !== undefined) return `it runs "${worker.alone.id}" alone`;
  if (worker.reservedFor !== undefined && worker.reservedFor !== own)
    return 'it is kept free for a task that waited long';
  if (!hasRoom(state, worker))
    return `it has ${worker.occupants} tasks for ${worker.slots} slots${pressure(worker)}`;
  if (hasRoomFor(worker, own)) return 'it has room';
  if (own.isAlone) return `it has ${worker.occupants} tasks, and this one must run alone`;
  const short = [...own.amounts].filter(([name, amount]) => amount > (worker.free.get(name) ?? 0));
  const parts = short.map(
    ([name, amount]) => `${name}: ${worker.free.get(name) ?? 0} free, ${amount} asked for`,
  );
  return parts.join(', ');
}

/** Why a worker offers fewer slots than it has. */
function pressure({ load, slots, spec }: WorkerEntry): string {
  if (load?.overload === undefined) return '';
  const { level, reason } = load.overload;
  return `, ${level}: it offers ${slots} of ${spec.slots} because ${reason}`;
}

const seconds = (durationMs: number): string => `${(durationMs / 1000).toFixed(1)} s`;
