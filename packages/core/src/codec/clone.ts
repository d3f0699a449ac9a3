/** `clonePortable`: what a value looks like after a journey, without the journey. */
import { bytesOf, type NumericArray, viewElements } from './element-type.js';
import {
  checkBigInt,
  checkedElementType,
  checkHole,
  checkKeyText,
  checkText,
  objectKind,
  ownValue,
  refuseType,
} from './rules.js';
import { Tensor } from './tensor.js';
import { MapStep, Trace } from './trace.js';

/**
 * A deep copy that shares no memory with `value`, exactly as encoding and decoding would make it: a `Buffer` becomes
 * a `Uint8Array`, an object without prototype a plain one. `ObjectRef` instances are shared; they never change.
 * @param name what the value is called in messages, for example `input`.
 * @throws AnantError `E_VALUE_NOT_PORTABLE`, with the path of the offending part.
 */
export function clonePortable<Value>(value: Value, name = 'value'): Value {
  return cloneValue(value, 0, new Trace(value, name)) as Value;
}

function cloneValue(value: unknown, depth: number, trace: Trace): unknown {
  switch (typeof value) {
    case 'number':
    case 'boolean':
    case 'undefined':
      return value;
    case 'string':
      checkText(value, depth, trace);
      return value;
    case 'bigint':
      checkBigInt(value, depth, trace);
      return value;
    case 'object':
      return value === null ? null : cloneObject(value, depth, trace);
    default:
      return refuseType(value, depth, trace);
  }
}

function cloneObject(value: object, depth: number, trace: Trace): unknown {
  switch (objectKind(value, depth, trace)) {
    case 'record':
      return cloneRecord(value, depth, trace);
    case 'array':
      return cloneArray(value as unknown[], depth, trace);
    case 'map':
      return cloneMap(value as Map<unknown, unknown>, depth, trace);
    case 'date':
      return new Date((value as Date).getTime());
    case 'array-buffer-view':
      return cloneElements(value as NumericArray);
    case 'tensor':
      return new Tensor([...(value as Tensor).shape], cloneElements((value as Tensor).data));
    case 'reference':
      return value;
  }
}

function cloneRecord(record: object, depth: number, trace: Trace): object {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(record)) {
    trace.steps[depth] = key;
    checkKeyText(key, depth + 1, trace);
    copy[key] = cloneValue(ownValue(record, key, depth + 1, trace), depth + 1, trace);
  }
  return copy;
}

function cloneArray(array: readonly unknown[], depth: number, trace: Trace): unknown[] {
  const copy: unknown[] = [];
  for (let i = 0; i < array.length; i++) {
    trace.steps[depth] = i;
    const item = array[i];
    if (item === undefined) checkHole(array, i, depth + 1, trace);
    copy.push(cloneValue(item, depth + 1, trace));
  }
  return copy;
}

function cloneMap(map: ReadonlyMap<unknown, unknown>, depth: number, trace: Trace): Map<unknown, unknown> {
  const copy = new Map<unknown, unknown>();
  for (const [key, item] of map) {
    trace.steps[depth] = new MapStep(key);
    copy.set(key, cloneValue(item, depth + 1, trace));
  }
  return copy;
}

const cloneElements = (array: NumericArray): NumericArray =>
  viewElements(checkedElementType(array), new Uint8Array(bytesOf(array)));
