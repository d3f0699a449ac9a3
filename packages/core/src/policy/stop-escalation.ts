/** Stopping a running attempt in steps: what to ask for first, and what when that has not ended it. */
import type { CancelAnswer, CancelStrategy } from '../contract/index.js';

export interface StopPolicy {
  readonly how: CancelStrategy;
  /** Patience after `ask`. */
  readonly graceMs: number;
  readonly escalate: 'kill' | 'forget';
}

/** What follows an answer; `wait` means for `graceMs`, then `afterGrace`; `done` means for the attempt's end. */
export type StopStep = 'done' | 'wait' | CancelStrategy;

/** @param canKill Whether the backend can end user code by force. */
export function firstStop(policy: StopPolicy, canKill: boolean): CancelStrategy {
  return policy.how === 'kill' && !canKill ? 'ask' : policy.how;
}

/** @param answer What the backend said to `asked`. */
export function nextStop(
  asked: CancelStrategy,
  answer: CancelAnswer,
  policy: StopPolicy,
  canKill: boolean,
): StopStep {
  if (asked === 'forget' || answer === 'cancelled' || answer === 'already-done') return 'done';
  if (answer === 'unknown-task') return 'forget';
  if (answer === 'unsupported') return afterGrace(asked, policy, canKill);
  return 'wait';
}

/** What follows when `asked` has not ended the attempt in time. */
export function afterGrace(asked: CancelStrategy, policy: StopPolicy, canKill: boolean): 'kill' | 'forget' {
  if (asked !== 'ask' || !canKill) return 'forget';
  return policy.escalate;
}
