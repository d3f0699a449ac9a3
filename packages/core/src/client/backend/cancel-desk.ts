/** Collects cancellations and sends them to a backend as one batch, so that a storm of them is one call. */
import type { BackendV1, CancelAnswer, CancelRequest, Clock } from '../../contract/index.js';
import { AnantError } from '../../error/index.js';
import { withDeadline } from '../deadline.js';
import { CANCEL_TIMEOUT_MS } from '../limits.js';

interface Asked {
  readonly request: CancelRequest;
  readonly resolve: (answer: CancelAnswer) => void;
  readonly reject: (error: Error) => void;
}

export class CancelDesk {
  readonly #clock: Clock;
  #asked: Asked[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws AnantError `E_BACKEND_UNAVAILABLE` when the backend does not answer within 10 seconds. */
  ask(backend: BackendV1, request: CancelRequest): Promise<CancelAnswer> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ request, resolve, reject });
      if (this.#asked.length === 1) queueMicrotask(() => void this.#send(backend));
    });
  }

  async #send(backend: BackendV1): Promise<void> {
    const asked = this.#asked;
    this.#asked = [];
    try {
      const answers = await withDeadline(
        this.#clock,
        CANCEL_TIMEOUT_MS,
        backend.doCancel(asked.map(({ request }) => request)),
        () => unanswered(backend, `did not answer within ${CANCEL_TIMEOUT_MS} ms`),
      );
      asked.forEach(({ resolve, reject }, index) => {
        const answer = answers[index];
        if (answer === undefined) reject(unanswered(backend, 'left a request unanswered'));
        else resolve(answer);
      });
    } catch (cause) {
      const error = AnantError.is(cause) ? cause : unanswered(backend, 'threw', cause);
      for (const { reject } of asked) reject(error);
    }
  }
}

function unanswered(backend: BackendV1, what: string, cause?: unknown): AnantError {
  return new AnantError('E_BACKEND_UNAVAILABLE', `Backend "${backend.id}" ${what} when asked to cancel.`, {
    retryable: true,
    ...(cause !== undefined && { cause }),
  });
}
