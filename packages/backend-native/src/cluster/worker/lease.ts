/** A worker's permission to run and to commit: renewed by the head, ended by the worker's own monotonic clock. */
import { LEASE_MARGIN_MS } from '../limits.js';

/** Renewals within one lease. */
const RENEWALS = 3;
/** Enough for a socket to be read. */
const UNREAD_MS = 20;

export class Lease {
  readonly #renew: () => void;
  readonly #onLost: () => void;
  #leaseMs = 0;
  #endsMs = Number.NEGATIVE_INFINITY;
  /** When renewals were asked for that are not answered, the oldest first. */
  #askedMs: number[] = [];
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param renew asks the head to renew it
   * @param onLost called once per lease that ran out
   */
  constructor(renew: () => void, onLost: () => void) {
    this.#renew = renew;
    this.#onLost = onLost;
  }

  /** False from a margin before the head may give the worker's tasks to others. */
  get isHeld(): boolean {
    return performance.now() < this.#endsMs;
  }

  /** A head is asked for a lease on a new connection: what was asked on the one before is never answered. */
  joining(): void {
    this.#askedMs = [];
    this.#asked();
  }

  /** It counts from now. */
  #asked(): void {
    this.#askedMs.push(performance.now());
  }

  /** The head granted it. */
  granted(leaseMs: number): void {
    const askedMs = this.#askedMs.shift();
    if (askedMs === undefined) return;
    this.#leaseMs = leaseMs;
    const marginMs = Math.min(LEASE_MARGIN_MS, leaseMs / 4);
    this.#endsMs = Math.max(this.#endsMs, askedMs + leaseMs - marginMs);
    if (this.#timer === undefined) this.#schedule();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#endsMs = Number.NEGATIVE_INFINITY;
  }

  #schedule(): void {
    const delayMs = Math.min(this.#leaseMs / RENEWALS, Math.max(1, this.#endsMs - performance.now()));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.isHeld) {
        this.#lookAgain();
        return;
      }
      this.#asked();
      this.#renew();
      this.#schedule();
    }, delayMs);
  }

  /** After a stall of this process the renewal may lie in its socket, unread: nothing leaves until that is known. */
  #lookAgain(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.isHeld) {
        this.#schedule();
        return;
      }
      this.end();
      this.#onLost();
    }, UNREAD_MS);
  }
}
