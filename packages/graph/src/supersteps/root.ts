/** Powers and roots with the bits of the kernels' `root`: Newton's method, basic operations only. */
const STEPS_MOST = 16;
const ONE = 0x3ff0_0000_0000_0000n;
const bits = new BigInt64Array(1);
const number = new Float64Array(bits.buffer);

/** `value` to a power from 1, by squaring. */
export function power(value: number, exponent: number): number {
  let result = 1;
  let square = value;
  for (let rest = exponent; rest !== 0; rest >>>= 1) {
    if ((rest & 1) !== 0) result *= square;
    square *= square;
  }
  return result;
}

/** The root of degree `degree` (from 1) of a value from 0. */
export function root(value: number, degree: number): number {
  if (degree === 1 || value === 0) return value;
  if (degree === 2) return Math.sqrt(value);
  number[0] = value;
  bits[0] = (bits[0]! - ONE) / BigInt(degree) + ONE;
  let guess = number[0]!;
  for (let step = 0; step < STEPS_MOST; step++) {
    const better = ((degree - 1) * guess + value / power(guess, degree - 1)) / degree;
    if (better === guess) break;
    guess = better;
  }
  return guess;
}
