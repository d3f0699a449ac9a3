/** Checks of what generators are asked for. */
import { AnantError } from '@anant/core';

const U32_MAX = 0xffff_ffff;

export function invalid(message: string): AnantError<'E_GRAPH_INVALID'> {
  return new AnantError('E_GRAPH_INVALID', message, {
    advice: 'The generators are described in docs/graph-generate.md.',
  });
}

/** @throws AnantError `E_GRAPH_INVALID`, naming it. */
export function checkInteger(name: string, value: number, minimum = 0, maximum = U32_MAX): number {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  throw invalid(`"${name}" must be an integer from ${minimum} to ${maximum}, not ${value}.`);
}

/** The sum of counts. @throws AnantError `E_GRAPH_INVALID` when it is more than a graph may have. */
export function sumOf(name: string, counts: Uint32Array): number {
  let sum = 0;
  for (const count of counts) sum += count;
  if (sum > U32_MAX) throw invalid(`"${name}" add up to ${sum}, more than ${U32_MAX}.`);
  return sum;
}

/** A list of counts as kernels take it. @throws AnantError `E_GRAPH_INVALID` */
export function countsOf(name: string, values: ArrayLike<number>): Uint32Array {
  if (values instanceof Uint32Array) return values;
  return Uint32Array.from(values, (value, index) => checkInteger(`${name}[${index}]`, value));
}
