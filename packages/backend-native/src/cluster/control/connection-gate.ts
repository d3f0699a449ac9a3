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

/** A connection that is open, until it says itself that it is closed. */
export interface GatedConnection {
  closed(): void;
}

interface Connection {
  readonly peer: string;
  readonly close: () => void;
  cancel: () => void;
}

/** A timer that is so late says that this process stood still, and that what strangers sent may not be read yet. */
const STALL_MS = 100;

export class ConnectionGate {
  readonly #bounds: GateBounds;
  readonly #clock: Clock;
  /** The oldest first. */
  readonly #strangers = new Set<Connection>();
  readonly #known = new Set<Connection>();
  /** The latest of every address: a port may be in use again before the end of its last connection is noticed. */
  readonly #byPeer = new Map<string, Connection>();
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

  /** A connection was accepted. @param peer its address and port, by which `proved` will name it */
  opened(peer: string, close: () => void): GatedConnection {
    const { connectionsMax, strangersMax, strangerMsMax } = this.#bounds;
    if (this.#strangers.size >= strangersMax || this.size >= connectionsMax) this.#dropOldest();
    const connection: Connection = { peer, close, cancel: () => {} };
    if (this.size >= connectionsMax) {
      this.#turnedAway += 1;
      close();
    } else {
      this.#strangers.add(connection);
      this.#byPeer.set(peer, connection);
      this.#limit(connection, strangerMsMax);
    }
    return { closed: () => this.#forget(connection) };
  }

  /** Somebody at this address showed a valid token or certificate; known from now on, until it is closed. */
  proved(peer: string): void {
    const connection = this.#byPeer.get(peer);
    if (connection === undefined || !this.#strangers.delete(connection)) return;
    connection.cancel();
    this.#known.add(connection);
  }

  /** Timers go before sockets: after a stall a stranger gets as much more time as this process stood still. */
  #limit(connection: Connection, durationMs: number): void {
    const dueMs = this.#clock.nowMs() + durationMs;
    connection.cancel = this.#clock.schedule(durationMs, () => {
      const lateMs = this.#clock.nowMs() - dueMs;
      if (lateMs < STALL_MS) this.#drop(connection);
      else this.#limit(connection, Math.min(lateMs, this.#bounds.strangerMsMax));
    });
  }

  #dropOldest(): void {
    const [oldest] = this.#strangers;
    if (oldest !== undefined) this.#drop(oldest);
  }

  #drop(connection: Connection): void {
    this.#forget(connection);
    this.#turnedAway += 1;
    connection.close();
  }

  #forget(connection: Connection): void {
    connection.cancel();
    this.#strangers.delete(connection);
    this.#known.delete(connection);
    if (this.#byPeer.get(connection.peer) === connection) this.#byPeer.delete(connection.peer);
  }
}
