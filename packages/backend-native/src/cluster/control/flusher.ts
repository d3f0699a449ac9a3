/** Sends what was collected: at once when idle, otherwise what one turn of the event loop brings. */
export class Flusher {
  #isScheduled = false;
  /** Whether something left in this turn already. */
  #isBusy = false;

  constructor(private readonly send: () => void) {}

  /** Something was collected. */
  wake(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    if (this.#isBusy) setImmediate(this.#run);
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
    this.send();
  }

  readonly #run = (): void => {
    this.#isScheduled = false;
    this.flush();
  };
}
