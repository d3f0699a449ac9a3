/** Some of the ids of a table, in the same order, as a table of its own. */
import type { IdTable } from './id-table.js';
import { IntegerIds } from './integer-ids.js';
import { JoinedIds } from './joined-ids.js';
import { TextIds } from './text-ids.js';

/** @param indexes Rising. */
export function selectIds(table: IdTable, indexes: Uint32Array): IdTable {
  const integers: number[] = [];
  const texts: string[] = [];
  for (const index of indexes) {
    const id = table.externalOf(index);
    if (typeof id === 'number') integers.push(id);
    else texts.push(id);
  }
  if (texts.length === 0) return integerIds(integers);
  if (integers.length === 0) return textIds(texts);
  return new JoinedIds(integerIds(integers), textIds(texts));
}

function integerIds(values: readonly number[]): IntegerIds {
  const fits = values.every((value) => value >= 0 && value <= 0xffff_ffff);
  return new IntegerIds(fits ? Uint32Array.from(values) : Float64Array.from(values));
}

/** Texts as ids, in this order; of equal texts the first is found. */
export function textIds(texts: readonly string[]): TextIds {
  const encoder = new TextEncoder();
  const encoded = texts.map((text) => encoder.encode(text));
  const offsets = new Uint32Array(texts.length + 1);
  encoded.forEach((bytes, index) => {
    offsets[index + 1] = offsets[index]! + bytes.length;
  });
  const bytes = new Uint8Array(offsets[texts.length]!);
  encoded.forEach((text, index) => {
    bytes.set(text, offsets[index]!);
  });
  return new TextIds({ bytes, offsets });
}
