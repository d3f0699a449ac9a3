/** The rules of docs/values.md that encoding, checking and cloning share. Each refuses through the trace. */
import { types } from 'node:util';
import { ObjectRef } from '../contract/index.js';
import { type ElementType, elementTypeOf } from './element-type.js';
import { DEPTH_MAX, INT64_MIN, NAMED_CHECK_ELEMENTS_MAX, UINT64_MAX } from './limits.js';
import { findClash } from './map-key.js';
import { Tensor } from './tensor.js';
import { renderKey, type Trace } from './trace.js';

/** Node 20 has the method, the library types of ES2023 do not. */
const isWellFormed = (text: string): boolean => (text as string & { isWellFormed(): boolean }).isWellFormed();

/** What an object is, once it is known to be portable at its own level. */
export type ObjectKind = 'record' | 'array' | 'map' | 'date' | 'array-buffer-view' | 'tensor' | 'reference';

/** Classifies an object and refuses it when its own level is not portable; children are not looked at. */
export function objectKind(value: object, depth: number, trace: Trace): ObjectKind {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return checkRecord(value, depth, trace);
  if (Array.isArray(value)) return checkArray(value, prototype, depth, trace);
  if (ArrayBuffer.isView(value)) return checkView(value, prototype, depth, trace);
  if (prototype === Map.prototype && types.isMap(value)) return checkMap(value, depth, trace);
  if (prototype === Date.prototype && types.isDate(value)) return checkDate(value, depth, trace);
  if (Tensor.is(value)) return checkTensor(value, depth, trace);
  if (ObjectRef.is(value)) return checkReference(value, depth, trace);
  if (isForeignRecord(prototype)) return checkRecord(value, depth, trace);
  return trace.refuse(depth, describeObject(value));
}

/** The value of a record's property; refuses accessors without calling them, and `__proto__`. */
export function ownValue(record: object, key: string, depth: number, trace: Trace): unknown {
  const property = Object.getOwnPropertyDescriptor(record, key)!;
  if (property.get !== undefined || property.set !== undefined) {
    trace.refuse(depth, 'it is a getter or setter, not a value');
  }
  if (key === '__proto__') trace.refuse(depth, 'the key __proto__ is not allowed');
  return property.value;
}

export function checkText(text: string, depth: number, trace: Trace): void {
  if (!isWellFormed(text)) {
    trace.refuse(depth, 'it is a string with half a surrogate pair, which no encoding of Unicode can carry');
  }
}

export function checkKeyText(key: string, depth: number, trace: Trace): void {
  if (!isWellFormed(key)) trace.refuse(depth, 'its key is a string with half a surrogate pair');
}

export function checkBigInt(value: bigint, depth: number, trace: Trace): void {
  if (value < INT64_MIN || value > UINT64_MAX) {
    trace.refuse(depth, 'it is a bigint outside −2^63 … 2^64−1');
  }
}

/** Refuses what `typeof` already rules out. */
export function refuseType(value: unknown, depth: number, trace: Trace): never {
  return trace.refuse(depth, typeof value === 'function' ? 'it is a function' : `it is a ${typeof value}`);
}

/** Refuses a hole; called where an element reads as `undefined`. */
export function checkHole(array: readonly unknown[], index: number, depth: number, trace: Trace): void {
  if (!Object.hasOwn(array, index)) trace.refuse(depth, 'it is a hole in a sparse array');
}

function checkDepth(depth: number, trace: Trace): void {
  if (depth >= DEPTH_MAX) trace.refuseDepth(depth);
}

function checkRecord(value: object, depth: number, trace: Trace): ObjectKind {
  checkDepth(depth, trace);
  if (Object.getOwnPropertySymbols(value).length > 0) trace.refuse(depth, 'it has a symbol as key');
  return 'record';
}

