/** The actors that live in this process, by name. */
import {
  type ActorId,
  type ActorSpecification,
  AnantError,
  type AttemptOutcome,
  type CancelAnswer,
} from '@anant/core';
import type { Attempt } from '../attempt.js';
import type { PreparedInput } from '../prepared-input.js';
import type { LiveActor } from './live-actor.js';

export interface ActorTableOptions {
  readonly actorsMax: number;
  readonly make: (specification: ActorSpecification, onGone: () => void) => LiveActor;
}

export class ActorTable {
  readonly #options: ActorTableOptions;
  readonly #actors = new Map<ActorId, LiveActor>();
  readonly #actorOf = new Map<Attempt, LiveActor>();

  constructor(options: ActorTableOptions) {
    this.#options = options;
  }

  /** @throws AnantError when the name is taken, there are too many, or the constructor throws */
  async start(specification: ActorSpecification, onGone: () => void): Promise<void> {
    const { id } = specification;
    if (this.#actors.has(id)) {
      throw new AnantError('E_TASK_INVALID', `An actor "${id}" lives already.`, {
        advice: 'Stop it first, or choose another name.',
      });
    }
    if (this.#actors.size >= this.#options.actorsMax) {
      throw new AnantError(
        'E_BACKEND_UNAVAILABLE',
        `${this.#actors.size} actors live already; no more may.`,
        {
          advice: 'Stop actors that are no longer needed, or raise actorsMax.',
        },
      );
    }
    const actor: LiveActor = this.#options.make(specification, () => {
      if (this.#actors.get(id) === actor) this.#actors.delete(id);
      onGone();
    });
    this.#actors.set(id, actor);
    await actor.start();
  }

  async stop(id: ActorId): Promise<void> {
    await this.#actors.get(id)?.stop('Its actor was stopped.');
  }

  async stopAll(reason: string): Promise<void> {
    await Promise.all([...this.#actors.values()].map((actor) => actor.stop(reason)));
  }

  /** @returns why the call cannot be made, if so. */
  call(attempt: Attempt, input: PreparedInput): AttemptOutcome | undefined {
    const { actor: id } = attempt.envelope.actor!;
    const actor = this.#actors.get(id);
    if (!actor) {
      return {
        status: 'refused',
        code: 'E_TASK_NOT_FOUND',
        reason: `No actor "${id}" lives here: it was never started, was stopped, or its worker ended.`,
        advice: 'Start the actor again; what it knew is gone.',
      };
    }
    this.#actorOf.set(attempt, actor);
    actor.call(attempt, input);
    return undefined;
  }

  /** Takes back a call that has not begun; the caller ends it. @returns whether it did. */
  takeBack(attempt: Attempt): boolean {
    return this.#actorOf.get(attempt)?.takeBack(attempt) ?? false;
  }

  cancel(attempt: Attempt, how: 'ask' | 'kill'): CancelAnswer {
    return this.#actorOf.get(attempt)?.cancel(attempt, how) ?? 'already-done';
  }

  /** Says that a call has ended. */
  ended(attempt: Attempt): void {
    this.#actorOf.delete(attempt);
  }
}
