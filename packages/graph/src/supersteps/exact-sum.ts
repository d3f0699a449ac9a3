/** Sums whose bits do not depend on the order, as the kernels' `exact-sum` takes them: pieces of values add up exactly. */
const ULP = Number.EPSILON;

/** Where values are cut. The same for all parts of a graph. */
export interface Cuts {
  readonly high: number;
  readonly low: number;
}

/** @param count Values in the whole graph. @param bound No value is larger. */
export function cutsFor(count: number, bound: number): Cuts {
  const length = powerAtLeast(count);
  const first = 2 * length * powerAtLeast(bound);
  return { high: 1.5 * first, low: 1.5 * (2 * length * first * ULP) };
}

/** The two sums of pieces of some values; those of others are added to them without rounding. */
export function piecesOf(values: Float64Array, { high, low }: Cuts): readonly [sum: number, rest: number] {
  let sum = 0;
  let rest = 0;
  for (const value of values) {
    const piece = high + value - high;
    sum += piece;
    rest += low + (value - piece) - low;
  }
  return [sum, rest];
}

/** The smallest power of two that is not below a value above 0. */
function powerAtLeast(value: number): number {
  let power = 1;
  if (!(value > 0)) return power;
  while (power < value) power *= 2;
  while (power / 2 >= value) power /= 2;
  return power;
}
