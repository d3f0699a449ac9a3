/** Any number of deadlines over one timer of the clock; none is set while no deadline is. */
import type { Clock } from '../contract/index.js';
import { type Deadline, DeadlineHeap } from './deadline-heap.js';

/** Longest single sleep: a timer of Node overflows at 2^31 ms. Later deadlines take several. */
export const TIMER_DELAY_MS_MAX = 2 ** 30;

export class DeadlineTimer<Entry extends Deadline> {
  readonly #heap = new DeadlineHeap<Entry>();
  readonly #clock: Clock;
  readonly #onDue: (entry: Entry, nowMs: number) => void;
  #cancelTimer: (() => void) | undefined;
  #armedMs = Number.POSITIVE_INFINITY;

  /** @param onDue Called once per entry that is due, which is out of the timer by then. */
  constructor(clock: Clock, onDue: (entry: Entry, nowMs: number) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#heap.size;
  }

  /** Sets or moves the deadline of an entry. `Infinity` clears it. */
  set(entry: Entry, dueMs: number): void {
    if (dueMs === Number.POSITIVE_INFINITY) {
      this.clear(entry);
      return;
    }
    this.#heap.set(entry, dueMs);
    if (dueMs < this.#armedMs) this.#arm(dueMs);
  }

  clear(entry: Entry): void {
    if (entry.heapIndex < 0) return;
    this.#heap.delete(entry);
    // A timer that fires for an entry which left is re-armed then; only the last one out turns it off.
    if (this.#heap.size === 0) this.#disarm();
  }

  #arm(dueMs: number): void {
    this.#cancelTimer?.();
    this.#armedMs = dueMs;
    const delayMs = Math.min(TIMER_DELAY_MS_MAX, Math.max(0, dueMs - this.#clock.nowMs()));
    this.#cancelTimer = this.#clock.schedule(delayMs, () => this.#fire());
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#armedMs = Number.POSITIVE_INFINITY;
  }

  #fire(): void {
    this.#cancelTimer = undefined;
    // While entries are handed out nothing may arm: they come first, the rest is armed once at the end.
    this.#armedMs = Number.NEGATIVE_INFINITY;
    const nowMs = this.#clock.nowMs();
    for (
      let first = this.#heap.first;
      first !== undefined && first.dueMs <= nowMs;
      first = this.#heap.first
    ) {
      this.#heap.delete(first);
      this.#onDue(first, nowMs);
    }
    this.#armedMs = Number.POSITIVE_INFINITY;
    if (this.#heap.first !== undefined) this.#arm(this.#heap.first.dueMs);
  }
}
