/** Options compared by contents, without what differs from call to call. */
import type { SubmitOptions } from '../types/index.js';

type Plain = Readonly<Record<string, unknown>>;

/** No part of what two calls have in common. */
const isPerCall = (name: string): boolean => name === 'id' || name === 'signal';

/** True when both ask for the same. `known` comes from `copyOptions`. */
export function haveSameOptions(known: SubmitOptions, options: SubmitOptions): boolean {
  for (const name in options) {
    if (isPerCall(name)) continue;
    if (!isSame((known as Plain)[name], (options as Plain)[name])) return false;
  }
  for (const name in known) if (!(name in options)) return false;
  return true;
}

function isSame(left: unknown, right: unknown): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return Object.is(left, right);
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  for (const name in right) if (!isSame((left as Plain)[name], (right as Plain)[name])) return false;
  for (const name in left) if (!(name in right)) return false;
  return true;
}

/** A copy that later changes to the caller's object do not reach. */
export function copyOptions(options: SubmitOptions): SubmitOptions {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (!isPerCall(name)) copy[name] = copyValue(value);
  }
  return copy;
}

function copyValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copyValue(part)]));
}
