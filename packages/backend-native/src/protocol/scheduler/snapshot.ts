/** The state that must survive, as records: what replaces a long journal, and what two replicas must agree on. */
import type { EndedTask } from './ended-store.js';
import type { TaskEntry } from './entries.js';
import type { EndedRecord, JournalRecord } from './record.js';
import type { SchedulerState } from './state.js';
import type { SessionId, TaskSpec } from './task-spec.js';

/** Tasks in one record at most, so that a snapshot is written in pieces. */
const TASKS_MAX = 1000;

/** A consistent cut: records share their parts with the state, which never change. Replaying them gives it back. */
export function snapshotRecords(state: SchedulerState): JournalRecord[] {
  const { epoch, counter } = state;
  const records: JournalRecord[] = [{ type: 'snapshot', epoch, counter }];
  for (const [key, bytes] of state.attachments) records.push({ type: 'attach', key, bytes });
  for (const { id, tenant, sequence, ends, endsHead } of state.sessions.values())
    records.push({ type: 'session-at', session: id, tenant, sequence, ends: ends.slice(endsHead) });
  for (const tasks of chunks([...state.tasks.ended()].map(endedRecord)))
    records.push({ type: 'ended', tasks });
  const open = inOrder(state);
  records.push(...submissions(open), ...assignments(open));
  for (const [id, { definition, deaths }] of state.deaths)
    records.push({ type: 'deaths', id, definition, deaths });
  return records;
}

function inOrder(state: SchedulerState): TaskEntry[] {
  return [...state.tasks.open()].sort((left, right) => left.sequence - right.sequence);
}

/** In the order of arrival, as many of one session together as follow each other. */
function submissions(open: readonly TaskEntry[]): JournalRecord[] {
  const records: { type: 'submit'; session: SessionId; tasks: TaskSpec[] }[] = [];
  for (const { spec, session } of open) {
    const last = records.at(-1);
    if (last?.session === session.id && last.tasks.length < TASKS_MAX) last.tasks.push(spec);
    else records.push({ type: 'submit', session: session.id, tasks: [spec] });
  }
  return records;
}

function assignments(open: readonly TaskEntry[]): JournalRecord[] {
  const byWorker = new Map<string, TaskEntry[]>();
  for (const entry of open) {
    if (entry.worker === undefined) continue;
    const same = byWorker.get(entry.worker.id);
    if (same) same.push(entry);
    else byWorker.set(entry.worker.id, [entry]);
  }
  const records: JournalRecord[] = [];
  for (const [worker, entries] of byWorker) {
    // The order of assignment says which of them a worker began first.
    entries.sort((left, right) => left.token!.counter - right.token!.counter);
    const { bootId } = entries[0]!.worker!.spec;
    const tasks = entries.map(({ id, token }) => ({ id, token: token! }));
    for (const some of chunks(tasks)) records.push({ type: 'assign', worker, bootId, tasks: some });
  }
  return records;
}

function endedRecord(entry: EndedTask): EndedRecord {
  const { id, attempt, mark, session, endSequence, status, isReported, token } = entry;
  return {
    id,
    attempt,
    digest: mark,
    session: session.id,
    sequence: endSequence,
    status,
    isReported,
    token,
  };
}

function* chunks<Item>(items: readonly Item[]): Iterable<readonly Item[]> {
  for (let at = 0; at < items.length; at += TASKS_MAX) yield items.slice(at, at + TASKS_MAX);
}

/**
 * What a replica at the same entry must have, as text: the epoch, open tasks with their assignments, sessions with their
 * unseen ends, deaths. Equal states give equal texts.
 */
export function canonicalState(state: SchedulerState): string {
  const tasks = [...state.tasks.open()]
    .map(({ id, attempt, digest, session, worker, token }) => {
      const where = worker === undefined ? [] : [worker.id, token!.epoch, token!.counter];
      return [id, attempt, digest, session.id, ...where];
    })
    .sort(byFirst);
  const sessions = [...state.sessions.values()]
    .map(({ id, tenant, sequence, ends, endsHead }) => [
      id,
      tenant,
      sequence,
      ends.slice(endsHead).map((end) => [end.sequence, end.id, end.attempt]),
    ])
    .sort(byFirst);
  const deaths = [...state.deaths].map(([id, { deaths: count }]) => [id, count]).sort(byFirst);
  const attachments = [...state.attachments.keys()].sort();
  return JSON.stringify({ epoch: state.epoch, tasks, sessions, deaths, attachments });
}

function byFirst(left: readonly unknown[], right: readonly unknown[]): number {
  return String(left[0]) < String(right[0]) ? -1 : 1;
}
