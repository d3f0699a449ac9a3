import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutsFor, piecesOf } from './exact-sum.js';

const values = fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 1, maxLength: 300 });

test('any order and any division have the same bits, near the true sum', () =>
  fc.assert(
    fc.property(values, fc.nat(), (numbers, turn) => {
      const cuts = cutsFor(numbers.length, 1000);
      const totalOf = (parts: readonly (readonly number[])[]) => {
        const pieces = parts.map((part) => piecesOf(Float64Array.from(part), cuts));
        const [sum, rest] = [0, 1].map((place) => pieces.reduce((all, piece) => all + piece[place]!, 0));
        return sum! + rest!;
      };
      const at = turn % numbers.length;
      const turned = [...numbers.slice(at), ...numbers.slice(0, at)];
      const total = totalOf([numbers]);
      expect(totalOf([turned])).toBe(total);
      expect(totalOf([numbers.slice(0, at), numbers.slice(at)])).toBe(total);
      const plain = numbers.toSorted((a, b) => a - b).reduce((sum, value) => sum + value, 0);
      const short = numbers.length ** 2 * 1000 * 2 ** -90;
      expect(Math.abs(total - plain)).toBeLessThanOrEqual(plain * numbers.length * Number.EPSILON + short);
    }),
  ));
