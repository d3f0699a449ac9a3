/** Text ids: all their UTF-8 bytes in one pool. The hash table for lookups is made when it is first needed. */
import { checkIndex, type ExternalId, type IdTable } from './id-table.js';
import { findText, indexTexts, type TextPool } from './text-pool.js';

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export class TextIds implements IdTable {
  readonly pool: TextPool;
  #table: Uint32Array | undefined;

  constructor(pool: TextPool) {
    this.pool = pool;
  }

  get size(): number {
    return this.pool.offsets.length - 1;
  }

  get bytes(): number {
    return this.pool.bytes.byteLength + this.pool.offsets.byteLength + (this.#table?.byteLength ?? 0);
  }

  externalOf(index: number): string {
    checkIndex(index, this.size);
    const { bytes, offsets } = this.pool;
    return decoder.decode(bytes.subarray(offsets[index]!, offsets[index + 1]!));
  }

  indexOf(id: ExternalId): number {
    if (typeof id !== 'string') return -1;
    this.#table ??= indexTexts(this.pool, this.size);
    const text = encoder.encode(id);
    return findText(this.pool, this.#table, text, 0, text.length).index;
  }
}
