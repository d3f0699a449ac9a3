/**
 * Natural logarithms from additions, multiplications and divisions alone: the same bits everywhere, and no table, which
 * would give the module data of its own.
 */
const LN_2: f64 = 0.693_147_180_559_945_309_4;
const SQRT_HALF: f64 = 0.707_106_781_186_547_524_4;

/** ln(1 - x) for x from 0 to below 1, to about 1e-15 of its value. */
export function lnOneMinus(x: f64): f64 {
  if (x < 0.25) return 2 * atanh(-x / (2 - x));
  let value = 1 - x;
  let exponent: f64 = 0;
  while (value < SQRT_HALF) {
    value *= 2;
    exponent -= 1;
  }
  return exponent * LN_2 + 2 * atanh((value - 1) / (value + 1));
}

/** atanh(s) = s + s^3/3 + s^5/5 + …, for |s| up to 0.172. */
function atanh(s: f64): f64 {
  const square = s * s;
  let power = s;
  let sum = s;
  for (let i: f64 = 3; i < 29; i += 2) {
    power *= square;
    sum += power / i;
  }
  return sum;
}
