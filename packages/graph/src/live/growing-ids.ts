/** External ids that get dense indexes in order of first appearance, while they still come in. */
import { IdInterner } from '../ids/id-interner.js';
import { checkIndex, type ExternalId, type IdTable } from '../ids/id-table.js';
import { GrowableU32 } from './growable.js';

const NONE = 0xffff_ffff;

export class GrowingIds {
  readonly #base: IdTable;
  readonly #interner = new IdInterner();
  /** Provisional index by position after the base. */
  readonly #provisional = new GrowableU32();
  /** Position after the base by provisional index. */
  readonly #positions = new GrowableU32();

  /** @param base Ids that have the first indexes. */
  constructor(base: IdTable) {
    this.#base = base;
  }

  get size(): number {
    return this.#base.size + this.#provisional.length;
  }

  /** The index of an id; a new one when it is seen first. @throws AnantError `E_GRAPH_INVALID` */
  intern(id: ExternalId): number {
    const inBase = this.#base.size > 0 ? this.#base.indexOf(id) : -1;
    if (inBase >= 0) return inBase;
    const provisional = this.#interner.intern(id);
    if (provisional >= this.#positions.length) this.#positions.extend(provisional + 1, NONE);
    const known = this.#positions.at(provisional);
    if (known !== NONE) return this.#base.size + known;
    const position = this.#provisional.push(provisional);
    this.#positions.set(provisional, position);
    return this.#base.size + position;
  }

  /** The index of an id, or -1. */
  indexOf(id: ExternalId): number {
    const inBase = this.#base.size > 0 ? this.#base.indexOf(id) : -1;
    if (inBase >= 0) return inBase;
    const provisional = this.#interner.find(id);
    if (provisional < 0 || provisional >= this.#positions.length) return -1;
    const position = this.#positions.at(provisional);
    return position === NONE ? -1 : this.#base.size + position;
  }

  /** @throws RangeError when `index` is not from 0 to size - 1. */
  externalOf(index: number): ExternalId {
    checkIndex(index, this.size);
    if (index < this.#base.size) return this.#base.externalOf(index);
    return this.#interner.externalOf(this.#provisional.at(index - this.#base.size));
  }
}
