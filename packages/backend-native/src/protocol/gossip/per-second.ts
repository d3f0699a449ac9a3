/** At most so many of something in each whole second of the clock that is passed in. */
export class PerSecond {
  readonly #most: number;
  #second = Number.NaN;
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Counts one. @returns `false` when it is one too many. */
  take(nowMs: number): boolean {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#taken = 0;
    }
    this.#taken += 1;
    return this.#taken <= this.#most;
  }
}
