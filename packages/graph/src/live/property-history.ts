/** The values of one numeric property over time: a chain per vertex or hyperedge, newest first. */
import { GrowableF64, GrowableU32 } from './growable.js';

export class PropertyHistory {
  /** Position + 1 of the newest value by entity; 0 is none. */
  readonly #heads = new GrowableU32();
  readonly #values = new GrowableF64();
  readonly #epochs = new GrowableU32();
  readonly #previous = new GrowableU32();
  readonly #entities = new GrowableU32();

  get length(): number {
    return this.#values.length;
  }

  set(entity: number, value: number, epoch: number): void {
    if (entity >= this.#heads.length) this.#heads.extend(entity + 1, 0);
    this.#previous.push(this.#heads.at(entity));
    this.#epochs.push(epoch);
    this.#entities.push(entity);
    this.#heads.set(entity, this.#values.push(value) + 1);
  }

  /** The value an entity had at an epoch; undefined when it had none. */
  at(entity: number, epoch: number): number | undefined {
    if (entity >= this.#heads.length) return undefined;
    let entry = this.#heads.at(entity);
    while (entry !== 0 && this.#epochs.at(entry - 1) > epoch) entry = this.#previous.at(entry - 1);
    return entry === 0 ? undefined : this.#values.at(entry - 1);
  }

  /** Takes back everything after the first `length` values. */
  truncate(length: number): void {
    for (let entry = this.#values.length; entry > length; entry--) {
      this.#heads.set(this.#entities.at(entry - 1), this.#previous.at(entry - 1));
    }
    for (const column of [this.#values, this.#epochs, this.#previous, this.#entities])
      column.truncate(length);
  }
}
