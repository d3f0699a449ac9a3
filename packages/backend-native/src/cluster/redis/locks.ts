/**
 * Named locks with fencing tokens. A lock keeps others from doing the same work twice; what makes a result safe is
 * the token, checked where it is written (`FenceGate`): a holder that was paused may believe in its lock too long.
 */
import { randomUUID } from 'node:crypto';
import { AnantError, type Clock, type Random, systemClock } from '@anant/core';
import type { FencingToken, LostReason } from '../../protocol/lease/index.js';
import { LeaseHolder } from './lease-holder.js';
import type { LeaseStore } from './lease-store.js';

export interface LockOptions {
  /** @default 9,000 */
  readonly ttlMs?: number;
  /** How long to wait for another holder. @default 0: one try */
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
}

export interface Lock extends AsyncDisposable {
  readonly name: string;
  readonly token: FencingToken;
  /** Aborted with `E_LEASE_LOST` when the lock can no longer be relied on; by this process's own clock. */
  readonly signal: AbortSignal;
  release(): Promise<void>;
}

export interface LocksOptions {
  /** Names this process in `taken` messages. */
  readonly nodeId: string;
  readonly clock?: Clock;
  readonly random?: Random;
}

const TTL_MS = 9_000;
/** What one try may take when no wait was asked for. */
const TRY_MS = 2_000;
/** Longest name of a lock. */
const NAME_CHARACTERS_MAX = 200;

export class Locks {
  readonly #store: LeaseStore;
  readonly #options: Required<LocksOptions>;

  constructor(store: LeaseStore, options: LocksOptions) {
    this.#store = store;
    this.#options = { clock: systemClock, random: Math.random, ...options };
  }

  /**
   * Takes a lock, waiting up to `waitMs`.
   * @throws AnantError `E_LEASE_HELD` when another has it, `E_REDIS_UNREACHABLE` when the store did not answer.
   */
  acquire(name: string, options: LockOptions = {}): Promise<Lock> {
    if (name === '' || name.length > NAME_CHARACTERS_MAX)
      throw new TypeError(`A lock's name has 1 to ${NAME_CHARACTERS_MAX} characters, not ${name.length}.`);
    const { clock, random, nodeId } = this.#options;
    const { ttlMs = TTL_MS, waitMs = 0, signal } = options;
    return new Promise((resolve, reject) => {
      const lost = new AbortController();
      let problem: unknown;
      const settle = () => {
        cancelWait();
        signal?.removeEventListener('abort', giveUp);
      };
      const giveUp = () => {
        settle();
        void holder.release();
        reject(signal?.aborted ? signal.reason : notObtained(name, holder.otherHolder, problem));
      };
      const holder = new LeaseHolder(this.#store, {
        name,
        holder: `${nodeId}/${randomUUID()}`,
        ttlMs,
        clock,
        random,
        onGained: (token) => {
          settle();
          const release = () => holder.release();
          resolve({ name, token, signal: lost.signal, release, [Symbol.asyncDispose]: release });
        },
        onTaken: () => {
          if (waitMs === 0) giveUp();
        },
        onLost: (_, reason) => lost.abort(leaseLost(name, reason)),
        onProblem: (error) => {
          problem = error;
        },
      });
      const cancelWait = clock.schedule(Math.max(waitMs, TRY_MS), giveUp);
      signal?.addEventListener('abort', giveUp, { once: true });
      if (signal?.aborted) giveUp();
      else holder.start();
    });
  }

  /** Runs `work` under a lock and releases it after, however `work` ends. */
  async run<Value>(name: string, options: LockOptions, work: (lock: Lock) => Promise<Value>): Promise<Value> {
    const lock = await this.acquire(name, options);
    try {
      return await work(lock);
    } finally {
      await lock.release();
    }
  }
}

export function leaseLost(name: string, reason: LostReason): AnantError {
  const texts: Record<LostReason, string> = {
    expired: 'the store did not renew it in time',
    refused: 'the store gave it to another or lost it',
    'store-regressed': 'the store lost data or moved to another server',
  };
  return new AnantError('E_LEASE_LOST', `The lease "${name}" ended: ${texts[reason]}.`, {
    retryable: true,
    advice: 'Stop what it protected; take it again for new work.',
    details: { name, reason },
  });
}

function notObtained(name: string, holder: string | undefined, cause: unknown): AnantError {
  if (holder === undefined && cause !== undefined)
    return new AnantError('E_REDIS_UNREACHABLE', `The lease "${name}" could not be asked for.`, {
      cause,
      retryable: true,
    });
  return new AnantError('E_LEASE_HELD', `The lease "${name}" is held by ${holder ?? 'another'}.`, {
    retryable: true,
    advice: 'Wait longer (waitMs), or try again later.',
    details: { name, holder },
  });
}
