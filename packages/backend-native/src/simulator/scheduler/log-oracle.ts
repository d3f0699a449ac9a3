/** Sees every log of every head: what was decided, what counts, and who led under which epoch. */
import type { FencingToken, JournalEntry, SequencedEnd } from '../../protocol/scheduler/index.js';
import type { Oracle } from './oracle.js';

type Result = SequencedEnd & { readonly token: FencingToken };

export class LogOracle {
  readonly #oracle: Oracle;
  /** Results that entries hold, by (epoch, index) of the entry. */
  readonly #results = new Map<string, readonly Result[]>();
  /** Epoch of every entry that counts, by its index; the first is entry 1. */
  readonly #committed: number[] = [];
  /** Epochs of the only log there is, as long as there is only one. */
  #decided: number[] = [];
  readonly #leaders = new Map<number, string>();
  readonly #nowMs: () => number;
  #leaderlessMs: number | undefined;
  /** Longest time from the death of a leader to the next one. */
  takeoverMsMax = 0;

  constructor(oracle: Oracle, nowMs: () => number) {
    this.#oracle = oracle;
    this.#nowMs = nowMs;
  }

  /** The head that led has ended. */
  leaderEnded(): void {
    this.#leaderlessMs ??= this.#nowMs();
  }

  /** A head has decided, and nobody else knows yet. */
  decided({ epoch, index, records }: JournalEntry): void {
    this.#decided[index] = epoch;
    const results = records.flatMap((record) =>
      record.type === 'end' ? record.ends.filter((end): end is Result => end.end.by === 'worker') : [],
    );
    this.#results.set(`${epoch}.${index}`, results);
  }

  /** The only head starts again, with this many entries. */
  restarted(index: number): void {
    this.#decided.length = Math.min(this.#decided.length, index + 1);
    this.#committed.length = Math.min(this.#committed.length, index + 1);
  }

  /** Everything that the only head decided counts up to `index`. */
  committedUntil(index: number): void {
    this.committed(this.#decided, index);
  }

  /** A log counts up to `index`: `epochs` holds the epoch of each of its entries. */
  committed(epochs: readonly number[], index: number): void {
    for (let at = Math.max(1, this.#committed.length); at <= index; at += 1) {
      const epoch = epochs[at]!;
      this.#committed[at] = epoch;
      for (const result of this.#results.get(`${epoch}.${at}`) ?? [])
        if (result.end.by === 'worker')
          this.#oracle.accepted(result, result.token, Buffer.from(result.end.body).toString());
    }
    if (epochs[index] !== this.#committed[index])
      this.#oracle.violate('I15', `Entry ${index} counts in two forms.`);
  }

  /** A head begins to lead with this log: all that counted must be in it, and no other head may have led under the epoch. */
  leads(head: string, epoch: number, epochs: readonly number[]): void {
    const before = this.#leaders.get(epoch);
    if (before !== undefined)
      this.#oracle.violate('I4', `${before} and ${head} both lead under epoch ${epoch}.`);
    this.#leaders.set(epoch, head);
    const takeoverMs = this.#nowMs() - (this.#leaderlessMs ?? this.#nowMs());
    this.takeoverMsMax = Math.max(this.takeoverMsMax, takeoverMs);
    this.#leaderlessMs = undefined;
    const missing = this.#committed.findIndex((of, index) => index > 0 && epochs[index] !== of);
    if (missing > 0) this.#oracle.violate('I1', `${head} leads without entry ${missing}, which counted.`);
    this.committed(epochs, epochs.length - 1);
  }
}
