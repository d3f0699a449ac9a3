/**
 * Tables of FlatBuffers, read with every offset and length checked against the bytes there are: what has been read
 * through them is safe to hand to a reader that checks nothing. FlatBuffers internals, "Tables" and "Vectors".
 */

/** What is wrong with a buffer; the reader adds the file. */
export class FlatFault extends Error {
  constructor(what: string) {
    super(`its metadata is damaged: ${what}`);
    this.name = 'FlatFault';
  }
}

/** Where structs lie, and how many. */
export interface FlatStructs {
  readonly at: number;
  readonly count: number;
}

/** The buffer, and how many more tables may be met: tables that share parts could be met without end. */
interface FlatBuffer {
  readonly view: DataView;
  tablesLeft: number;
}

export class FlatTable {
  readonly #buffer: FlatBuffer;
  readonly #at: number;
  readonly #slots: number;
  readonly #slotCount: number;

  private constructor(buffer: FlatBuffer, at: number) {
    buffer.tablesLeft -= 1;
    if (buffer.tablesLeft < 0) throw new FlatFault('it has more tables than bytes');
    this.#buffer = buffer;
    this.#at = at;
    within(buffer, at, 4);
    const slots = at - buffer.view.getInt32(at, true);
    within(buffer, slots, 4);
    const bytes = buffer.view.getUint16(slots, true);
    if (bytes < 4 || bytes % 2 !== 0) throw new FlatFault('a table has no fields');
    within(buffer, slots, bytes);
    this.#slots = slots + 4;
    this.#slotCount = (bytes - 4) / 2;
  }

  /** The table that a buffer begins with. @throws FlatFault */
  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const buffer = { view, tablesLeft: Math.ceil(bytes.byteLength / 4) };
    within(buffer, 0, 4);
    return new FlatTable(buffer, view.getUint32(0, true));
  }

  /** 0 where the field is not there. */
  uint8(slot: number): number {
    const at = this.#fieldAt(slot, 1);
    return at === undefined ? 0 : this.#buffer.view.getUint8(at);
  }

  /** 0 where the field is not there. @throws FlatFault when it is negative or above 2^53 - 1 */
  uint53(slot: number): number {
    const at = this.#fieldAt(slot, 8);
    return at === undefined ? 0 : this.uint53At(at);
  }

  /** One that a struct holds. */
  uint53At(at: number): number {
    within(this.#buffer, at, 8);
    const value = Number(this.#buffer.view.getBigInt64(at, true));
    if (!Number.isSafeInteger(value) || value < 0) throw new FlatFault(`${value} stands for a length`);
    return value;
  }

  /** One that a struct holds. */
  uint31At(at: number): number {
    within(this.#buffer, at, 4);
    const value = this.#buffer.view.getInt32(at, true);
    if (value < 0) throw new FlatFault(`${value} stands for a length`);
    return value;
  }

  table(slot: number): FlatTable | undefined {
    const at = this.#fieldAt(slot, 4);
    return at === undefined ? undefined : new FlatTable(this.#buffer, this.#follow(at));
  }

  tables(slot: number): FlatTable[] {
    const { at, count } = this.structs(slot, 4);
    return Array.from(
      { length: count },
      (_, index) => new FlatTable(this.#buffer, this.#follow(at + 4 * index)),
    );
  }

  /** A vector of structs or numbers of `bytes` bytes each; none where the field is not there. */
  structs(slot: number, bytes: number): FlatStructs {
    const field = this.#fieldAt(slot, 4);
    if (field === undefined) return { at: 0, count: 0 };
    const vector = this.#follow(field);
    within(this.#buffer, vector, 4);
    const count = this.#buffer.view.getUint32(vector, true);
    within(this.#buffer, vector + 4, count * bytes);
    return { at: vector + 4, count };
  }

  #fieldAt(slot: number, bytes: number): number | undefined {
    if (slot >= this.#slotCount) return undefined;
    const offset = this.#buffer.view.getUint16(this.#slots + 2 * slot, true);
    if (offset === 0) return undefined;
    within(this.#buffer, this.#at + offset, bytes);
    return this.#at + offset;
  }

  #follow(at: number): number {
    within(this.#buffer, at, 4);
    return at + this.#buffer.view.getUint32(at, true);
  }
}

function within({ view }: FlatBuffer, at: number, bytes: number): void {
  if (at < 0 || at + bytes > view.byteLength) throw new FlatFault('a length or an offset leads out of it');
}
