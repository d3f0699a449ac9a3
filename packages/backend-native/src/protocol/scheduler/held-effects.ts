/** Effects that must not be seen before the journal has what they are about, in the order they were decided. */
import type { SchedulerEffect } from './effect.js';

interface Held {
  readonly index: number;
  readonly effects: readonly SchedulerEffect[];
}

export class HeldEffects {
  #held: Held[] = [];
  #head = 0;

  /** Steps whose effects are held. */
  get size(): number {
    return this.#held.length - this.#head;
  }

  hold(index: number, effects: readonly SchedulerEffect[]): void {
    this.#held.push({ index, effects });
  }

  /** Moves everything held for entries up to `index` to `into`. */
  release(index: number, into: SchedulerEffect[]): void {
    while (this.#head < this.#held.length && this.#held[this.#head]!.index <= index) {
      for (const effect of this.#held[this.#head]!.effects) into.push(effect);
      this.#head += 1;
    }
    if (this.#head * 2 < this.#held.length) return;
    this.#held = this.#held.slice(this.#head);
    this.#head = 0;
  }

  clear(): void {
    this.#held = [];
    this.#head = 0;
  }
}
