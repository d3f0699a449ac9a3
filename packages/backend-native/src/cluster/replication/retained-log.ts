/** The latest entries of a log, encoded, for standbys that are a little behind. */
import type { JournalEntry } from '../../protocol/scheduler/index.js';

/** Bytes and entries kept; a standby further behind gets a snapshot. */
const BYTES_MAX = 64 * 1024 ** 2;
const ENTRIES_MAX = 100_000;

interface Retained {
  readonly epoch: number;
  readonly bytes: Uint8Array;
}

export class RetainedLog {
  #entries: Retained[] = [];
  #head = 0;
  #first = 1;
  #bytes = 0;
  /** Epoch of the entry before the first one kept. */
  #epochBefore = 0;

  /** Nothing is kept any more; the next entry follows the one at `index`. */
  reset(epoch: number, index: number): void {
    this.#entries = [];
    this.#head = 0;
    this.#first = index + 1;
    this.#bytes = 0;
    this.#epochBefore = epoch;
  }

  add({ epoch }: JournalEntry, bytes: Uint8Array): void {
    this.#entries.push({ epoch, bytes });
    this.#bytes += bytes.byteLength;
    while (this.#bytes > BYTES_MAX || this.#entries.length - this.#head > ENTRIES_MAX) this.#drop();
    if (this.#head > 1024 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }

  /** The entry at this index; undefined when it is not kept. */
  at(index: number): Uint8Array | undefined {
    return index < this.#first ? undefined : this.#entries[this.#head + index - this.#first]?.bytes;
  }

  /** Whether a log that ends like this is the beginning of this one, and can be gone on with from here. */
  continues(epoch: number, index: number): 'yes' | 'no' {
    const own = index === this.#first - 1 ? this.#epochBefore : this.#epochAt(index);
    return own === epoch ? 'yes' : 'no';
  }

  #epochAt(index: number): number | undefined {
    return index < this.#first ? undefined : this.#entries[this.#head + index - this.#first]?.epoch;
  }

  #drop(): void {
    const dropped = this.#entries[this.#head]!;
    this.#entries[this.#head] = undefined as never;
    this.#head += 1;
    this.#first += 1;
    this.#bytes -= dropped.bytes.byteLength;
    this.#epochBefore = dropped.epoch;
  }
}
