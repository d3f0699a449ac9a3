/**
 * Semirings over f64, by number: what "plus" and "times" mean in a product. Called with a constant, the functions fold
 * to one operation. Kepner and others, "Mathematical foundations of the GraphBLAS" (HPEC 2016).
 */

/** Sums of products. */
export const PLUS_TIMES: u32 = 0;
/** Least of sums: lengths of shortest ways. Nothing is +Infinity. */
export const MIN_PLUS: u32 = 1;
/** 1 where both are not 0 anywhere, else 0. */
export const OR_AND: u32 = 2;
/** Greatest of products of numbers from 0; nothing, and whatever is below it, is 0. */
export const MAX_TIMES: u32 = 3;

export function isSemiring(value: u32): bool {
  return value <= MAX_TIMES;
}

/** What nothing adds up to. */
// @ts-ignore: decorator
@inline
export function zero(semiring: u32): f64 {
  return semiring == MIN_PLUS ? Infinity : 0;
}

// @ts-ignore: decorator
@inline
export function add(semiring: u32, a: f64, b: f64): f64 {
  if (semiring == MIN_PLUS) return min(a, b);
  if (semiring == OR_AND) return a != 0 || b != 0 ? 1 : 0;
  if (semiring == MAX_TIMES) return max(a, b);
  return a + b;
}

// @ts-ignore: decorator
@inline
export function times(semiring: u32, a: f64, b: f64): f64 {
  if (semiring == MIN_PLUS) return a + b;
  if (semiring == OR_AND) return a != 0 && b != 0 ? 1 : 0;
  return a * b;
}
