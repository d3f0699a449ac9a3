/** Actors that are being made: an attempt like any other on the wire, which only this backend knows of. */
import { randomUUID } from 'node:crypto';
import {
  type ActorSpecification,
  AnantError,
  type AttemptOutcome,
  isErrorCode,
  reviveError,
  type TaskEnvelope,
  type TaskEvent,
} from '@anant/core';
import { CONSTRUCT } from './prepare-task.js';

export class ActorStarts {
  readonly #open = new Map<string, (outcome: AttemptOutcome) => void>();

  /** The attempt that makes an actor, and what becomes of it. */
  begin({ id, definition, input, options }: ActorSpecification): {
    readonly envelope: TaskEnvelope;
    readonly made: Promise<void>;
  } {
    const envelope: TaskEnvelope = {
      id: `actor-${randomUUID()}`,
      attempt: 1,
      definition,
      input,
      references: [],
      options: { ...options, output: 'value' },
      actor: { actor: id, method: CONSTRUCT },
    };
    const made = new Promise<void>((resolve, reject) => {
      this.#open.set(envelope.id, (outcome) => {
        if (outcome.status === 'ok') resolve();
        else reject(errorOf(id, outcome));
      });
    });
    return { envelope, made };
  }

  /** Takes what it waits for out of the events; the rest is the client's. */
  take(events: readonly TaskEvent[]): readonly TaskEvent[] {
    if (this.#open.size === 0) return events;
    return events.filter((event) => {
      if (!('id' in event)) return true;
      const settle = this.#open.get(event.id);
      if (settle === undefined) return true;
      if (event.type === 'task-end') {
        this.#open.delete(event.id);
        settle(event.outcome);
      }
      return false;
    });
  }
}

function errorOf(actor: string, outcome: AttemptOutcome): Error {
  if (outcome.status === 'app-error') return reviveError(outcome.error);
  if (outcome.status === 'refused') {
    const { code, reason, advice } = outcome;
    return new AnantError(isErrorCode(code) ? code : 'E_TASK_INVALID', reason, { ...(advice && { advice }) });
  }
  const reason = 'reason' in outcome ? `: ${outcome.reason}` : '';
  return new AnantError(
    'E_LOST',
    `The actor "${actor}" was lost while it was made (${outcome.status}${reason}).`,
    {
      retryable: true,
    },
  );
}
