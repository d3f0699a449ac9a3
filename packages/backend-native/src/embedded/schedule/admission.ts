/**
 * Holds tasks back until the resources they ask for are free. Strictly in order of priority and arrival: a large
 * request is not starved by small ones behind it.
 */
import type { Attempt } from '../attempt.js';
import { PriorityQueue } from './priority-queue.js';
import type { ResourceLedger } from './resource-ledger.js';

export class Admission {
  readonly #ledger: ResourceLedger;
  readonly #admit: (attempt: Attempt) => void;
  readonly #queue = new PriorityQueue<Attempt>({
    priorityOf: (attempt) => attempt.envelope.options.priority,
    isLive: (attempt) => attempt.state === 'waiting',
  });
  readonly #holders = new Set<Attempt>();
  #next: Attempt | undefined;

  constructor(ledger: ResourceLedger, admit: (attempt: Attempt) => void) {
    this.#ledger = ledger;
    this.#admit = admit;
  }

  /** Admits the attempt now or when its resources are free. */
  enter(attempt: Attempt): void {
    if (this.#next) this.#queue.putBack([this.#next]);
    this.#next = undefined;
    this.#queue.push(attempt);
    this.#advance();
  }

  /** Says that an attempt ended: what it held is free, or it no longer waits. */
  leave(attempt: Attempt): void {
    if (this.#holders.delete(attempt)) this.#ledger.giveBack(attempt.envelope.options.resources!);
    else if (this.#next === attempt) this.#next = undefined;
    else this.#queue.died();
    this.#advance();
  }

  #advance(): void {
    for (;;) {
      this.#next ??= this.#queue.shift();
      const attempt = this.#next;
      if (!attempt || !this.#ledger.take(attempt.envelope.options.resources!)) return;
      this.#next = undefined;
      this.#holders.add(attempt);
      this.#admit(attempt);
    }
  }
}
