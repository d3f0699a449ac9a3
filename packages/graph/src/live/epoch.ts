/**
 * Epochs: every batch of changes is one. What exists from epoch `added` on and until before epoch `removed` is seen by
 * the snapshots in between; nothing is overwritten, so readers need no lock and no copy.
 */
import { GrowableU32 } from './growable.js';

/** `removed` of what still exists, `added` of what was taken back. */
export const NEVER = 0xffff_ffff;
/** Most epochs of one generation; a merge begins a new one with epochs counted on. */
export const EPOCHS_MAX = 0xffff_fff0;

/** When each of a column of things came and went. */
export class Lifetimes {
  readonly #added = new GrowableU32();
  /** As long as it has to be: what is beyond its end was never removed. */
  readonly #removed = new GrowableU32();

  get length(): number {
    return this.#added.length;
  }

  push(epoch: number): number {
    return this.#added.push(epoch);
  }

  /** The first `count` things exist since epoch 0. */
  begin(count: number): void {
    this.#added.extend(count, 0);
  }

  isAlive(index: number, epoch: number): boolean {
    return (
      this.#added.at(index) <= epoch && (index >= this.#removed.length || epoch < this.#removed.at(index))
    );
  }

  remove(index: number, epoch: number): void {
    if (index >= this.#removed.length) this.#removed.extend(index + 1, NEVER);
    this.#removed.set(index, epoch);
  }

  restore(index: number): void {
    if (index < this.#removed.length) this.#removed.set(index, NEVER);
  }

  addedAt(index: number): number {
    return this.#added.at(index);
  }

  truncate(length: number): void {
    this.#added.truncate(length);
    this.#removed.truncate(length);
  }
}
