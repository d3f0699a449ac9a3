/** Which ends of a session have arrived; the head is told now and then, so that it can forget them. */

/** Ends that are confirmed at once. */
const CONFIRM_ENDS = 1_024;
const CONFIRM_MS = 25;

export class EndCounter {
  readonly #confirm: (sequence: number) => void;
  #seen = 0;
  #confirmed = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(confirm: (sequence: number) => void) {
    this.#confirm = confirm;
  }

  get seen(): number {
    return this.#seen;
  }

  saw(sequence: number): void {
    if (sequence > this.#seen) this.#seen = sequence;
  }

  /** A batch is over. */
  settle(): void {
    if (this.#seen === this.#confirmed) return;
    if (this.#seen - this.#confirmed >= CONFIRM_ENDS) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), CONFIRM_MS).unref();
  }

  /** Another session counts anew. */
  reset(): void {
    this.stop();
    this.#seen = 0;
    this.#confirmed = 0;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #send(): void {
    this.stop();
    this.#confirmed = this.#seen;
    this.#confirm(this.#seen);
  }
}
