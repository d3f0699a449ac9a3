/** Items of a stream between its producer and its one reader. */
import { STREAM_CREDITS_INITIAL } from '../../contract/index.js';

/** Credits are given back in lots of this many items, so that a grant is not a message each. */
const GRANT_ITEMS = STREAM_CREDITS_INITIAL / 2;

export type ReceivedItem = 'kept' | 'duplicate' | 'gap' | 'overrun';

export class ItemBuffer {
  #items: unknown[] = [];
  #expected = 0;
  #granted = STREAM_CREDITS_INITIAL;
  #consumed = 0;
  #isTaken = false;
  #isEnded = false;
  #wake: (() => void) | undefined;

  /** Whether any item arrived: then the task cannot be tried again without repeating them. */
  get hasItems(): boolean {
    return this.#expected > 0;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  receive(sequence: number, value: unknown): ReceivedItem {
    if (sequence < this.#expected) return 'duplicate';
    if (sequence > this.#expected) return 'gap';
    if (sequence >= this.#granted) return 'overrun';
    this.#expected += 1;
    this.#items.push(value);
    this.#notify();
    return 'kept';
  }

  end(): void {
    this.#isEnded = true;
    this.#notify();
  }

  /** Makes the caller the reader. @throws TypeError for a second one */
  take(): void {
    if (this.#isTaken) throw new TypeError('The items of a stream can be read once.');
    this.#isTaken = true;
  }

  /** The next item, or `undefined` when none is here yet. */
  shift(): { readonly value: unknown } | undefined {
    if (this.#items.length === 0) return undefined;
    const value = this.#items.shift();
    this.#consumed += 1;
    return { value };
  }

  /** Credits to grant now; 0 for not yet. */
  takeGrant(): number {
    if (this.#isEnded || this.#consumed < GRANT_ITEMS) return 0;
    const credits = this.#consumed;
    this.#consumed = 0;
    this.#granted += credits;
    return credits;
  }

  /** Resolves when an item arrived or the stream ended. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
