import { f64At } from './array';

/** Ulp of the numbers from 1 to 2. */
const ULP: f64 = 2.220446049250313e-16;

/**
 * The sum of `count` values from 0 to `bound`, with the same bits in any order: each value is cut at two fixed places, and the
 * sums of the pieces are exact. Short of the true sum by less than count² · bound · 2^-102 before the last rounding.
 * Demmel and Nguyen, "Fast reproducible floating-point summation" (ARITH 2013), with a bound that is known.
 */
export function exactSum(values: usize, count: u32, bound: f64): f64 {
  if (count == 0 || !(bound > 0)) return 0;
  const length = atLeast(<f64>count);
  const first = 2 * length * atLeast(bound);
  const high = 1.5 * first;
  const low = 1.5 * (2 * length * first * ULP);
  let sum: f64 = 0;
  let rest: f64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const value = f64At(values, i);
    const piece = high + value - high;
    sum += piece;
    rest += low + (value - piece) - low;
  }
  return sum + rest;
}

/** The smallest power of two that is not below `value`, which is above 0. */
function atLeast(value: f64): f64 {
  let power: f64 = 1;
  while (power < value) power *= 2;
  while (power / 2 >= value) power /= 2;
  return power;
}

/** The largest of `count` values, or 0 when none is above. */
export function largestOf(values: usize, count: u32): f64 {
  let largest: f64 = 0;
  for (let i: u32 = 0; i < count; i++) largest = max(largest, f64At(values, i));
  return largest;
}
