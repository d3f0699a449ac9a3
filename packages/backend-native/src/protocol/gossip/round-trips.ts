/** How long peers take to answer: smoothed per peer and over all, as RFC 6298 section 2 does for TCP. */
import type { MemberIndex } from './types.js';

interface Estimate {
  smoothedMs: number;
  variationMs: number;
}

export interface RoundTripOptions {
  readonly timeoutMsMin: number;
  readonly timeoutMsMax: number;
  readonly peersMax: number;
}

export class RoundTrips {
  readonly #options: RoundTripOptions;
  readonly #peers = new Map<MemberIndex, Estimate>();
  #all: Estimate | undefined;

  constructor(options: RoundTripOptions) {
    this.#options = options;
  }

  measure(peer: MemberIndex, elapsedMs: number): void {
    this.#all = updated(this.#all, elapsedMs);
    const estimate = updated(this.#peers.get(peer), elapsedMs);
    this.#peers.delete(peer);
    this.#peers.set(peer, estimate);
    if (this.#peers.size <= this.#options.peersMax) return;
    this.#peers.delete(this.#peers.keys().next().value!);
  }

  /** Smoothed + 4 × variation; of all peers for one not measured, and the longest when none is. */
  timeoutMs(peer: MemberIndex): number {
    const { timeoutMsMin, timeoutMsMax } = this.#options;
    const estimate = this.#peers.get(peer) ?? this.#all;
    if (estimate === undefined) return timeoutMsMax;
    const wantedMs = estimate.smoothedMs + 4 * estimate.variationMs;
    return Math.min(timeoutMsMax, Math.max(timeoutMsMin, wantedMs));
  }

  /** Smoothed round trip of a peer, in milliseconds. */
  smoothedMs(peer: MemberIndex): number | undefined {
    return this.#peers.get(peer)?.smoothedMs;
  }
}

function updated(estimate: Estimate | undefined, elapsedMs: number): Estimate {
  if (estimate === undefined) return { smoothedMs: elapsedMs, variationMs: elapsedMs / 2 };
  const error = Math.abs(estimate.smoothedMs - elapsedMs);
  estimate.variationMs += (error - estimate.variationMs) / 4;
  estimate.smoothedMs += (elapsedMs - estimate.smoothedMs) / 8;
  return estimate;
}
