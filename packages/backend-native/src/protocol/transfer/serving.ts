/** The holder's side of one transfer: which chunk may be sent next. */
import { WINDOW_CHUNKS } from './chunks.js';

export class Serving {
  readonly #chunks: number;
  #next: number;
  /** Chunks before this one were read: their place may be written again. */
  #read: number;

  /** @param from the first chunk that is asked for */
  constructor(chunks: number, from: number) {
    this.#chunks = chunks;
    this.#next = from;
    this.#read = from;
  }

  /** Whether everything was read. */
  get isOver(): boolean {
    return this.#read >= this.#chunks;
  }

  /** The chunk to send now; `undefined` while the reader must catch up, or when all are sent. */
  take(): number | undefined {
    if (this.#next >= this.#chunks || this.#next - this.#read >= WINDOW_CHUNKS) return undefined;
    this.#next += 1;
    return this.#next - 1;
  }

  /** The reader has every chunk before `position`, from here or from elsewhere: those need not be sent. */
  granted(position: number): void {
    this.#read = Math.max(this.#read, Math.min(position, this.#chunks));
    this.#next = Math.max(this.#next, this.#read);
  }
}
