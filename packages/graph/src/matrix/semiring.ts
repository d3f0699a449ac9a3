/**
 * What "plus" and "times" mean in a product: sums of products; least of sums (nothing is +Infinity); 1 where both are
 * not 0 anywhere; greatest of products of numbers from 0 (nothing is 0).
 */
export const SEMIRINGS = ['plus-times', 'min-plus', 'or-and', 'max-times'] as const;

export type Semiring = (typeof SEMIRINGS)[number];

/** The number that kernels know a semiring by. */
export const semiringNumber = (semiring: Semiring): number => SEMIRINGS.indexOf(semiring);
