/** Whether a failed attempt is followed by another one, and how the task ends if not. */
import type { Delivery, Random, StartedExecution } from '../contract/index.js';
import { type Backoff, backoffDelayMs } from './backoff.js';
import type { RetryBudget } from './retry-budget.js';

/** An outcome that may be tried again; the timeouts are those of one attempt. */
export type RetryCause = 'lost' | 'app-error' | 'timeout' | 'unknown';

export interface RetryPolicy extends Backoff {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  readonly on: readonly RetryCause[];
}

export interface FailedAttempt {
  readonly cause: RetryCause;
  /** Attempts made so far that were not refused, this one included. */
  readonly attemptsMade: number;
  /** Whether user code may have run in this attempt. */
  readonly started: StartedExecution;
  readonly delivery: Delivery;
  /** The worker says that a retry cannot help. */
  readonly isFinal: boolean;
}

export type RetryDecision =
  | { readonly action: 'retry'; readonly delayMs: number }
  /**
   * - `final`: the policy does not retry this, or the worker says that it cannot help.
   * - `may-have-run`: an at-most-once task that may have run is never tried again; nothing can be said about it.
   * - `attempts-spent`, `budget-spent`: the task's own bound, or the client's.
   */
  | { readonly action: 'end'; readonly why: 'final' | 'may-have-run' | 'attempts-spent' | 'budget-spent' };

export function decideRetry(
  failed: FailedAttempt,
  policy: RetryPolicy,
  budget: RetryBudget,
  random: Random,
): RetryDecision {
  if (failed.delivery === 'at-most-once' && failed.started !== 'no') {
    // An error the task itself raised says exactly what happened; the other causes leave it open.
    return { action: 'end', why: failed.cause === 'app-error' ? 'final' : 'may-have-run' };
  }
  if (failed.isFinal || !policy.on.includes(failed.cause)) return { action: 'end', why: 'final' };
  if (failed.attemptsMade >= policy.attempts) return { action: 'end', why: 'attempts-spent' };
  if (!budget.withdraw()) return { action: 'end', why: 'budget-spent' };
  return { action: 'retry', delayMs: backoffDelayMs(policy, failed.attemptsMade, random) };
}
