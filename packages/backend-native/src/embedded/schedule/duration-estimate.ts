/** How long a definition's tasks take, as an exponential moving average. Decides how many share a message. */

/** Work worth one message, in microseconds. */
export const MESSAGE_US = 1000;
/** Tasks in one message at most. */
export const MESSAGE_TASKS_MAX = 512;

const WEIGHT = 0.05;
/** First samples count for more, so that a new definition is known after a few tasks. */
const WARM_SAMPLES = 8;
/** A single slow task moves the average at most this many times over, or a pause of the system would undo it. */
const JUMP_MAX = 20;

export class DurationEstimate {
  #averageUs = 0;
  #samples = 0;

  /** Average in microseconds; of a definition that never ran, a whole message's worth. */
  get us(): number {
    return this.#samples === 0 ? MESSAGE_US : this.#averageUs;
  }

  get isKnown(): boolean {
    return this.#samples > 0;
  }

  add(durationUs: number): void {
    this.#samples += 1;
    if (this.#samples === 1) {
      this.#averageUs = durationUs;
      return;
    }
    const weight = Math.max(WEIGHT, 1 / Math.min(this.#samples, WARM_SAMPLES));
    const capped = Math.min(durationUs, Math.max(this.#averageUs, 1) * JUMP_MAX);
    this.#averageUs += weight * (capped - this.#averageUs);
  }
}
