/** What a driver says when it cannot take or do something. */
import { AnantError, type AttemptOutcome } from '@anant/core';

export const QUEUE_FULL: AttemptOutcome = {
  status: 'refused',
  code: 'E_QUEUE_FULL',
  reason: 'As many attempts are open as the backend holds.',
  advice: 'Wait for some to end, or raise windowTasks.',
};

export function unavailable(reason: string): AnantError {
  return new AnantError('E_BACKEND_UNAVAILABLE', `The cluster cannot be used: ${reason}`, {
    advice: 'Check that a head runs at this address: `npx anant status`.',
    retryable: true,
  });
}
