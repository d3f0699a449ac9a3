/** Lifeguard's local health multiplier: a node whose own probes fail without reason waits longer and asks less often. */
import type { GossipTuning } from './tuning.js';

/** memberlist's `AwarenessMaxMultiplier`: the score stays below it. */
export const HEALTH_MAX = 8;

export class LocalHealth {
  #score = 0;
  readonly #isOff: boolean;

  constructor(tuning: GossipTuning) {
    this.#isOff = tuning.health === 'off';
  }

  /** 0 is healthy, `HEALTH_MAX - 1` the worst. */
  get score(): number {
    return this.#score;
  }

  /** What waits and periods are multiplied by. */
  get factor(): number {
    return this.#score + 1;
  }

  change(by: number): void {
    if (this.#isOff) return;
    this.#score = Math.min(HEALTH_MAX - 1, Math.max(0, this.#score + by));
  }
}
