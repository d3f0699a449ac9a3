/** Drivers' conversations: opened, resumed with the ends that were missed, closed. */
import { decided } from './attempt-end.js';
import { endTask } from './end-task.js';
import type { SessionEntry } from './entries.js';
import type { SchedulerState } from './state.js';
import type { SessionId } from './task-spec.js';
import type { Turn } from './turn.js';

export function newSession(id: SessionId, tenant: string): SessionEntry {
  return {
    id,
    tenant,
    open: 0,
    ends: [],
    endsHead: 0,
    sequence: 0,
    isConnected: true,
    dueMs: 0,
    heapIndex: -1,
  };
}

export function openSession(turn: Turn, id: SessionId, tenant: string): void {
  const { state } = turn;
  const known = state.sessions.get(id);
  if (known !== undefined) {
    resumeSession(turn, id, 0);
    return;
  }
  if (state.role !== 'leader' || state.sessions.size >= state.options.limits.sessionsMax) {
    turn.effects.push({ type: 'session-state', session: id, state: 'unknown' });
    return;
  }
  state.sessions.set(id, newSession(id, tenant));
  turn.records.push({ type: 'session-open', session: id, tenant });
  turn.effects.push({ type: 'session-state', session: id, state: 'open' });
}

export function resumeSession(turn: Turn, id: SessionId, endsSeen: number): void {
  const { state } = turn;
  const session = state.sessions.get(id);
  turn.effects.push({ type: 'session-state', session: id, state: session ? 'open' : 'unknown' });
  if (session === undefined) return;
  session.isConnected = true;
  state.sessionDeadlines.delete(session);
  seen(turn, session, endsSeen);
  turn.resent.push(id);
}

export function endsSeen(turn: Turn, id: SessionId, sequence: number): void {
  const session = turn.state.sessions.get(id);
  if (session !== undefined) seen(turn, session, sequence);
}

function seen(turn: Turn, session: SessionEntry, sequence: number): void {
  if (!dropSeen(session, sequence)) return;
  turn.records.push({ type: 'ends-seen', session: session.id, sequence });
}

/** Forgets the ends up to `sequence`. @returns whether there were any. */
export function dropSeen(session: SessionEntry, sequence: number): boolean {
  const before = session.endsHead;
  while (session.endsHead < session.ends.length && session.ends[session.endsHead]!.sequence <= sequence)
    session.endsHead += 1;
  const isChanged = session.endsHead > before;
  if (session.endsHead * 2 >= session.ends.length && session.endsHead > 0) {
    session.ends = session.ends.slice(session.endsHead);
    session.endsHead = 0;
  }
  return isChanged;
}

export function disconnectSession(turn: Turn, id: SessionId): void {
  const { state } = turn;
  const session = state.sessions.get(id);
  if (session === undefined) return;
  session.isConnected = false;
  state.sessionDeadlines.set(session, turn.nowMs + state.options.sessionRetainMs);
}

/** What is still open is cancelled: nobody is there to hear of it. */
export function closeSession(turn: Turn, id: SessionId): void {
  const { state } = turn;
  const session = state.sessions.get(id);
  if (session === undefined) return;
  for (const entry of [...state.tasks.open()]) {
    if (entry.session !== session) continue;
    if (entry.worker && entry.token) {
      const { id: task, attempt } = entry;
      turn.revoked.add(entry.worker.id, {
        id: task,
        attempt,
        token: entry.token,
        action: 'drop',
        how: 'kill',
      });
    }
    endTask(turn, entry, decided({ status: 'cancelled', how: 'kill' }), 'may-run');
  }
  turn.recordEnds();
  turn.records.push({ type: 'session-close', session: id });
  forgetSession(state, session);
}

export function forgetSession(state: SchedulerState, session: SessionEntry): void {
  state.sessions.delete(session.id);
  state.sessionDeadlines.delete(session);
}

export function expireSessions(turn: Turn): void {
  const { sessionDeadlines } = turn.state;
  for (
    let first = sessionDeadlines.first;
    first !== undefined && first.dueMs <= turn.nowMs;
    first = sessionDeadlines.first
  )
    closeSession(turn, first.id);
}
