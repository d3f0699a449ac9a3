/** Answers to cancel requests that wait for what a worker does. */
import type { AttemptOutcome, CancelAnswer } from '@anant/core';
import type { PendingCancel, TaskEntry } from './entries.js';
import type { Turn } from './turn.js';

/** A task that was asked to stop has begun: it may still end `ok`. Those that wait for a kill go on waiting. */
export function answerAtStart(turn: Turn, entry: TaskEntry): void {
  answerThose(turn, entry, 'requested', ({ how }) => how === 'ask');
}

/** However the task ended, those that wait are answered. */
export function answerAtEnd(turn: Turn, entry: TaskEntry, status: AttemptOutcome['status']): void {
  answerThose(turn, entry, status === 'cancelled' ? 'cancelled' : 'already-done', () => true);
}

function answerThose(
  turn: Turn,
  entry: TaskEntry,
  answer: CancelAnswer,
  isMeant: (pending: PendingCancel) => boolean,
): void {
  if (entry.cancels === undefined) return;
  const rest: PendingCancel[] = [];
  for (const pending of entry.cancels) {
    if (!isMeant(pending)) {
      rest.push(pending);
      continue;
    }
    turn.state.cancels.delete(pending);
    const { id, attempt } = entry.spec;
    turn.answers.add(entry.session.id, { id, attempt, request: pending.request, answer });
  }
  entry.cancels = rest.length === 0 ? undefined : rest;
}

/** The worker did not act in time. */
export function expireCancels(turn: Turn): void {
  const { cancels } = turn.state;
  for (let first = cancels.first; first !== undefined && first.dueMs <= turn.nowMs; first = cancels.first) {
    const late = first;
    answerThose(turn, late.entry, 'requested', (pending) => pending === late);
  }
}
