/** `encodeValue`: one walk that validates and writes. Large arrays stay where they are and travel as buffers. */
import type { ObjectRef } from '../contract/index.js';
import { bytesOf, type NumericArray } from './element-type.js';
import { EXTENSION } from './extension.js';
import { INLINE_BYTES_MAX } from './limits.js';
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
import type { Tensor } from './tensor.js';
import { MapStep, Trace } from './trace.js';
import { Writer } from './writer.js';

/** A value on the wire: a msgpack body and the buffers it names. */
export interface EncodedValue {
  readonly body: Uint8Array;
  /** Views of the caller's own arrays: they must not change until they are sent. */
  readonly buffers: Uint8Array[];
}

/**
 * Encodes a portable value (docs/values.md). The body is canonical: equal values have equal bytes.
 * @param name what the value is called in messages, for example `input`.
 * @throws AnantError `E_VALUE_NOT_PORTABLE` with the path of the offending part; `E_PAYLOAD_TOO_LARGE`.
 */
export function encodeValue(value: unknown, name = 'value'): EncodedValue {
  const buffers: Uint8Array[] = [];
  return { body: encodeWith(value, name, buffers), buffers };
}

/**
 * Encodes a message of plain data whose bytes stay in the body, whatever their length: for frames that carry
 * encoded values. Typed arrays and tensors are refused.
 */
export function encodeMessage(message: unknown, name = 'message'): Uint8Array {
  return encodeWith(message, name, undefined);
}

/** Bytes of an encoded value, buffers included. */
export function encodedBytes({ body, buffers }: EncodedValue): number {
  return buffers.reduce((sum, buffer) => sum + buffer.byteLength, body.byteLength);
}

/** The writer between two uses; taken while one is running, since a proxy's traps may encode as well. */
let idle: Writer | undefined;

function encodeWith(value: unknown, name: string, buffers: Uint8Array[] | undefined): Uint8Array {
  const writer = idle ?? new Writer();
  idle = undefined;
  try {
    new Encode(new Trace(value, name), writer, buffers).value(value, 0);
    return writer.take();
  } finally {
    writer.reset();
    idle = writer;
  }
}

class Encode {
  readonly #trace: Trace;
  readonly #writer: Writer;
  readonly #buffers: Uint8Array[] | undefined;

  constructor(trace: Trace, writer: Writer, buffers: Uint8Array[] | undefined) {
    this.#trace = trace;
    this.#writer = writer;
    this.#buffers = buffers;
  }

  value(value: unknown, depth: number): void {
    switch (typeof value) {
      case 'string':
        checkText(value, depth, this.#trace);
        this.#writer.text(value);
        return;
      case 'number':
        this.#writer.number(value);
        return;
      case 'boolean':
        this.#writer.boolean(value);
        return;
      case 'object':
        if (value === null) this.#writer.nil();
        else this.#object(value, depth);
        return;
      case 'undefined':
        this.#writer.emptyExtension(EXTENSION.undefined);
        return;
      case 'bigint':
        checkBigInt(value, depth, this.#trace);
        this.#integerExtension(EXTENSION.bigint, value);
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
      case 'date':
        this.#integerExtension(EXTENSION.date, (value as Date).getTime());
        return;
      case 'array-buffer-view':
        this.#elements(value as NumericArray, depth);
        return;
      case 'tensor':
        this.#buffer((value as Tensor).data, (value as Tensor).shape, depth);
        return;
      case 'reference':
        this.#reference(value as ObjectRef);
        return;
    }
  }

  #record(record: object, depth: number): void {
    const keys = Object.keys(record);
    this.#writer.map(keys.length);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      this.#trace.steps[depth] = key;
      const item = ownValue(record, key, depth + 1, this.#trace);
      checkKeyText(key, depth + 1, this.#trace);
      this.#writer.text(key);
      this.value(item, depth + 1);
    }
  }

  #array(array: readonly unknown[], depth: number): void {
    const count = array.length;
    this.#writer.array(count);
    for (let i = 0; i < count; i++) {
      this.#trace.steps[depth] = i;
      const item = array[i];
      if (item === undefined) checkHole(array, i, depth + 1, this.#trace);
      this.value(item, depth + 1);
    }
  }

  #map(map: ReadonlyMap<unknown, unknown>, depth: number): void {
    const start = this.#writer.startExtension();
    this.#writer.array(map.size * 2);
    for (const [key, item] of map) {
      this.#trace.steps[depth] = new MapStep(key);
      this.value(key, depth + 1);
      this.value(item, depth + 1);
    }
    this.#writer.endExtension(start, EXTENSION.map);
  }

  #elements(array: NumericArray, depth: number): void {
    if (!(array instanceof Uint8Array)) {
      this.#buffer(array, [array.length], depth);
    } else if (this.#buffers === undefined || array.length < INLINE_BYTES_MAX) {
      this.#writer.binary(array);
    } else {
      this.#buffer(array, undefined, depth);
    }
  }

  /** @param shape missing for bytes */
  #buffer(array: NumericArray, shape: readonly number[] | undefined, depth: number): void {
    const buffers = this.#buffers;
    if (buffers === undefined) this.#trace.refuse(depth, 'a message cannot carry arrays out of band');
    const start = this.#writer.startExtension();
    this.#writer.array(3);
    this.#writer.number(buffers.length);
    this.#writer.text(checkedElementType(array));
    if (shape === undefined) {
      this.#writer.nil();
    } else {
      this.#writer.array(shape.length);
      for (const length of shape) this.#writer.number(length);
    }
    this.#writer.endExtension(start, EXTENSION.buffer);
    buffers.push(bytesOf(array));
  }

  #reference(reference: ObjectRef): void {
    const start = this.#writer.startExtension();
    this.#writer.array(2);
    this.#writer.text(reference.id);
    this.#writer.text(reference.backend);
    this.#writer.endExtension(start, EXTENSION.reference);
  }

  #integerExtension(type: number, value: number | bigint): void {
    const start = this.#writer.startExtension();
    if (typeof value === 'bigint') this.#writer.bigint(value);
    else this.#writer.number(value);
    this.#writer.endExtension(start, type);
  }
}
