/** Parts of an input that stand for a value: finding them, and putting the values in their place. */
import { DEPTH_MAX } from '../../codec/limits.js';
import type { Task } from '../task/task.js';

/** Base of handles, graph nodes and stored objects: whatever may stand in for a value inside an input. */
export abstract class PendingValue {
  /** For messages. */
  abstract readonly id: string;
  /** The task whose result it stands for; a stored object has none. */
  abstract readonly task: Task | undefined;
}

const NONE: readonly PendingValue[] = Object.freeze([]);

/** Every stand-in inside `input`, in order of appearance. Does not look at what is not plain data. */
export function findPending(input: unknown): readonly PendingValue[] {
  if (typeof input !== 'object' || input === null) return NONE;
  const found: PendingValue[] = [];
  search(input, 0, found);
  return found.length === 0 ? NONE : found;
}

function search(value: object, depth: number, found: PendingValue[]): void {
  // Deeper than any portable value: the check that follows says so, circles included.
  if (depth > DEPTH_MAX) return;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index];
      if (typeof item === 'object' && item !== null) search(item, depth + 1, found);
    }
  } else if (isRecord(value)) {
    for (const key in value) {
      const item = value[key];
      if (typeof item === 'object' && item !== null) search(item, depth + 1, found);
    }
  } else if (value instanceof PendingValue) found.push(value);
  else if (value instanceof Map) {
    for (const item of value.values()) {
      if (typeof item === 'object' && item !== null) search(item, depth + 1, found);
    }
  }
}

/**
 * `input` with every object for which `replace` gives something else replaced. Copies what contains a replacement
 * and shares the rest.
 */
export function replaceParts(input: unknown, replace: (part: object) => unknown): unknown {
  if (typeof input !== 'object' || input === null) return input;
  if (Array.isArray(input)) {
    const copy = input.map((item: unknown) => replaceParts(item, replace));
    return copy.some((item, index) => item !== input[index]) ? copy : input;
  }
  if (isRecord(input)) {
    const entries = Object.entries(input);
    const replaced = entries.map(([key, item]) => [key, replaceParts(item, replace)] as const);
    return replaced.some(([, item], index) => item !== entries[index]![1])
      ? Object.fromEntries(replaced)
      : input;
  }
  if (input instanceof Map) {
    const replaced = [...input].map(([key, item]) => [key, replaceParts(item, replace)] as const);
    return replaced.some(([key, item]) => item !== input.get(key)) ? new Map(replaced) : input;
  }
  return replace(input);
}

function isRecord(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
