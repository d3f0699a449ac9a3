/** Whether two portable values are the same, to the bit and to the order of keys. */
import { Tensor } from '../codec/index.js';
import { Violation } from './violation.js';

/** @throws Violation with the path of the first difference. */
export function checkSame(actual: unknown, expected: unknown, what: string): void {
  const difference = firstDifference(actual, expected, what);
  if (difference !== undefined) throw new Violation(difference);
}

/** @returns where and how the values differ, or `undefined` when they are the same. */
export function firstDifference(actual: unknown, expected: unknown, path: string): string | undefined {
  if (Object.is(actual, expected)) return undefined;
  const differ = () => `${path}: expected ${show(expected)}, got ${show(actual)}`;
  if (typeof actual !== 'object' || typeof expected !== 'object' || actual === null || expected === null) {
    return differ();
  }
  if (Array.isArray(expected)) {
    return Array.isArray(actual) ? sequenceDifference(actual, expected, path) : differ();
  }
  if (expected instanceof Date) {
    return actual instanceof Date && actual.getTime() === expected.getTime() ? undefined : differ();
  }
  if (ArrayBuffer.isView(expected)) {
    return ArrayBuffer.isView(actual) && sameElements(actual, expected) ? undefined : differ();
  }
  if (Tensor.is(expected)) {
    if (!Tensor.is(actual) || actual.dtype !== expected.dtype) return differ();
    if (actual.shape.join() !== expected.shape.join()) return differ();
    return sameElements(actual.data, expected.data) ? undefined : differ();
  }
  if (expected instanceof Map) {
    if (!(actual instanceof Map)) return differ();
    return sequenceDifference([...actual], [...expected], path);
  }
  if (Object.getPrototypeOf(actual) !== Object.prototype) return differ();
  return sequenceDifference(Object.entries(actual), Object.entries(expected), path);
}

function sequenceDifference(
  actual: readonly unknown[],
  expected: readonly unknown[],
  path: string,
): string | undefined {
  if (actual.length !== expected.length) {
    return `${path}: expected ${expected.length} parts, got ${actual.length}`;
  }
  for (let index = 0; index < expected.length; index++) {
    const difference = firstDifference(actual[index], expected[index], `${path}[${index}]`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** A `Buffer` comes back as the `Uint8Array` it is. */
function typeName(view: ArrayBufferView): string {
  return view instanceof Uint8Array ? 'Uint8Array' : view.constructor.name;
}

function sameElements(actual: ArrayBufferView, expected: ArrayBufferView): boolean {
  if (typeName(actual) !== typeName(expected) || actual.byteLength !== expected.byteLength) return false;
  return Buffer.compare(bytes(actual), bytes(expected)) === 0;
}

const bytes = (view: ArrayBufferView): Buffer => Buffer.from(view.buffer, view.byteOffset, view.byteLength);

function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'string') return JSON.stringify(value).slice(0, 80);
  if (typeof value !== 'object' || value === null) return String(value);
  const name = value.constructor?.name ?? 'object';
  if (ArrayBuffer.isView(value)) return `${name} of ${value.byteLength} bytes`;
  return `${name} ${Object.keys(value).slice(0, 8).join(', ')}`.trim();
}
