/** Drives one lease: performs what its steps ask for and tells what came of it. */
import { randomUUID } from 'node:crypto';
import type { Clock, Random } from '@anant/core';
import {
  type FencingToken,
  type LeaseEffect,
  type LeaseEvent,
  type LeaseOptions,
  type LeaseState,
  type LostReason,
  leaseStep,
  newLease,
} from '../../protocol/lease/index.js';
import type { LeaseAnswer, LeaseStore } from './lease-store.js';

export interface LeaseHolderOptions extends LeaseOptions {
  readonly name: string;
  readonly holder: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly onGained: (token: FencingToken) => void;
  readonly onLost: (token: FencingToken, reason: LostReason) => void;
  /** Another holds it; the lease asks again by itself. */
  readonly onTaken?: (holder: string) => void;
  /** A call to the store failed; the lease tries again by itself. */
  readonly onProblem?: (error: unknown) => void;
}

/** How long the store may take to hear of a release; then the TTL releases. */
const RELEASE_MS_MAX = 1_000;

export class LeaseHolder {
  readonly #store: LeaseStore;
  readonly #options: LeaseHolderOptions;
  #state: LeaseState;
  #cancelWake: (() => void) | undefined;
  #releasing: Promise<void> = Promise.resolve();

  constructor(store: LeaseStore, options: LeaseHolderOptions) {
    this.#store = store;
    this.#options = options;
    this.#state = newLease(options);
  }

  /** The token, while this holder may act. */
  get token(): FencingToken | undefined {
    const { phase } = this.#state;
    return phase.type === 'held' && this.#options.clock.nowMs() < phase.stopAtMs ? phase.token : undefined;
  }

  /** Who else holds it, as the store last said. */
  get otherHolder(): string | undefined {
    return this.#state.holder;
  }

  start(): void {
    this.#dispatch({ type: 'start' });
  }

  /** Ends the lease. Resolves once the store knows, or did not answer in time: then the TTL ends it. */
  async release(): Promise<void> {
    this.#dispatch({ type: 'release' });
    this.#cancelWake?.();
    await this.#releasing;
  }

  #dispatch(event: LeaseEvent): void {
    const { clock, random } = this.#options;
    const [state, effects] = leaseStep(this.#state, event, { nowMs: clock.nowMs(), random });
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: LeaseEffect): void {
    const { name, holder, clock, ttlMs, onGained, onLost } = this.#options;
    switch (effect.type) {
      case 'acquire': {
        const { timeoutMs, request } = effect;
        const operation = randomUUID();
        this.#ask(request, this.#store.acquire({ name, holder, ttlMs, operation, timeoutMs }));
        break;
      }
      case 'recover':
        this.#ask(effect.request, this.#store.recover(effect.timeoutMs));
        break;
      case 'raise': {
        const { token, timeoutMs, request } = effect;
        this.#ask(request, this.#store.raise({ name, holder, token, timeoutMs }));
        break;
      }
      case 'renew': {
        const { token, timeoutMs, request } = effect;
        this.#ask(request, this.#store.renew({ name, holder, token, ttlMs, timeoutMs }));
        break;
      }
      case 'release':
        this.#release(effect.token);
        break;
      case 'gained':
        onGained(effect.token);
        break;
      case 'lost':
        onLost(effect.token, effect.reason);
        break;
      case 'wake':
        this.#cancelWake?.();
        this.#cancelWake = clock.schedule(effect.atMs - clock.nowMs(), () =>
          this.#dispatch({ type: 'tick' }),
        );
    }
  }

  #ask(request: number, answer: Promise<LeaseAnswer>): void {
    answer.then(
      (event) => {
        this.#dispatch({ ...event, request });
        if (event.type === 'taken') this.#options.onTaken?.(event.holder);
      },
      (error) => {
        this.#options.onProblem?.(error);
        this.#dispatch({ type: 'failed', request });
      },
    );
  }

  #release(token: FencingToken): void {
    const { name, holder } = this.#options;
    const released = this.#store.release({ name, holder, token, timeoutMs: RELEASE_MS_MAX });
    this.#releasing = released.catch((error) => this.#options.onProblem?.(error));
  }
}
