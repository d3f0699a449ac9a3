/** What is due: leases, answers, sessions. */
import { expireCancels } from './cancel-answers.js';
import { expireGangTurn } from './gang-turn.js';
import { expireSessions } from './sessions.js';
import type { SchedulerState } from './state.js';
import type { Turn } from './turn.js';
import { removeWorker } from './workers.js';

export function tick(turn: Turn): void {
  const { state, nowMs } = turn;
  const { workerDeadlines } = state;
  for (
    let first = workerDeadlines.first;
    first !== undefined && first.dueMs <= nowMs;
    first = workerDeadlines.first
  )
    removeWorker(turn, first, first.isConnected || first.state === 'absent' ? 'unreachable' : 'died');
  expireCancels(turn);
  expireGangTurn(state, nowMs);
  expireSessions(turn);
}

/** Asks to be woken when the next thing is due, if that is earlier than was asked for, or the time asked for passed. */
export function wake(turn: Turn): void {
  const { state, nowMs } = turn;
  const dueMs = nextDueMs(state);
  if (dueMs === Number.POSITIVE_INFINITY || (dueMs >= state.wakeMs && state.wakeMs > nowMs)) return;
  state.wakeMs = dueMs;
  turn.effects.push({ type: 'wake', atMs: dueMs });
}

function nextDueMs({ workerDeadlines, cancels, sessionDeadlines, gangTurn }: SchedulerState): number {
  const never = Number.POSITIVE_INFINITY;
  return Math.min(
    workerDeadlines.first?.dueMs ?? never,
    cancels.first?.dueMs ?? never,
    sessionDeadlines.first?.dueMs ?? never,
    gangTurn?.untilMs ?? never,
  );
}
