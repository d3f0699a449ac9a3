/** Rebuilds a scheduler from its journal, entry by entry. A standby head does the same as entries arrive. */
import { AnantError } from '@anant/core';
import { closeTask, openTask } from './end-task.js';
import type { SessionEntry, TaskEntry, WorkerEntry } from './entries.js';
import { estimateUs, occupy, vacate } from './occupancy.js';
import { setDeaths } from './poison.js';
import { dequeue } from './queue.js';
import type { EndedRecord, JournalEntry, JournalRecord } from './record.js';
import { returnToQueue } from './requeue.js';
import { dropSeen, forgetSession, newSession } from './sessions.js';
import type { SchedulerState } from './state.js';
import type { SessionId } from './task-spec.js';
import type { WorkerId } from './worker-spec.js';
import { newWorker } from './workers.js';

/**
 * Applies one entry to a head that does not lead.
 * @throws AnantError E_JOURNAL when it does not follow the one before, or says what cannot be.
 */
export function replay(state: SchedulerState, entry: JournalEntry, nowMs: number): void {
  const isSnapshot = entry.records[0]?.type === 'snapshot';
  if (!isSnapshot && entry.index !== state.journalIndex + 1)
    throw damaged(`Entry ${entry.index} follows entry ${state.journalIndex}.`);
  if (entry.epoch < state.epoch)
    throw damaged(`Entry ${entry.index} is of an older epoch than those before.`);
  for (const record of entry.records) apply(state, record, entry.index, nowMs);
  state.journalIndex = entry.index;
  state.durableIndex = entry.index;
}

function apply(state: SchedulerState, record: JournalRecord, index: number, nowMs: number): void {
  const sessionOf = (id: SessionId): SessionEntry => known(state.sessions.get(id), 'session', id, index);
  const taskOf = (id: string): TaskEntry => known(state.tasks.get(id), 'open task', id, index);
  switch (record.type) {
    case 'epoch':
      state.epoch = record.epoch;
      break;
    case 'session-open':
      state.sessions.set(record.session, newSession(record.session, record.tenant));
      break;
    case 'session-close':
      forgetSession(state, sessionOf(record.session));
      break;
    case 'submit':
      for (const spec of record.tasks)
        openTask(state, sessionOf(record.session), spec, nowMs, state.tasks.find(spec.id, nowMs));
      break;
    case 'assign':
      for (const { id, token } of record.tasks) {
        const entry = taskOf(id);
        dequeue(state, entry);
        entry.estimateUs = estimateUs(state, entry.spec.definition);
        occupy(state, absentWorker(state, record.worker, record.bootId), entry, token);
        state.counter = Math.max(state.counter, token.counter);
      }
      break;
    case 'unassign':
      for (const id of record.ids) returnToQueue(state, taskOf(id));
      break;
    case 'end':
      for (const { id, end } of record.ends) closeTask(state, taskOf(id), end, nowMs, 'gone');
      break;
    case 'ends-seen':
      dropSeen(sessionOf(record.session), record.sequence);
      break;
    case 'deaths':
      setDeaths(state, record.id, record.definition, record.deaths);
      if (record.deaths >= state.options.deathsMax) state.deadly.add(record.definition);
      break;
    case 'attach':
      state.attachments.set(record.key, record.bytes);
      break;
    case 'detach':
      state.attachments.delete(record.key);
      break;
    case 'snapshot':
      state.epoch = record.epoch;
      state.counter = record.counter;
      break;
    case 'session-at': {
      const session = newSession(record.session, record.tenant);
      session.sequence = record.sequence;
      session.ends = [...record.ends];
      state.sessions.set(record.session, session);
      break;
    }
    case 'ended':
      for (const each of record.tasks) remember(state, each, nowMs);
      break;
  }
}

/** By the journal the worker has tasks; whether it lives will be seen when this head leads. */
function absentWorker(state: SchedulerState, id: WorkerId, bootId: string): WorkerEntry {
  const present = state.workers.get(id);
  if (present?.spec.bootId === bootId) return present;
  for (let entry = present?.tasks.first; entry !== undefined; entry = present?.tasks.first)
    vacate(state, entry);
  const nothing = { cpu: 0, memoryBytes: 0, gpu: 0, custom: {} };
  const words = { labels: {}, host: '', zone: '', dataAddress: '' };
  const worker = newWorker({ id, bootId, slots: 0, resources: nothing, ...words, holds: [] });
  worker.state = 'absent';
  state.workers.set(id, worker);
  return worker;
}

function remember(state: SchedulerState, record: EndedRecord, nowMs: number): void {
  const session = state.sessions.get(record.session) ?? newSession(record.session, '');
  state.tasks.restore(record, session, nowMs);
}

function known<Thing>(thing: Thing | undefined, what: string, id: string, index: number): Thing {
  if (thing === undefined) throw damaged(`Entry ${index} speaks of ${what} "${id}", which is not there.`);
  return thing;
}

const damaged = (reason: string): AnantError =>
  new AnantError('E_JOURNAL', `The journal is damaged. ${reason}`, {
    advice: 'Restore the folder of the journal from a copy, or start with an empty one and submit again.',
  });
