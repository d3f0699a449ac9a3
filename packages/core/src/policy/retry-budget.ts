/**
 * Retries may be a tenth of the traffic, not more, so that they cannot turn an outage into an overload.
 * Withdrawals never exceed `reserve + ratio × deposits`.
 */
export interface RetryBudgetOptions {
  /** Retries earned by each new task. */
  readonly ratio: number;
  /** Retries affordable at the start, and the most that can be saved up. */
  readonly reserve: number;
}

export class RetryBudget {
  readonly #options: RetryBudgetOptions;
  #balance: number;

  constructor(options: RetryBudgetOptions) {
    this.#options = options;
    this.#balance = options.reserve;
  }

  /** Counts one new task. */
  deposit(): void {
    const { ratio, reserve } = this.#options;
    if (this.#balance < reserve) this.#balance = Math.min(reserve, this.#balance + ratio);
  }

  /** Pays for one retry. @returns `false` when the budget is spent. */
  withdraw(): boolean {
    if (this.#balance < 1) return false;
    this.#balance -= 1;
    return true;
  }
}
