/**
 * Keeps tasks away from a backend that keeps failing. `closed`: all is well. `open`: after `failures` in a row,
 * nothing goes there for `openMs`. `half-open`: then tasks may try again, and the next result decides.
 */
export type BreakerState = 'closed' | 'open' | 'half-open';

export interface CircuitBreakerOptions {
  /** Failures in a row that open it. */
  readonly failures: number;
  readonly openMs: number;
}

export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  #failures = 0;
  #openedMs: number | undefined;

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  state(nowMs: number): BreakerState {
    if (this.#openedMs === undefined) return 'closed';
    return nowMs - this.#openedMs < this.#options.openMs ? 'open' : 'half-open';
  }

  recordFailure(nowMs: number): void {
    this.#failures += 1;
    const isTrial = this.state(nowMs) === 'half-open';
    if (isTrial || (this.#openedMs === undefined && this.#failures >= this.#options.failures)) {
      this.#openedMs = nowMs;
    }
  }

  /** Opens it at once: one failure says enough. */
  trip(nowMs: number): void {
    this.#failures += 1;
    this.#openedMs = nowMs;
  }

  /** When it stops being open; `undefined` while closed. */
  get halfOpenMs(): number | undefined {
    return this.#openedMs === undefined ? undefined : this.#openedMs + this.#options.openMs;
  }

  recordSuccess(): void {
    this.#failures = 0;
    this.#openedMs = undefined;
  }
}
