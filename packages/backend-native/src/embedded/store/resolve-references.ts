/** Puts stored values where references to them stand. */
import { ObjectRef } from '@anant/core';

/** A copy of `value` with every `ObjectRef` replaced; parts without one are the same objects. */
export function resolveReferences(value: unknown, resolve: (reference: ObjectRef) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (ObjectRef.is(value)) return resolve(value);
  if (Array.isArray(value)) return value.map((item) => resolveReferences(item, resolve));
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]) => [key, resolveReferences(item, resolve)]));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, resolveReferences(item, resolve)]);
  return Object.fromEntries(entries);
}
