/** Limits a stream of values to one per interval; what is dropped is always older than what is sent. */
import type { Clock } from '@anant/core';

export class LatestThrottle<Value> {
  #nextMs = Number.NEGATIVE_INFINITY;
  #pending: { readonly value: Value } | undefined;
  #cancel: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly intervalMs: number,
    private readonly send: (value: Value) => void,
  ) {}

  /** Sends the value now, or when the interval has passed unless a newer one replaces it. */
  offer(value: Value): void {
    const nowMs = this.clock.nowMs();
    if (nowMs >= this.#nextMs) {
      this.#sendNow(value, nowMs);
      return;
    }
    this.#pending = { value };
    this.#cancel ??= this.clock.schedule(this.#nextMs - nowMs, () => this.flush());
  }

  /** Sends what is waiting, if anything. */
  flush(): void {
    const pending = this.#pending;
    if (pending) this.#sendNow(pending.value, this.clock.nowMs());
  }

  #sendNow(value: Value, nowMs: number): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#pending = undefined;
    this.#nextMs = nowMs + this.intervalMs;
    this.send(value);
  }
}
