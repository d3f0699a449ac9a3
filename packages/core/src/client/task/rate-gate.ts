/** A rate limit that tasks queue up at, the more urgent first. */
import type { Clock } from '../../contract/index.js';
import { PriorityQueue, TokenBucket, type TokenBucketOptions } from '../../policy/index.js';
import type { Task } from './task.js';

export class RateGate {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  readonly #waiting = new PriorityQueue<Task>();
  readonly #onPass: (task: Task, gate: RateGate) => void;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, options: TokenBucketOptions, onPass: (task: Task, gate: RateGate) => void) {
    this.#clock = clock;
    this.#bucket = new TokenBucket(options, clock.nowMs());
    this.#onPass = onPass;
  }

  /** @returns whether the task may go on at once; otherwise it waits here. */
  enter(task: Task): boolean {
    if (this.#waiting.size === 0 && this.#bucket.take(this.#clock.nowMs())) return true;
    this.#waiting.push(task);
    this.#arm();
    return false;
  }

  remove(task: Task): void {
    if (this.#waiting.delete(task) && this.#waiting.size === 0) this.#disarm();
  }

  #arm(): void {
    this.#cancelTimer ??= this.#clock.schedule(this.#bucket.waitMs(this.#clock.nowMs()), () => {
      this.#cancelTimer = undefined;
      this.#pass();
    });
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #pass(): void {
    const nowMs = this.#clock.nowMs();
    while (this.#waiting.size > 0 && this.#bucket.take(nowMs)) this.#onPass(this.#waiting.shift()!, this);
    if (this.#waiting.size > 0) this.#arm();
  }
}
