/** Parameters of iterations, and what is said when one does not end by itself. */
import type { Fact } from './result.js';

export interface ConvergenceParameters {
  /** How near to standing still the iteration ends; greater than 0. */
  readonly tolerance?: number;
  /** Most iterations; 1 to 1,000,000. Stopping there without convergence is a warning. */
  readonly iterationsMax?: number;
}

export function convergenceParameters(defaults: {
  readonly tolerance: number;
  readonly iterationsMax: number;
}) {
  return {
    tolerance: {
      type: 'number',
      description: 'how near to standing still the iteration ends',
      default: defaults.tolerance,
      minimum: 0,
      bounds: 'exclusive',
    },
    iterationsMax: {
      type: 'integer',
      description: 'most iterations',
      default: defaults.iterationsMax,
      minimum: 1,
      maximum: 1_000_000,
    },
  } as const;
}

export interface Convergence {
  readonly facts: readonly Fact[];
  /** One when the iteration did not converge. */
  readonly warnings: readonly string[];
}

/** @param name What is computed, as a sentence starts. */
export function convergenceOf(
  name: string,
  {
    iterations,
    last,
    tolerance,
  }: { readonly iterations: number; readonly last: number; readonly tolerance: number },
): Convergence {
  const hasConverged = last < tolerance;
  const facts = [
    { name: 'iterations', value: iterations },
    { name: 'last change', value: last.toExponential(2) },
    { name: 'converged', value: hasConverged ? 'yes' : 'no' },
  ];
  if (hasConverged) return { facts, warnings: [] };
  const message =
    `${name} did not converge: the change after ${iterations} iterations is ${last.toPrecision(3)}, ` +
    `above the tolerance ${tolerance}.`;
  return { facts, warnings: [message] };
}
