/** What a holder of a lease knows, what can happen to it, and what it asks its driver to do. */
import type { FencingToken } from '../fencing-token.js';

export interface LeaseOptions {
  /** How long the store keeps a grant, milliseconds. */
  readonly ttlMs: number;
  /** The holder stops this long before the store may give the lease to another. @default a tenth of the TTL, 50 at least */
  readonly marginMs?: number;
  /** `leader`: every grant raises the epoch durably before it counts. @default 'lock' */
  readonly kind?: 'lock' | 'leader';
  /** What becomes of a lease that was lost. @default 'end' */
  readonly whenLost?: 'end' | 'campaign';
}

export interface ResolvedLeaseOptions {
  readonly ttlMs: number;
  readonly marginMs: number;
  readonly renewMs: number;
  /** Longest wait for one answer: several fit between a renewal and the end. */
  readonly answerMs: number;
  readonly kind: 'lock' | 'leader';
  readonly whenLost: 'end' | 'campaign';
}

/** @throws TypeError when the times do not fit together. */
export function resolveLeaseOptions(options: LeaseOptions): ResolvedLeaseOptions {
  const { ttlMs, marginMs = Math.max(50, ttlMs / 10), kind = 'lock', whenLost = 'end' } = options;
  const renewMs = ttlMs / 3;
  if (!(ttlMs >= 100) || !(marginMs > 0) || !(renewMs + marginMs < ttlMs)) {
    throw new TypeError(`A lease of ${ttlMs} ms with a margin of ${marginMs} ms cannot be renewed in time.`);
  }
  return { ttlMs, marginMs, renewMs, answerMs: ttlMs / 6, kind, whenLost };
}

export type LeasePhase =
  | { readonly type: 'idle' }
  /** A request is on its way; `sentAtMs` is when the first copy of it was sent. */
  | { readonly type: 'asking'; readonly request: number; readonly sentAtMs: number }
  /** The store lost data or has a new identity: the epoch is being raised. */
  | { readonly type: 'recovering'; readonly request: number }
  /** Granted, but a leader's epoch is not durable yet. */
  | {
      readonly type: 'raising';
      readonly request: number;
      readonly stopAtMs: number;
      readonly token: FencingToken;
    }
  | { readonly type: 'waiting'; readonly untilMs: number }
  | {
      readonly type: 'held';
      readonly token: FencingToken;
      /** From here on the holder must not act, whatever the store says. */
      readonly stopAtMs: number;
      readonly renewAtMs: number;
      readonly renewal?: { readonly request: number; readonly sentAtMs: number };
    }
  | { readonly type: 'ended' };

export interface LeaseState {
  readonly options: ResolvedLeaseOptions;
  readonly phase: LeasePhase;
  /** Numbers requests, so that answers to older ones are recognised. */
  readonly requests: number;
  /** Failures in a row, for the backoff. */
  readonly failures: number;
  /** Who holds it, as the store last said. */
  readonly holder: string | undefined;
}

export type LeaseEvent =
  | { readonly type: 'start' }
  | { readonly type: 'tick' }
  | { readonly type: 'granted'; readonly request: number; readonly token: FencingToken }
  | {
      readonly type: 'taken';
      readonly request: number;
      readonly holder: string;
      readonly remainingMs: number;
    }
  /** The store's data is older than the epoch, or another process serves it than the one the epoch was given to. */
  | { readonly type: 'regressed'; readonly request: number }
  | { readonly type: 'recovered'; readonly request: number }
  | { readonly type: 'raised'; readonly request: number; readonly epoch: number }
  | { readonly type: 'renewed'; readonly request: number }
  /** The store says the lease is another's, or nobody's. */
  | { readonly type: 'refused'; readonly request: number }
  | { readonly type: 'failed'; readonly request: number }
  | { readonly type: 'release' };

export type LostReason = 'expired' | 'refused' | 'store-regressed';

export type LeaseEffect =
  | { readonly type: 'acquire'; readonly request: number; readonly timeoutMs: number }
  | { readonly type: 'recover'; readonly request: number; readonly timeoutMs: number }
  | {
      readonly type: 'raise';
      readonly request: number;
      readonly token: FencingToken;
      readonly timeoutMs: number;
    }
  | {
      readonly type: 'renew';
      readonly request: number;
      readonly token: FencingToken;
      readonly timeoutMs: number;
    }
  | { readonly type: 'release'; readonly token: FencingToken }
  | { readonly type: 'gained'; readonly token: FencingToken; readonly stopAtMs: number }
  | { readonly type: 'lost'; readonly token: FencingToken; readonly reason: LostReason }
  | { readonly type: 'wake'; readonly atMs: number };

export interface LeaseContext {
  /** Monotonic. */
  readonly nowMs: number;
  readonly random: () => number;
}
