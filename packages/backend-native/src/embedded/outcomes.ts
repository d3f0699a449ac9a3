/** Outcomes in the words of the contract. */
import { AnantError, type AttemptOutcome, type CancelStrategy, describeError } from '@anant/core';

/** Turns Anant's own error into a refusal; anything else is a bug in a definition and says so. */
export function refusedBy(thrown: unknown): AttemptOutcome {
  if (!AnantError.is(thrown)) {
    const { type, message } = describeError(thrown);
    return {
      status: 'refused',
      code: 'E_TASK_INVALID',
      reason: `The task cannot be run: ${type}: ${message}`,
    };
  }
  const { code, message, advice } = thrown;
  return { status: 'refused', code, reason: message, ...(advice !== undefined && { advice }) };
}

/** A result that cannot be kept or carried: an error of the task that a retry does not mend. */
export function unusableResult(thrown: unknown): AttemptOutcome {
  return { status: 'app-error', error: { ...describeError(thrown), retryable: false } };
}

export const cancelledBy = (how: CancelStrategy): AttemptOutcome => ({ status: 'cancelled', how });

/** The end of a task that never began. */
export const lostBeforeStart = (reason: string): AttemptOutcome => ({
  status: 'lost',
  reason,
  started: 'no',
});
