/** Remembers ended tasks by id, for a while and up to a number: the oldest are forgotten first. */
export interface DedupWindowOptions {
  readonly tasksMax: number;
  readonly windowMs: number;
}

interface Remembered<Value> {
  readonly value: Value;
  readonly endedMs: number;
}

export class DedupWindow<Value> {
  readonly #options: DedupWindowOptions;
  /** In the order they ended. */
  readonly #ended = new Map<string, Remembered<Value>>();

  constructor(options: DedupWindowOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#ended.size;
  }

  remember(id: string, value: Value, nowMs: number): void {
    this.#forgetOld(nowMs);
    if (this.#options.tasksMax === 0) return;
    this.#ended.delete(id);
    if (this.#ended.size >= this.#options.tasksMax) this.#ended.delete(this.#ended.keys().next().value!);
    this.#ended.set(id, { value, endedMs: nowMs });
  }

  recall(id: string, nowMs: number): Value | undefined {
    this.#forgetOld(nowMs);
    return this.#ended.get(id)?.value;
  }

  clear(): void {
    this.#ended.clear();
  }

  #forgetOld(nowMs: number): void {
    for (const [id, { endedMs }] of this.#ended) {
      if (nowMs - endedMs < this.#options.windowMs) return;
      this.#ended.delete(id);
    }
  }
}
