/** Drives the production steps of a leader's lease: performs what they ask for, and tells what came of it. */
import {
  type LeaseEffect,
  type LeaseEvent,
  type LeaseState,
  leaseStep,
  newLease,
} from '../../../protocol/lease/index.js';
import type { SimWorld } from '../../sim-world.js';
import type { RedisClient } from './redis-client.js';
import type { RedisAnswer } from './redis-model.js';
import { ask, run, type Script } from './script.js';

export interface ElectionOptions {
  readonly world: SimWorld;
  readonly node: number;
  readonly redis: RedisClient;
  /** Unique to this election of this process. */
  readonly holder: string;
  readonly ttlMs: number;
  /** Asked before it asks for the lease: a reason why this head may not lead, or nothing. */
  readonly check: () => Script<string | undefined>;
  /** Highest epoch that any head knows; undefined when one of them does not answer. */
  readonly highest: () => Script<number | undefined>;
  readonly onGained: (epoch: number) => void;
  readonly onLost: () => void;
}

export class Election {
  readonly #options: ElectionOptions;
  #state: LeaseState;
  #operations = 0;

  constructor(options: ElectionOptions) {
    this.#options = options;
    this.#state = newLease({ ttlMs: options.ttlMs, kind: 'leader', whenLost: 'campaign' });
  }

  /** Whether this head may decide, by its own clock. */
  get isLeading(): boolean {
    const { phase } = this.#state;
    return phase.type === 'held' && this.#nowMs < phase.stopAtMs;
  }

  start(): void {
    this.#dispatch({ type: 'start' });
  }

  /** Gives up, and campaigns no more. */
  stop(): void {
    this.#dispatch({ type: 'release' });
  }

  get #nowMs(): number {
    return this.#options.world.localMs(this.#options.node);
  }

  #dispatch(event: LeaseEvent): void {
    const { random } = this.#options.world;
    const [state, effects] = leaseStep(this.#state, event, { nowMs: this.#nowMs, random });
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: LeaseEffect): void {
    const { world, node, onGained, onLost } = this.#options;
    if (effect.type === 'wake')
      world.setTimer(node, effect.atMs - this.#nowMs, () => this.#dispatch({ type: 'tick' }));
    else if (effect.type === 'gained') onGained(effect.token.epoch);
    else if (effect.type === 'lost') onLost();
    else
      run(this.#ask(effect), (answer) => {
        if (effect.type !== 'release') this.#heard(effect.request, answer);
      });
  }

  #heard(request: number, answer: RedisAnswer | undefined): void {
    if (answer === undefined) this.#dispatch({ type: 'failed', request });
    else this.#dispatch({ ...answer, request } as LeaseEvent);
  }

  *#ask(effect: Exclude<LeaseEffect, { type: 'wake' | 'gained' | 'lost' }>): Script<RedisAnswer | undefined> {
    const { redis, holder, ttlMs, check, highest } = this.#options;
    switch (effect.type) {
      case 'acquire': {
        if ((yield* check()) !== undefined) return undefined;
        this.#operations += 1;
        const operation = `${holder}/${this.#operations}`;
        return yield* redis.acquire({ holder, ttlMs, operation }, effect.timeoutMs);
      }
      case 'recover': {
        const epoch = yield* highest();
        return epoch === undefined ? undefined : yield* redis.recover(epoch, effect.timeoutMs);
      }
      case 'raise':
        return yield* redis.raise(holder, effect.token, effect.timeoutMs);
      case 'renew':
        return yield* ask(redis.ask({ op: 'renew', holder, token: effect.token, ttlMs }, effect.timeoutMs));
      case 'release':
        return yield* ask(redis.ask({ op: 'release', holder, token: effect.token }, ttlMs));
    }
  }
}
