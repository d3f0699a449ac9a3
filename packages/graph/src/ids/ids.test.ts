import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IdInterner } from './id-interner.js';
import type { ExternalId } from './id-table.js';
import { IntegerInterner } from './integer-interner.js';
import { RangeIds } from './range-ids.js';
import { TextInterner } from './text-interner.js';

const idOf = fc.oneof(
  fc.integer({ min: -5, max: 30 }),
  fc.integer({ min: 16_777_000, max: 16_778_000 }),
  fc.maxSafeInteger(),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('1', '2', '-5', ''),
);

test('every id gets one index, back and forth, integers in rising order before texts', () => {
  fc.assert(
    fc.property(fc.array(idOf, { maxLength: 200 }), (ids: ExternalId[]) => {
      const interner = new IdInterner();
      const provisional = ids.map((id) => interner.intern(id));
      const { ids: table, ranks } = interner.finish();
      const distinct = [...new Set(ids)];
      expect(table.size).toBe(distinct.length);
      ids.forEach((id, at) => {
        const index = ranks![provisional[at]!]!;
        expect(table.externalOf(index)).toBe(id === 0 ? 0 : id);
        expect(table.indexOf(id)).toBe(index);
      });
      const all = Array.from({ length: table.size }, (_, index) => table.externalOf(index));
      const integers = all.filter((id) => typeof id === 'number');
      expect(all.slice(0, integers.length)).toEqual(integers.toSorted((a, b) => a - b));
      expect(all.slice(integers.length)).toEqual(distinct.filter((id) => typeof id === 'string'));
      for (const absent of ['no such id', 31, 0.5, -6].filter((id) => !ids.includes(id)))
        expect(table.indexOf(absent)).toBe(-1);
    }),
  );
});

describe('integers', () => {
  test('consecutive ids need no table, ids with gaps one of 4 bytes each, large ones of 8', () => {
    const tableOf = (values: number[]) => {
      const interner = new IntegerInterner();
      for (const value of values) interner.intern(value);
      return interner.finish().ids;
    };
    expect(tableOf([3, 1, 2])).toBeInstanceOf(RangeIds);
    expect(tableOf([3, 1, 2]).bytes).toBe(0);
    expect(tableOf([3, 1]).bytes).toBe(8);
    expect(tableOf([3, 2 ** 40]).bytes).toBe(16);
    expect(tableOf([]).size).toBe(0);
  });

  test('more ids than a hash table starts with, dense and scattered', () => {
    for (const scatter of [1, 7_919, 1_000_003]) {
      const interner = new IntegerInterner();
      const values = Array.from({ length: 20_000 }, (_, i) => ((i * 104_729) % 20_011) * scatter);
      for (const value of values) interner.intern(value);
      const { ids, ranks } = interner.finish();
      expect(ids.size).toBe(20_000);
      values.forEach((value, at) => {
        expect(ids.externalOf(ranks?.[at] ?? at)).toBe(value);
      });
    }
  });
});

test('texts beyond the first sizes of pool and table', () => {
  const interner = new TextInterner();
  const texts = Array.from({ length: 5_000 }, (_, i) => `vertex number ${i}`);
  const indexes = texts.map((text) => interner.intern(Buffer.from(`<${text}>`), 1, text.length + 1));
  expect(indexes).toEqual(texts.map((_, i) => i));
  const ids = interner.finish();
  expect(texts.map((text) => ids.indexOf(text))).toEqual(indexes);
  expect(ids.externalOf(4_999)).toBe('vertex number 4999');
  expect(interner.intern(Buffer.from([0xff]), 0, 1)).toBe(-1);
});

test('an id that is neither text nor a safe integer is refused', () => {
  const interner = new IdInterner();
  for (const id of [0.5, Number.NaN, 2 ** 53, '\ud800', null, {}]) {
    expect(() => interner.intern(id as never)).toThrow(expect.objectContaining({ code: 'E_GRAPH_INVALID' }));
  }
  expect(() => new RangeIds(1, 2).externalOf(2)).toThrow(RangeError);
});
