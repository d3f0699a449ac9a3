/**
 * Gives integers dense indexes while a file is read, and puts them in rising order at the end, so that the indexes
 * of a graph do not depend on the order of its file. No JavaScript Map: that one stops at 16,777,216 entries.
 */
import { AnantError } from '@anant/core';
import type { IdTable } from './id-table.js';
import { IntegerIds } from './integer-ids.js';
import { RangeIds } from './range-ids.js';

export interface InternedIds {
  readonly ids: IdTable;
  /** Final index by provisional index; undefined when they are equal. */
  readonly ranks: Uint32Array | undefined;
}

/** Ids below this are found by direct addressing; the table grows to the largest seen (64 MiB at most). */
const DIRECT_VALUES_MAX = 16_777_216;
const DIRECT_VALUES_MIN = 4_096;
/** So many places of the table per id are faster to look through than the ids are to sort. */
const DIRECT_WALK_MAX = 32;
/** Most ids of one table. */
const IDS_MAX = 0xffff_fffe;

export class IntegerInterner {
  /** Value by provisional index. */
  #values = new Float64Array(1_024);
  #size = 0;
  /** Provisional index + 1 by value; 0 is empty. */
  #direct: Uint32Array | undefined = new Uint32Array(DIRECT_VALUES_MIN);
  /** Provisional index + 1 by hash, once values are too large for direct addressing. */
  #table = new Uint32Array(0);

  get size(): number {
    return this.#size;
  }

  /** The provisional index of a safe integer; a new one when it is seen first. */
  intern(value: number): number {
    const direct = this.#direct;
    if (direct !== undefined && value >= 0 && value < direct.length) {
      const entry = direct[value]!;
      if (entry !== 0) return entry - 1;
      const index = this.#append(value);
      direct[value] = index + 1;
      return index;
    }
    return this.#internSlowly(value);
  }

  /** The provisional index of a safe integer, or -1. */
  find(value: number): number {
    const direct = this.#direct;
    if (direct !== undefined) return value >= 0 && value < direct.length ? direct[value]! - 1 : -1;
    const table = this.#table;
    const mask = table.length - 1;
    let slot = hashOf(value) & mask;
    for (let entry = table[slot]!; entry !== 0; entry = table[slot]!) {
      if (this.#values[entry - 1] === value) return entry - 1;
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  /** The integer of a provisional index. */
  valueAt(index: number): number {
    return this.#values[index]!;
  }

  /** The ids in rising order, and where each provisional index went. */
  finish(): InternedIds {
    const values = this.#values.subarray(0, this.#size);
    if (isRising(values)) return { ids: tableOf(values), ranks: undefined };
    const direct = this.#direct;
    if (direct !== undefined && direct.length <= this.#size * DIRECT_WALK_MAX)
      return walked(direct, this.#size);
    const sorted = values.slice().sort();
    const ranks = new Uint32Array(this.#size);
    for (let rank = 0; rank < sorted.length; rank++) ranks[this.intern(sorted[rank]!)] = rank;
    return { ids: tableOf(sorted), ranks };
  }

  #internSlowly(value: number): number {
    if (this.#direct !== undefined) {
      if (value >= 0 && value < DIRECT_VALUES_MAX) {
        this.#growDirect(value);
        return this.intern(value);
      }
      this.#direct = undefined;
      this.#rehash(1_024);
    }
    const table = this.#table;
    const mask = table.length - 1;
    let slot = hashOf(value) & mask;
    for (let entry = table[slot]!; entry !== 0; entry = table[slot]!) {
      if (this.#values[entry - 1] === value) return entry - 1;
      slot = (slot + 1) & mask;
    }
    const index = this.#append(value);
    table[slot] = index + 1;
    if (this.#size * 2 > table.length) this.#rehash(table.length * 2);
    return index;
  }

  #append(value: number): number {
    const index = this.#size;
    if (index >= IDS_MAX) {
      throw new AnantError('E_GRAPH_INVALID', `A graph has more than ${IDS_MAX} different ids of one kind.`);
    }
    if (index === this.#values.length) {
      const grown = new Float64Array(index * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[index] = value;
    this.#size = index + 1;
    return index;
  }

  #growDirect(value: number): void {
    let length = this.#direct!.length;
    while (length <= value) length *= 2;
    const grown = new Uint32Array(length);
    grown.set(this.#direct!);
    this.#direct = grown;
  }

  #rehash(least: number): void {
    let length = least;
    while (length < this.#size * 4) length *= 2;
    const table = new Uint32Array(length);
    const mask = length - 1;
    for (let index = 0; index < this.#size; index++) {
      let slot = hashOf(this.#values[index]!) & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = index + 1;
    }
    this.#table = table;
  }
}

/** The values that a table of provisional indexes + 1 has, in rising order. */
function walked(direct: Uint32Array, size: number): InternedIds {
  const sorted = new Float64Array(size);
  const ranks = new Uint32Array(size);
  let rank = 0;
  for (let value = 0; rank < size; value++) {
    const entry = direct[value]!;
    if (entry === 0) continue;
    ranks[entry - 1] = rank;
    sorted[rank++] = value;
  }
  return { ids: tableOf(sorted), ranks };
}

function hashOf(value: number): number {
  const low = value | 0;
  const high = Math.floor(value / 4_294_967_296) | 0;
  let hash = Math.imul(low ^ Math.imul(high, 0x85eb_ca6b), 0x9e37_79b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function isRising(values: Float64Array): boolean {
  for (let i = 1; i < values.length; i++) {
    if (values[i - 1]! >= values[i]!) return false;
  }
  return true;
}

/** The smallest table that holds strictly rising integers. */
function tableOf(sorted: Float64Array): IdTable {
  const size = sorted.length;
  const first = size === 0 ? 0 : sorted[0]!;
  const last = size === 0 ? -1 : sorted[size - 1]!;
  if (last - first === size - 1) return new RangeIds(first, size);
  const fits = first >= 0 && last <= 0xffff_ffff;
  return new IntegerIds(fits ? Uint32Array.from(sorted) : sorted.slice());
}
