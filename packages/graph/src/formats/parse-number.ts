/** Numbers in fields. */
import type { Fields } from './fields.js';
import { LineFault } from './file-error.js';

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;

/** @throws LineFault when the field is not a finite decimal number. */
export function parseNumber(fields: Fields, index: number, what: string): number {
  const text = fields.text(index);
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw new LineFault(`the ${what} "${text}" is not a finite number`);
  return value;
}
