/** `checkPortable`: refuses what cannot travel, without encoding it. */
import type { ObjectRef } from '../contract/index.js';
import {
  checkBigInt,
  checkHole,
  checkKeyText,
  checkText,
  objectKind,
  ownValue,
  refuseType,
} from './rules.js';
import { MapStep, Trace } from './trace.js';

const NO_REFERENCES: readonly ObjectRef[] = Object.freeze([]);

/**
 * Walks a value once and refuses it if any part of it is not portable (docs/values.md).
 * @param name what the value is called in messages, for example `input` or `result`.
 * @returns every `ObjectRef` inside, in order of appearance.
 * @throws AnantError `E_VALUE_NOT_PORTABLE`, with the path of the offending part.
 */
export function checkPortable(value: unknown, name = 'value'): readonly ObjectRef[] {
  switch (typeof value) {
    case 'number':
    case 'boolean':
    case 'undefined':
      return NO_REFERENCES;
    case 'object':
      if (value === null) return NO_REFERENCES;
  }
  const check = new Check(new Trace(value, name));
  check.value(value, 0);
  return check.references ?? NO_REFERENCES;
}

class Check {
  references: ObjectRef[] | undefined;
  readonly #trace: Trace;

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  value(value: unknown, depth: number): void {
    switch (typeof value) {
      case 'number':
      case 'boolean':
      case 'undefined':
        return;
      case 'string':
        checkText(value, depth, this.#trace);
        return;
      case 'bigint':
        checkBigInt(value, depth, this.#trace);
        return;
      case 'object':
        if (value !== null) this.#object(value, depth);
        return;
      default:
        refuseType(value, depth, this.#trace);
    }
  }

  #object(value: object, depth: number): void {
    switch (objectKind(value, depth, this.#trace)) {
      case 'record':
        this.#record(value, depth);
        return;
      case 'array':
        this.#array(value as unknown[], depth);
        return;
      case 'map':
        this.#map(value as Map<unknown, unknown>, depth);
        return;
      case 'reference':
        this.references ??= [];
        this.references.push(value as ObjectRef);
    }
  }

  #record(record: object, depth: number): void {
    const keys = Object.keys(record);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      this.#trace.steps[depth] = key;
      checkKeyText(key, depth + 1, this.#trace);
      this.value(ownValue(record, key, depth + 1, this.#trace), depth + 1);
    }
  }

  #array(array: readonly unknown[], depth: number): void {
    for (let i = 0; i < array.length; i++) {
      this.#trace.steps[depth] = i;
      const item = array[i];
      if (item === undefined) checkHole(array, i, depth + 1, this.#trace);
      else this.value(item, depth + 1);
    }
  }

  #map(map: ReadonlyMap<unknown, unknown>, depth: number): void {
    for (const [key, item] of map) {
      this.#trace.steps[depth] = new MapStep(key);
      this.value(item, depth + 1);
    }
  }
}
