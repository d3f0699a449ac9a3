import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mix, unmix } from './mix.js';

test('unmix undoes mix', () =>
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (value) => {
      expect(unmix(mix(value))).toBe(value);
      expect(mix(unmix(value))).toBe(value);
    }),
  ));
