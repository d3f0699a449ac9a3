/** Stopping a running attempt in steps: what to ask for first, and what when that has not ended it. */
import type { CancelAnswer, CancelStrategy } from '../contract/index.js';

export interface StopPolicy {
  readonly how: CancelStrategy;
  /** Patience after `ask`. */
  readonly graceMs: number;
  readonly escalate: 'kill' | 'forget';
}

/** What to do when the backend has answered a request; `wait` means for `graceMs`, then `afterGrace`. */
export type StopStep = 'done' | 'wait' | CancelStrategy;

/** @param canKill Whether the backend can end user code by force. */
export function firstStop(policy: StopPolicy, canKill: boolean): CancelStrategy {
  return policy.how === 'kill' && !canKill ? 'ask' : policy.how;
}

export function nextStop(
  asked: CancelStrategy,
  answer: CancelAnswer,
  policy: StopPolicy,
  canKill: boolean,
): StopStep {
  if (asked === 'forget' || answer === 'cancelled' || answer === 'already-done') return 'done';
  if (answer === 'unknown-task') return 'forget';
  if (answer === 'unsupported') return asked === 'ask' ? afterGrace(policy, canKill) : 'forget';
  return asked === 'ask' ? 'wait' : 'done';
}

export function afterGrace(policy: StopPolicy, canKill: boolean): 'kill' | 'forget' {
  return canKill && (policy.escalate === 'kill' || policy.how === 'kill') ? 'kill' : 'forget';
}
