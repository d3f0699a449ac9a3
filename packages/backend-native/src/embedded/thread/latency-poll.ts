/**
 * After a single short task was sent, looks for its result between turns of the event loop for a moment: waking a
 * sleeping event loop takes longer than such a task. Nothing is blocked meanwhile.
 */
import type { DurationEstimate } from '../schedule/duration-estimate.js';
import type { ThreadSlot } from './thread-slot.js';

/** Tasks that take longer are not worth looking for. */
const TASK_US_MAX = 200;

export interface LatencyPollOptions {
  readonly slots: readonly ThreadSlot[];
  /** How long to look after a task was sent, in microseconds; 0 turns it off. */
  readonly forUs: number;
}

export class LatencyPoll {
  readonly #options: LatencyPollOptions;
  #untilMs = 0;
  #immediate: NodeJS.Immediate | undefined;

  constructor(options: LatencyPollOptions) {
    this.#options = options;
  }

  /** Says that a task was sent on its own. */
  watch(estimate: DurationEstimate): void {
    const { forUs } = this.#options;
    if (forUs === 0 || (estimate.isKnown && estimate.us > TASK_US_MAX)) return;
    this.#untilMs = performance.now() + forUs / 1000;
    if (this.#immediate) return;
    this.#setPolled(true);
    this.#immediate = setImmediate(this.#look);
  }

  stop(): void {
    if (this.#immediate) clearImmediate(this.#immediate);
    this.#immediate = undefined;
    this.#setPolled(false);
  }

  readonly #look = (): void => {
    for (const slot of this.#options.slots) if (slot.hasNews) slot.drain();
    if (performance.now() < this.#untilMs && this.#options.slots.some(({ underWay }) => underWay > 0)) {
      this.#immediate = setImmediate(this.#look);
      return;
    }
    this.#immediate = undefined;
    this.#setPolled(false);
    // A result that came just before the thread could see that it must ring.
    for (const slot of this.#options.slots) if (slot.hasNews) slot.drain();
  };

  #setPolled(polled: boolean): void {
    for (const slot of this.#options.slots) slot.isPolled = polled;
  }
}
