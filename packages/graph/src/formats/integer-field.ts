/** Integers in fields. */
import type { Fields } from './fields.js';
import { LineFault } from './file-error.js';
import { parseInteger, whyNotInteger } from './parse-integer.js';

/** Most vertices, or hyperedges, whose offsets fit a kernel memory. */
export const INDEXES_MAX = 1_073_741_823;

/** @throws LineFault when the field is no integer from 0 to 2^53 - 1. */
export function integerField(fields: Fields, index: number): number {
  const value = parseInteger(fields.bytes, fields.starts[index]!, fields.ends[index]!);
  if (value < 0) throw new LineFault(whyNotInteger(fields.text(index)));
  return value;
}
