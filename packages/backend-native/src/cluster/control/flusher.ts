/**
 * Sends what was collected: at once when little is going on, so that one task waits for nothing; once per millisecond when
 * much is, since a message costs more than the tasks in it.
 */

/** A flush with so many items says that much is going on. */
const BULK_ITEMS = 32;
const BULK_MS = 1;

export class Flusher {
  readonly #send: () => number;
  #isScheduled = false;
  /** Whether something left in this turn already. */
  #isBusy = false;
  #lastItems = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** @param send sends everything; returns how many items that were */
  constructor(send: () => number) {
    this.#send = send;
  }

  /** Something was collected. */
  wake(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    if (this.#lastItems >= BULK_ITEMS && performance.now() - this.#lastMs < BULK_MS) {
      setTimeout(this.#run, BULK_MS);
    } else if (this.#isBusy) setImmediate(this.#run);
    else queueMicrotask(this.#run);
  }

  /** Sends now. */
  flush(): void {
    if (!this.#isBusy) {
      this.#isBusy = true;
      setImmediate(() => {
        this.#isBusy = false;
      });
    }
    this.#lastItems = this.#send();
    this.#lastMs = performance.now();
  }

  readonly #run = (): void => {
    this.#isScheduled = false;
    this.flush();
  };
}
