import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from './nearest.js';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['abc', '', 3],
    ['kitten', 'sitting', 3],
    ['rya', 'ray', 1],
    ['primry', 'primary', 1],
    ['ca', 'abc', 3],
  ])('of %o and %o is %i', (from, to, edits) => {
    expect(editDistance(from, to)).toBe(edits);
  });

  it('is symmetric, zero only for equal words, and bounded by the longer one', () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const edits = editDistance(a, b);
        expect(edits).toBe(editDistance(b, a));
        expect(edits === 0).toBe(a === b);
        expect(edits).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe('nearest', () => {
  const names = ['native', 'dask', 'ray', 'celery'];

  it.each([
    ['cellery', 'celery'],
    ['NATIVE', 'native'],
    ['rya', 'ray'],
    ['dsak', 'dask'],
    ['spark', undefined],
    ['x', undefined],
    ['', undefined],
  ])('%o is %o', (word, expected) => {
    expect(nearest(word, names)).toBe(expected);
  });
});