function checkArray(value: unknown[], prototype: object, depth: number, trace: Trace): ObjectKind {
  checkDepth(depth, trace);
  if (prototype !== Array.prototype && !isForeignArray(prototype)) trace.refuse(depth, describeObject(value));
  if (value.length <= NAMED_CHECK_ELEMENTS_MAX) {
    const keys = Object.keys(value);
    if (keys.length > value.length) {
      const named = keys.find((key) => !/^\d+$/.test(key));
      trace.refuse(depth, `it is an array with the property "${named}" besides its elements`);
    }
  }
  return 'array';
}

function checkView(value: ArrayBufferView, prototype: object, depth: number, trace: Trace): ObjectKind {
  const type = elementTypeOf(prototype);
  if (type === undefined) trace.refuse(depth, describeObject(value));
  if (value.byteLength === 0 && isDetached(value)) trace.refuse(depth, 'its memory was transferred away');
  return 'array-buffer-view';
}

function checkMap(map: Map<unknown, unknown>, depth: number, trace: Trace): ObjectKind {
  checkDepth(depth, trace);
  if (Object.keys(map).length > 0) trace.refuse(depth, 'it is a Map with properties besides its entries');
  let numeric = '';
  let isMixed = false;
  for (const key of map.keys()) {
    const type = typeof key;
    if (type === 'string') {
      if (!isWellFormed(key as string))
        trace.refuse(depth, 'it is a Map with half a surrogate pair in a key');
      continue;
    }
    if (type === 'number' || type === 'boolean' || type === 'bigint') {
      if (type === 'bigint') checkBigInt(key as bigint, depth, trace);
      if (Number.isNaN(key)) trace.refuse(depth, 'it is a Map with NaN as key');
      isMixed ||= numeric !== '' && numeric !== type;
      numeric = type;
      continue;
    }
    const kind = key === null ? 'null' : `a key of type ${type}`;
    trace.refuse(depth, `it is a Map with ${kind}; strings, booleans, numbers and bigints can be keys`);
  }
  const clash = isMixed ? findClash(map.keys()) : undefined;
  if (clash !== undefined) {
    const [first, second] = clash.map(renderKey);
    trace.refuse(depth, `it is a Map with the keys ${first} and ${second}, which Python holds to be equal`);
  }
  return 'map';
}

function checkDate(date: Date, depth: number, trace: Trace): ObjectKind {
  if (Number.isNaN(date.getTime())) trace.refuse(depth, 'it is an invalid Date');
  if (Object.keys(date).length > 0) trace.refuse(depth, 'it is a Date with properties of its own');
  return 'date';
}

function checkTensor(tensor: Tensor, depth: number, trace: Trace): ObjectKind {
  checkView(tensor.data, Object.getPrototypeOf(tensor.data), depth, trace);
  return 'tensor';
}

function checkReference(reference: ObjectRef, depth: number, trace: Trace): ObjectKind {
  const { id, backend } = reference;
  if (typeof id !== 'string' || typeof backend !== 'string' || !isWellFormed(id + backend)) {
    trace.refuse(depth, 'it is an ObjectRef without a proper id and backend');
  }
  return 'reference';
}

/** A plain object or array of another realm, such as a `vm` context: its prototype is nobody's instance. */
const isForeignRecord = (prototype: object): boolean =>
  Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
const isForeignArray = (prototype: object): boolean =>
  Array.isArray(prototype) && isForeignRecord(Object.getPrototypeOf(prototype) ?? prototype);

function isDetached(view: ArrayBufferView): boolean {
  try {
    new Uint8Array(view.buffer);
    return false;
  } catch {
    return true;
  }
}

function describeObject(value: object): string {
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === 'string' && name !== '' && name !== 'Object'
    ? `it is an instance of ${name}`
    : 'it is an object with a prototype of its own';
}

/** The element type of a view that passed `objectKind`. */
export const checkedElementType = (view: ArrayBufferView): ElementType =>
  elementTypeOf(Object.getPrototypeOf(view))!;
