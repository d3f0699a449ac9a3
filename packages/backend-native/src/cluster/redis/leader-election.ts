/**
 * One leader among several heads: a lease whose every grant raises the epoch, durably, before it counts. A leader's
 * epoch is higher than that of every leader before it, whatever Redis lost in between.
 */
import { randomUUID } from 'node:crypto';
import { type Clock, type Random, systemClock } from '@anant/core';
import { LeaseHolder } from './lease-holder.js';
import type { LeaseStore } from './lease-store.js';
import { leaseLost } from './locks.js';

/** Name of the lease of the head that leads. */
export const LEADER_LEASE = 'leader';

export type Leadership =
  | { readonly type: 'leader'; readonly epoch: number; readonly signal: AbortSignal }
  /** `leader` is the node that the store last named. */
  | { readonly type: 'follower'; readonly leader: string | undefined };

export interface LeaderElectionOptions {
  readonly nodeId: string;
  /** @default 'leader' */
  readonly name?: string;
  /** A killed leader is replaced after about this long. @default 3,000 */
  readonly ttlMs?: number;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Called at every change; at the end of leadership before anyone else can be leader. */
  readonly onChange?: (leadership: Leadership) => void;
  /** The store did not answer; the election goes on by itself. */
  readonly onProblem?: (error: unknown) => void;
}

const TTL_MS = 3_000;

export class LeaderElection {
  readonly #lease: LeaseHolder;
  readonly #nodeId: string;
  #term: { readonly epoch: number; readonly lost: AbortController } | undefined;

  constructor(store: LeaseStore, options: LeaderElectionOptions) {
    const { nodeId, name = LEADER_LEASE, ttlMs = TTL_MS, onChange, onProblem } = options;
    this.#nodeId = nodeId;
    this.#lease = new LeaseHolder(store, {
      name,
      holder: `${nodeId}/${randomUUID()}`,
      ttlMs,
      kind: 'leader',
      whenLost: 'campaign',
      clock: options.clock ?? systemClock,
      random: options.random ?? Math.random,
      onGained: ({ epoch }) => {
        this.#term = { epoch, lost: new AbortController() };
        onChange?.(this.current);
      },
      onLost: (_, reason) => {
        const term = this.#term;
        this.#term = undefined;
        term?.lost.abort(leaseLost(name, reason));
        onChange?.(this.current);
      },
      ...(onProblem && { onProblem }),
    });
  }

  start(): void {
    this.#lease.start();
  }

  /** A leader that was paused too long is a follower here at once, before its lease notices. */
  get current(): Leadership {
    const term = this.#term;
    if (term && this.#lease.token?.epoch === term.epoch)
      return { type: 'leader', epoch: term.epoch, signal: term.lost.signal };
    return { type: 'follower', leader: term ? this.#nodeId : this.#lease.otherHolder?.split('/')[0] };
  }

  /** Gives leadership up, so that another takes over at once, and campaigns no more. */
  async stop(): Promise<void> {
    this.#term?.lost.abort(leaseLost(LEADER_LEASE, 'refused'));
    this.#term = undefined;
    await this.#lease.release();
  }
}
