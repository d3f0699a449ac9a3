/** Takes every frame of one process once: a bitmap behind the newest number seen (as IPsec does, RFC 4303 section 3.4.3). */
import { REPLAY_WINDOW_FRAMES } from './limits.js';

const WORDS = REPLAY_WINDOW_FRAMES / 32;

export class ReplayWindow {
  #newest = 0;
  readonly #seen = new Uint32Array(WORDS);

  /** Whether the number is neither seen before nor too old; remembers it. Numbers begin at 1. */
  take(sequence: number): boolean {
    if (sequence <= this.#newest - REPLAY_WINDOW_FRAMES || sequence < 1) return false;
    if (sequence > this.#newest) this.#advance(sequence);
    const bit = sequence % REPLAY_WINDOW_FRAMES;
    const mask = 1 << (bit & 31);
    if ((this.#seen[bit >>> 5]! & mask) !== 0) return false;
    this.#seen[bit >>> 5]! |= mask;
    return true;
  }

  #advance(sequence: number): void {
    if (sequence - this.#newest >= REPLAY_WINDOW_FRAMES) this.#seen.fill(0);
    else
      for (let passed = this.#newest + 1; passed <= sequence; passed++) {
        const bit = passed % REPLAY_WINDOW_FRAMES;
        this.#seen[bit >>> 5]! &= ~(1 << (bit & 31));
      }
    this.#newest = sequence;
  }
}
