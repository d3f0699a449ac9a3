/** Ids that are consecutive integers: no table at all. */
import { checkIndex, type ExternalId, type IdTable } from './id-table.js';

export class RangeIds implements IdTable {
  readonly bytes = 0;

  /** Index i is the id `first` + i. */
  constructor(
    readonly first: number,
    readonly size: number,
  ) {}

  externalOf(index: number): number {
    checkIndex(index, this.size);
    return this.first + index;
  }

  indexOf(id: ExternalId): number {
    if (typeof id !== 'number') return -1;
    const index = id - this.first;
    return Number.isInteger(index) && index >= 0 && index < this.size ? index : -1;
  }
}
