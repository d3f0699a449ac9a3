/** Values on their way to one reader. When it is too slow the oldest are dropped and counted, never the newest. */
export interface ChannelOptions<Value> {
  readonly bufferMax: number;
  /** Made when values were dropped, and read before the rest. */
  readonly onDrop?: (count: number) => Value;
  /** The reader left, or the channel ended. Called once. */
  readonly onClose: () => void;
}

export class BoundedChannel<Value> implements AsyncIterable<Value> {
  readonly #options: ChannelOptions<Value>;
  #buffer: Value[] = [];
  #read = 0;
  #dropped = 0;
  #isEnded = false;
  #waiting: ((result: IteratorResult<Value>) => void)[] = [];

  constructor(options: ChannelOptions<Value>) {
    this.#options = options;
  }

  push(value: Value): void {
    if (this.#isEnded) return;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      waiting({ done: false, value });
      return;
    }
    if (this.#buffer.length - this.#read >= this.#options.bufferMax) {
      this.#read += 1;
      this.#dropped += 1;
    }
    this.#buffer.push(value);
    this.#compact();
  }

  /** No more values; what is buffered can still be read. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    for (const waiting of this.#waiting.splice(0)) waiting({ done: true, value: undefined });
    this.#options.onClose();
  }

  [Symbol.asyncIterator](): AsyncIterator<Value> {
    return {
      next: () => this.#next(),
      return: async () => {
        this.#buffer = [];
        this.#read = 0;
        this.end();
        return { done: true, value: undefined };
      },
    };
  }

  #next(): Promise<IteratorResult<Value>> {
    const { onDrop } = this.#options;
    if (this.#dropped > 0 && onDrop !== undefined) {
      const value = onDrop(this.#dropped);
      this.#dropped = 0;
      return Promise.resolve({ done: false, value });
    }
    if (this.#read < this.#buffer.length) {
      const value = this.#buffer[this.#read++]!;
      this.#compact();
      return Promise.resolve({ done: false, value });
    }
    if (this.#isEnded) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Gives the space of what was read back, seldom enough to cost nothing per value. */
  #compact(): void {
    if (this.#read < 1024 && this.#read < this.#buffer.length) return;
    this.#buffer = this.#buffer.slice(this.#read);
    this.#read = 0;
  }
}
