/** Cancel requests. What waits is cancelled at once; of what a worker has, the answer says what really happened. */
import type { CancelAnswer } from '@anant/core';
import { decided } from './attempt-end.js';
import { endTask } from './end-task.js';
import type { PendingCancel, SessionEntry, TaskEntry } from './entries.js';
import type { CancelSpec, SessionId } from './task-spec.js';
import type { Turn } from './turn.js';

/** Requests that may wait for one task; further ones are answered `requested` at once. */
const PENDING_MAX = 8;

export function cancel(turn: Turn, sessionId: SessionId, requests: readonly CancelSpec[]): void {
  const session = turn.state.sessions.get(sessionId);
  for (const request of requests) {
    const answer = session === undefined ? 'unknown-task' : act(turn, session, request);
    if (answer !== undefined) say(turn, sessionId, request, answer);
  }
}

function act(turn: Turn, session: SessionEntry, request: CancelSpec): CancelAnswer | undefined {
  const { state } = turn;
  const known = state.tasks.find(request.id, turn.nowMs);
  if (known === undefined) return 'unknown-task';
  if (known.session !== session || known.attempt < request.attempt) return 'unknown-task';
  if (known.state === 'ended' || known.attempt > request.attempt) return 'already-done';
  const entry = known;
  if (entry.worker === undefined || request.how === 'forget') {
    if (entry.worker) tell(turn, entry, 'drop', request.how);
    endTask(turn, entry, decided({ status: 'cancelled', how: request.how }), 'may-run');
    return 'cancelled';
  }
  tell(turn, entry, 'stop', request.how);
  if (request.how === 'ask' && entry.state === 'running') return 'requested';
  entry.cancels ??= [];
  if (entry.cancels.length >= PENDING_MAX) return 'requested';
  const pending: PendingCancel = {
    entry,
    request: request.request,
    how: request.how,
    dueMs: 0,
    heapIndex: -1,
  };
  entry.cancels.push(pending);
  state.cancels.set(pending, turn.nowMs + state.options.cancelAnswerMs);
  return undefined;
}

function tell(turn: Turn, entry: TaskEntry, action: 'drop' | 'stop', how: CancelSpec['how']): void {
  const { id, attempt } = entry.spec;
  turn.revoked.add(entry.worker!.id, { id, attempt, token: entry.token!, action, how });
}

function say(
  turn: Turn,
  session: SessionId,
  { id, attempt, request }: CancelSpec,
  answer: CancelAnswer,
): void {
  turn.answers.add(session, { id, attempt, request, answer });
}
