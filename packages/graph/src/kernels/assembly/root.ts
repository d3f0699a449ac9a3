/** Most Newton steps: from a start within a few percent the last bit takes fewer, whatever the degree. */
const STEPS_MOST: u32 = 16;
/** Bits of an f64 below its exponent, and the bias of the exponent in place. */
const ONE: i64 = 0x3ff0_0000_0000_0000;

/** `value` to a power from 1, by squaring. */
export function power(value: f64, exponent: u32): f64 {
  let result: f64 = 1;
  let square = value;
  for (let rest = exponent; rest != 0; rest >>= 1) {
    if ((rest & 1) != 0) result *= square;
    square *= square;
  }
  return result;
}

/**
 * The root of degree `degree` (from 1) of a value from 0, by Newton's method: only basic operations, so the bits are
 * the same on every engine, and no tables, so the module stays without data.
 */
export function root(value: f64, degree: u32): f64 {
  if (degree == 1 || value == 0) return value;
  if (degree == 2) return Math.sqrt(value);
  // Dividing the exponent by the degree, and with it the fraction, is the logarithm divided by it, nearly.
  let guess = reinterpret<f64>((reinterpret<i64>(value) - ONE) / <i64>degree + ONE);
  for (let step: u32 = 0; step < STEPS_MOST; step++) {
    const better = (<f64>(degree - 1) * guess + value / power(guess, degree - 1)) / <f64>degree;
    if (better == guess) break;
    guess = better;
  }
  return guess;
}
