/** Integer ids with gaps, in rising order; looked up by binary search. */
import { checkIndex, type ExternalId, type IdTable } from './id-table.js';

export class IntegerIds implements IdTable {
  /** Safe integers, strictly rising. */
  readonly values: Uint32Array | Float64Array;

  constructor(values: Uint32Array | Float64Array) {
    this.values = values;
  }

  get size(): number {
    return this.values.length;
  }

  get bytes(): number {
    return this.values.byteLength;
  }

  externalOf(index: number): number {
    checkIndex(index, this.size);
    return this.values[index]!;
  }

  indexOf(id: ExternalId): number {
    if (typeof id !== 'number') return -1;
    const values = this.values;
    let low = 0;
    let high = values.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (values[middle]! < id) low = middle + 1;
      else high = middle;
    }
    return values[low] === id ? low : -1;
  }
}
