/** Opens and ends attempts: the only place where the head's books of open tasks change. */
import { type AttemptEnd, statusOf } from './attempt-end.js';
import { answerAtEnd } from './cancel-answers.js';
import type { SessionEntry, TaskClass, TaskEntry } from './entries.js';
import { newGroup } from './group.js';
import { haunt, vacate } from './occupancy.js';
import { classOf, dequeue, enqueue } from './queue.js';
import type { SchedulerState } from './state.js';
import type { KnownTask } from './task-book.js';
import type { TaskSpec } from './task-spec.js';
import type { Turn } from './turn.js';

/** What an ended task keeps of its specification: nothing. */
export const SPENT: TaskSpec = {
  id: '',
  attempt: 0,
  digest: '',
  definition: '',
  priority: 0,
  tenant: '',
  delivery: 'at-least-once',
  payload: new Uint8Array(),
};

export function openTask(
  state: SchedulerState,
  session: SessionEntry,
  spec: TaskSpec,
  nowMs: number,
  known?: KnownTask,
): TaskEntry {
  const { group } = spec.placement ?? {};
  if (group !== undefined) {
    const { name } = group;
    const same = state.groups.get(name);
    if (same) same.open += 1;
    else state.groups.set(name, newGroup(name));
  }
  const own = classOf(state, spec, mustRunAlone(state, spec, 0));
  const entry = newEntry(state, session, spec, own, nowMs);
  state.tasks.add(entry, known);
  session.open += 1;
  state.payloadBytes += spec.payload.byteLength;
  state.openByTenant.set(spec.tenant, (state.openByTenant.get(spec.tenant) ?? 0) + 1);
  enqueue(state, entry, 'back');
  return entry;
}

export function newEntry(
  state: SchedulerState,
  session: SessionEntry,
  spec: TaskSpec,
  own: TaskClass,
  nowMs: number,
): TaskEntry {
  state.arrivals += 1;
  return {
    id: spec.id,
    attempt: spec.attempt,
    digest: spec.digest,
    spec,
    session,
    priority: state.order.priorityOf(spec),
    sequence: state.arrivals,
    submittedMs: nowMs,
    class: own,
    state: 'waiting',
    token: undefined,
    worker: undefined,
    isRevoked: false,
    estimateUs: 0,
    brushes: 0,
    scoreThousandths: 0,
    compared: 0,
    cancels: undefined,
    queueNext: undefined,
    queuePrevious: undefined,
    queue: undefined,
  };
}

/** A task that workers died of, or beside, too often runs with nothing beside it. */
export function mustRunAlone(state: SchedulerState, spec: TaskSpec, brushes: number): boolean {
  const { deathsAlone, deathsMax } = state.options;
  if (brushes >= deathsMax || state.deadly.has(spec.definition)) return true;
  return state.deaths.size > 0 && (state.deaths.get(spec.id)?.deaths ?? 0) >= deathsAlone;
}

/**
 * - `gone`: the worker has it no more (or never had it).
 * - `may-run`: its worker may still have it, and goes on being occupied by it.
 */
export type Whereabouts = 'gone' | 'may-run';

/** Ends an open attempt, once. Its driver hears of it when the journal has it. */
export function endTask(turn: Turn, entry: TaskEntry, end: AttemptEnd, whereabouts: Whereabouts): void {
  const { session } = entry;
  answerAtEnd(turn, entry, statusOf(end));
  closeTask(turn.state, entry, end, turn.nowMs, whereabouts);
  const ended = session.ends.at(-1)!;
  turn.endRecords.add(session.id, ended);
  turn.ended.add(session.id, ended);
  count(turn.state, end);
}

/** What an end does to the books, now and when the journal is replayed. */
export function closeTask(
  state: SchedulerState,
  entry: TaskEntry,
  end: AttemptEnd,
  nowMs: number,
  whereabouts: Whereabouts,
): void {
  const { id, attempt, spec, session, token } = entry;
  if (entry.worker === undefined) dequeue(state, entry);
  else if (whereabouts === 'may-run') haunt(entry);
  else vacate(state, entry);
  state.payloadBytes -= spec.payload.byteLength;
  release(state, spec);
  session.open -= 1;
  session.sequence += 1;
  session.ends.push({ id, attempt, sequence: session.sequence, end, token });
  entry.state = 'ended';
  entry.spec = SPENT;
  state.tasks.end(entry, end, nowMs);
}

function release(state: SchedulerState, { tenant, placement }: TaskSpec): void {
  const open = (state.openByTenant.get(tenant) ?? 1) - 1;
  if (open > 0) state.openByTenant.set(tenant, open);
  else state.openByTenant.delete(tenant);
  const group = placement?.group && state.groups.get(placement.group.name);
  if (!group) return;
  group.open -= 1;
  if (group.open === 0) state.groups.delete(group.name);
}

function count({ metrics }: SchedulerState, end: AttemptEnd): void {
  const status = statusOf(end);
  metrics.ended += 1;
  if (end.by === 'worker') metrics.committed += 1;
  if (status === 'cancelled') metrics.cancelled += 1;
  if (status === 'lost') metrics.lost += 1;
}
