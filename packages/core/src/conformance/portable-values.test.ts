import { describe, expect, it } from 'vitest';
import { checkPortable, decodeValue, encodeValue } from '../codec/index.js';
import { seededRandom } from '../testing/seeded-random.js';
import { firstDifference } from './portable-equality.js';
import { arrayValues, cornerValues, randomPortable } from './portable-values.js';

const RANDOM_VALUES = 500;

const decode = (value: unknown): unknown => {
  const { body, buffers } = encodeValue(value);
  return decodeValue(body, buffers);
};

describe('portable values to try', () => {
  const random = seededRandom(42);
  const values = [
    ...cornerValues(),
    ...arrayValues(),
    ...Array.from({ length: RANDOM_VALUES }, () => randomPortable(random)),
  ];

  it('are portable, each one', () => {
    for (const value of values) expect(() => checkPortable(value)).not.toThrow();
  });

  it('are equal to themselves after a trip through the codec', () => {
    for (const [index, value] of values.entries()) {
      expect(firstDifference(decode(value), value, `value ${index}`)).toBeUndefined();
    }
  });

  it('repeat for a seed', () => {
    const take = (seed: number) => {
      const source = seededRandom(seed);
      return Array.from({ length: 50 }, () => randomPortable(source));
    };
    expect(firstDifference(take(3), take(3), 'values')).toBeUndefined();
    expect(firstDifference(take(3), take(4), 'values')).toBeDefined();
  });
});

describe('firstDifference', () => {
  it.each([
    [0, -0],
    [1, 1n],
    [undefined, null],
    [new Float64Array([0]), new Float64Array([-0])],
    [new Uint8Array([1]), new Int8Array([1])],
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    [new Map([[1, 2]]), new Map([[2, 1]])],
    [new Map(), {}],
    [[1], [1, undefined]],
    [new Date(1), new Date(2)],
    ['a', 'b'],
  ])('tells %o from %o', (left, right) => {
    expect(firstDifference(left, right, 'value')).toMatch(/^value/);
  });

  it('takes a Buffer for the bytes it is', () => {
    expect(firstDifference(new Uint8Array([1, 2]), Buffer.from([1, 2]), 'value')).toBeUndefined();
  });
});
