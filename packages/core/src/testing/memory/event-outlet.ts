/** What the backend says leaves here in batches, unless a fault drops, doubles or delays it. */
import type { Clock, TaskEvent } from '../../contract/index.js';

/** What happens to one event on its way to the client. */
export type EventFate = 'deliver' | 'drop' | 'duplicate' | { readonly delayMs: number };

export class EventOutlet {
  readonly #emit: (events: readonly TaskEvent[]) => void;
  readonly #clock: Clock;
  readonly #fateOf: (event: TaskEvent) => EventFate;
  #batch: TaskEvent[] = [];

  constructor(
    emit: (events: readonly TaskEvent[]) => void,
    clock: Clock,
    fateOf: (event: TaskEvent) => EventFate,
  ) {
    this.#emit = emit;
    this.#clock = clock;
    this.#fateOf = fateOf;
  }

  send(event: TaskEvent): void {
    const fate = this.#fateOf(event);
    if (fate === 'drop') return;
    if (typeof fate === 'object') {
      this.#clock.schedule(fate.delayMs, () => this.#queue(event));
      return;
    }
    this.#queue(event);
    if (fate === 'duplicate') this.#queue(event);
  }

  /** Sends what is queued now instead of in the next microtask. */
  flush(): void {
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length > 0) this.#emit(batch);
  }

  #queue(event: TaskEvent): void {
    this.#batch.push(event);
    if (this.#batch.length === 1) queueMicrotask(() => this.flush());
  }
}
