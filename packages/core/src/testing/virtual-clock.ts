/** Time that moves only when a test says so. Timers due at the same moment run in the order they were set. */
import type { Clock } from '../contract/index.js';

/** Timers one `runUntilIdle` or `drive` may run before it reports a runaway loop. */
export const VIRTUAL_TIMERS_MAX = 1_000_000;
/** Turns of the real event loop that `drive` waits, with no timer left, for real I/O to finish. */
export const REAL_TURNS_MAX = 100_000;

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

export interface VirtualClockOptions {
  /** What `wallMs()` says at the start, in milliseconds since the epoch. @default 2026-01-01T00:00:00Z */
  readonly wallStartMs?: number;
}

export class VirtualClock implements Clock {
  #nowMs = 0;
  #order = 0;
  #live = 0;
  readonly #heap: Timer[] = [];
  readonly #wallStartMs: number;

  constructor(options: VirtualClockOptions = {}) {
    this.#wallStartMs = options.wallStartMs ?? Date.UTC(2026, 0, 1);
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#wallStartMs + this.#nowMs;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer: Timer = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#push(timer);
    this.#live += 1;
    return () => {
      if (timer.callback === undefined) return;
      timer.callback = undefined;
      this.#live -= 1;
    };
  }

  /** Timers that are set and neither ran nor were cancelled. */
  get pendingTimers(): number {
    return this.#live;
  }

  /** Moment of the earliest timer, or `undefined` when none is set. */
  get nextTimerMs(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.dueMs;
  }

  /** Runs every microtask, `process.nextTick` and ready immediate that is queued now. Time stands still. */
  async drain(): Promise<void> {
    await nextTurn();
    await nextTurn();
  }

  /** Moves time forward by `durationMs`, running each timer at its own moment and draining in between. */
  async advance(durationMs: number): Promise<void> {
    const targetMs = this.#nowMs + durationMs;
    await this.drain();
    for (let next = this.nextTimerMs; next !== undefined && next <= targetMs; next = this.nextTimerMs) {
      this.#runNext();
      await this.drain();
    }
    this.#nowMs = targetMs;
  }

  /** Runs timers, however far away, until none is left. @throws RangeError after `VIRTUAL_TIMERS_MAX` timers. */
  async runUntilIdle(): Promise<void> {
    await this.drain();
    for (let ran = 0; this.nextTimerMs !== undefined; ran++) {
      if (ran >= VIRTUAL_TIMERS_MAX)
        throw new RangeError(`More than ${VIRTUAL_TIMERS_MAX} timers ran: is one re-armed for ever?`);
      this.#runNext();
      await this.drain();
    }
  }

  /**
   * Runs timers until `promise` settles, and gives what it settled to. Waits for real I/O (such as a module
   * import) when no timer is left. @throws RangeError when it never settles.
   */
  async drive<Value>(promise: Promise<Value>): Promise<Value> {
    let isSettled = false;
    const settled = () => {
      isSettled = true;
    };
    promise.then(settled, settled);
    await this.drain();
    for (let ran = 0, idle = 0; !isSettled; ) {
      if (this.nextTimerMs !== undefined) {
        this.#runNext();
        ran += 1;
      } else idle += 1;
      if (ran >= VIRTUAL_TIMERS_MAX || idle >= REAL_TURNS_MAX)
        throw new RangeError(`The promise did not settle after ${ran} timers and ${idle} idle turns.`);
      await this.drain();
    }
    return promise;
  }

  #runNext(): void {
    this.#dropCancelled();
    const timer = this.#pop();
    if (timer?.callback === undefined) return;
    const { callback } = timer;
    timer.callback = undefined;
    this.#live -= 1;
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    callback();
  }

  #dropCancelled(): void {
    while (this.#heap.length > 0 && this.#heap[0]!.callback === undefined) this.#pop();
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(timer, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): Timer | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function isBefore(left: Timer, right: Timer): boolean {
  return left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.order < right.order);
}

/** One turn of the real event loop: every queued microtask has run when it resolves. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
