/** Lets a producer be at most its credits ahead of the reader. */
export class CreditGate {
  #credits: number;
  #wake: (() => void) | undefined;

  constructor(credits: number) {
    this.#credits = credits;
  }

  grant(credits: number): void {
    if (credits > 0) this.#credits += credits;
    this.#release();
  }

  /** Waits for one credit and takes it, or for `signal`; answers whether a credit was taken. One waiter at a time. */
  async take(signal: AbortSignal): Promise<boolean> {
    const onAbort = (): void => this.#release();
    signal.addEventListener('abort', onAbort);
    try {
      // The signal is read first: reading it may deliver messages, credits among them.
      while (!signal.aborted && this.#credits < 1) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
    if (signal.aborted) return false;
    this.#credits -= 1;
    return true;
  }

  #release(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
