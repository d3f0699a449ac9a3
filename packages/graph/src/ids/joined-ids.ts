/** Integer and text ids of one graph together: the integers first, then the texts. */
import { checkIndex, type ExternalId, type IdTable } from './id-table.js';

export class JoinedIds implements IdTable {
  readonly integers: IdTable;
  readonly texts: IdTable;

  constructor(integers: IdTable, texts: IdTable) {
    this.integers = integers;
    this.texts = texts;
  }

  get size(): number {
    return this.integers.size + this.texts.size;
  }

  get bytes(): number {
    return this.integers.bytes + this.texts.bytes;
  }

  externalOf(index: number): ExternalId {
    checkIndex(index, this.size);
    const split = this.integers.size;
    return index < split ? this.integers.externalOf(index) : this.texts.externalOf(index - split);
  }

  indexOf(id: ExternalId): number {
    if (typeof id === 'number') return this.integers.indexOf(id);
    const index = this.texts.indexOf(id);
    return index < 0 ? -1 : index + this.integers.size;
  }
}
