/**
 * Who may keep a connection to the control port. One that has not shown a valid token or certificate costs memory and
 * nothing else, so such connections are few and short: a flood of them cannot grow the head, whatever they send.
 */
import { type Clock, systemClock } from '@anant/core';
import { CONNECTIONS_MAX, STRANGER_MS_MAX, STRANGERS_MAX } from '../limits.js';

export interface GateBounds {
  /** Connections at a time. At it the oldest stranger goes; where all are known, the new one does. */
  readonly connectionsMax: number;
  /** Connections that have not shown who they are. One more ends the oldest. */
  readonly strangersMax: number;
  /** How long one may be a stranger. */
  readonly strangerMsMax: number;
}

export const GATE_BOUNDS: GateBounds = {
  connectionsMax: CONNECTIONS_MAX,
  strangersMax: STRANGERS_MAX,
  strangerMsMax: STRANGER_MS_MAX,
};

interface Stranger {
  readonly close: () => void;
  readonly cancel: () => void;
}

export class ConnectionGate {
  readonly #bounds: GateBounds;
  readonly #clock: Clock;
  /** By the peer's address and port; the oldest first. */
  readonly #strangers = new Map<string, Stranger>();
  readonly #known = new Set<string>();
  #turnedAway = 0;

  constructor(bounds: GateBounds = GATE_BOUNDS, clock: Clock = systemClock) {
    this.#bounds = bounds;
    this.#clock = clock;
  }

  get size(): number {
    return this.#strangers.size + this.#known.size;
  }

  /** Connections that were closed because they did not show who they are, or were too many. */
  get turnedAway(): number {
    return this.#turnedAway;
  }

  /** A connection was accepted. @param peer its address and port, which no other open connection has */
  opened(peer: string, close: () => void): void {
    const { connectionsMax, strangersMax, strangerMsMax } = this.#bounds;
    if (this.#strangers.size >= strangersMax || this.size >= connectionsMax) this.#dropOldest();
    if (this.size >= connectionsMax) {
      this.#turnedAway += 1;
      close();
      return;
    }
    const cancel = this.#clock.schedule(strangerMsMax, () => this.#drop(peer));
    this.#strangers.set(peer, { close, cancel });
  }

  /** Somebody at this address showed a valid token or certificate; known from now on, until it is closed. */
  proved(peer: string): void {
    const stranger = this.#strangers.get(peer);
    if (stranger === undefined) return;
    stranger.cancel();
    this.#strangers.delete(peer);
    this.#known.add(peer);
  }

  closed(peer: string): void {
    this.#strangers.get(peer)?.cancel();
    this.#strangers.delete(peer);
    this.#known.delete(peer);
  }

  #dropOldest(): void {
    const [oldest] = this.#strangers.keys();
    if (oldest !== undefined) this.#drop(oldest);
  }

  #drop(peer: string): void {
    const stranger = this.#strangers.get(peer);
    if (stranger === undefined) return;
    this.closed(peer);
    this.#turnedAway += 1;
    stranger.close();
  }
}
