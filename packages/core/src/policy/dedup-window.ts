/** Remembers ended tasks by id, for a while and up to a number: the oldest are forgotten first. */
import { LinkedQueue, type QueueNode } from './linked-queue.js';

export interface DedupWindowOptions {
  readonly tasksMax: number;
  readonly windowMs: number;
}

/** Linked in the order of ending: a map alone would look past everything it forgot to find its oldest. */
interface Remembered<Value> extends QueueNode<Remembered<Value>> {
  readonly id: string;
  readonly value: Value;
  readonly endedMs: number;
}

export class DedupWindow<Value> {
  readonly #options: DedupWindowOptions;
  readonly #byId = new Map<string, Remembered<Value>>();
  #ended = new LinkedQueue<Remembered<Value>>();

  constructor(options: DedupWindowOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#ended.size;
  }

  remember(id: string, value: Value, nowMs: number): void {
    this.#forgetOld(nowMs);
    if (this.#options.tasksMax === 0) return;
    const before = this.#byId.get(id);
    if (before !== undefined) this.#ended.delete(before);
    else if (this.#ended.size >= this.#options.tasksMax) this.#forgetOldest();
    const remembered: Remembered<Value> = {
      id,
      value,
      endedMs: nowMs,
      queueNext: undefined,
      queuePrevious: undefined,
      queue: undefined,
    };
    this.#byId.set(id, remembered);
    this.#ended.push(remembered);
  }

  recall(id: string, nowMs: number): Value | undefined {
    this.#forgetOld(nowMs);
    return this.#byId.get(id)?.value;
  }

  clear(): void {
    this.#byId.clear();
    this.#ended = new LinkedQueue();
  }

  #forgetOld(nowMs: number): void {
    for (let oldest = this.#ended.first; oldest !== undefined; oldest = this.#ended.first) {
      if (nowMs - oldest.endedMs < this.#options.windowMs) return;
      this.#forgetOldest();
    }
  }

  #forgetOldest(): void {
    const oldest = this.#ended.shift();
    if (oldest !== undefined) this.#byId.delete(oldest.id);
  }
}
