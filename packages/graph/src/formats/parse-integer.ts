/** Non-negative integers from bytes, and the reason when there is none. */

/** The value of the digits from `start` to `end`, or -1 when they are not a canonical integer from 0 to 2^53 - 1. */
export function parseInteger(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length < 1 || length > 16) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  if (length > 1 && bytes[start] === 48) return -1;
  return value <= Number.MAX_SAFE_INTEGER ? value : -1;
}

const SHOWN_CHARACTERS_MAX = 40;

/** Why a field is not a non-negative integer. */
export function whyNotInteger(text: string): string {
  const shown =
    text.length > SHOWN_CHARACTERS_MAX ? `"${text.slice(0, SHOWN_CHARACTERS_MAX)}…"` : `"${text}"`;
  if (text === '') return 'an id is missing: the field is empty';
  if (/^-\d+$/.test(text)) return `the id ${shown} is negative`;
  if (/^0\d+$/.test(text)) return `the id ${shown} has leading zeros`;
  if (/^\d+$/.test(text)) return `the id ${shown} is larger than 2^53 - 1`;
  if (/^[-+]?\d*\.?\d+([eE][-+]?\d+)?$/.test(text)) return `the id ${shown} is not an integer`;
  if (/^\d+[\t,; ]/.test(text)) return `mixed separators: ${shown} holds more than one number`;
  return `the id ${shown} is not an integer`;
}

/** Whether a field is meant as a number, even if not one that an id may be. */
export const looksNumeric = (text: string): boolean => /^[-+]?\d*\.?\d+([eE][-+]?\d+)?$/.test(text);

/** The id that a text stands for: what is written as an integer is one. */
export const idOf = (text: string): string | number =>
  /^(0|-?[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
