/** `decodeValue`: reads what `encodeValue` or its Python twin wrote, and refuses everything else. */
import { ObjectRef } from '../contract/index.js';
import { ELEMENT_ARRAYS, isElementType, viewElements } from './element-type.js';
import { EXTENSION } from './extension.js';
import { DATE_MS_MAX, DEPTH_MAX, RANK_MAX } from './limits.js';
import { findClash } from './map-key.js';
import { Reader } from './reader.js';
import { elementCount, Tensor } from './tensor.js';
import { renderKey } from './trace.js';

/**
 * Decodes a value. Typed arrays are views of `buffers` where their alignment allows it, and copies otherwise.
 * @throws AnantError `E_PROTOCOL` with the byte and the problem, for anything that is not a portable value.
 */
export function decodeValue(body: Uint8Array, buffers: readonly Uint8Array[] = []): unknown {
  const reader = new Reader(body);
  const value = new Decode(reader, buffers).value(0);
  if (reader.position < reader.end) reader.fail(`${reader.end - reader.position} bytes follow the value`);
  return value;
}

/** Decodes what `encodeMessage` or any msgpack writer wrote within the profile, without buffers. */
export function decodeMessage(message: Uint8Array): unknown {
  return decodeValue(message);
}

class Decode {
  readonly #reader: Reader;
  readonly #buffers: readonly Uint8Array[];

  constructor(reader: Reader, buffers: readonly Uint8Array[]) {
    this.#reader = reader;
    this.#buffers = buffers;
  }

  value(depth: number): unknown {
    const code = this.#reader.byte();
    if (code <= 0x7f) return code;
    if (code <= 0x8f) return this.#record(code & 0x0f, depth);
    if (code <= 0x9f) return this.#array(code & 0x0f, depth);
    if (code <= 0xbf) return this.#reader.text(code & 0x1f);
    if (code >= 0xe0) return code - 0x100;
    return this.#coded(code, depth);
  }

  #coded(code: number, depth: number): unknown {
    const reader = this.#reader;
    switch (code) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return reader.binary(this.#length(code - 0xc4));
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#extension(this.#length(code - 0xc7), depth);
      case 0xca:
        return reader.float32();
      case 0xcb:
        return reader.float64();
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(1 << (code - 0xd4), depth);
      case 0xd9:
      case 0xda:
      case 0xdb:
        return reader.text(this.#length(code - 0xd9));
      case 0xdc:
        return this.#array(reader.uint16(), depth);
      case 0xdd:
        return this.#array(reader.uint32(), depth);
      case 0xde:
        return this.#record(reader.uint16(), depth);
      case 0xdf:
        return this.#record(reader.uint32(), depth);
      case 0xc1:
        return reader.fail('the code c1 is never used');
      default:
        return reader.integer(code);
    }
  }

  /** A length of 8, 16 or 32 bit. */
  #length(width: number): number {
    if (width === 0) return this.#reader.byte();
    return width === 1 ? this.#reader.uint16() : this.#reader.uint32();
  }

  #record(count: number, depth: number): Record<string, unknown> {
    this.#enter(count * 2, depth);
    const record: Record<string, unknown> = {};
    for (let i = 0; i < count; i++) {
      const key = this.#key();
      record[key] = this.value(depth + 1);
    }
    if (Object.keys(record).length !== count) this.#reader.fail('a key occurs twice in a map');
    return record;
  }

  #key(): string {
    const reader = this.#reader;
    const code = reader.byte();
    let length = code & 0x1f;
    if (code >= 0xd9 && code <= 0xdb) length = this.#length(code - 0xd9);
    else if (code < 0xa0 || code > 0xbf) reader.fail('a key of a map is not a string');
    const key = reader.text(length);
    if (key === '__proto__') reader.fail('the key __proto__ is not allowed');
    return key;
  }

  #array(count: number, depth: number): unknown[] {
    this.#enter(count, depth);
    const array: unknown[] = [];
    for (let i = 0; i < count; i++) array.push(this.value(depth + 1));
    return array;
  }

  #enter(count: number, depth: number): void {
    if (depth >= DEPTH_MAX) this.#reader.fail(`it is nested deeper than ${DEPTH_MAX} levels`);
    this.#reader.need(count);
  }

  #extension(length: number, depth: number): unknown {
    const reader = this.#reader;
    // Types are signed: 255 is −1, the timestamp of msgpack.
    const type = (reader.byte() << 24) >> 24;
    reader.need(length);
    const end = reader.position + length;
    const value = this.#extensionValue(type, length, depth);
    if (reader.position !== end)
      reader.fail(`the payload of extension ${type} has another length than announced`);
    return value;
  }

  #extensionValue(type: number, length: number, depth: number): unknown {
    switch (type) {
      case EXTENSION.undefined:
        return length === 0 ? undefined : this.#reader.fail('extension 1 has no payload');
      case EXTENSION.bigint:
        return BigInt(this.#integer(type));
      case EXTENSION.date:
        return this.#date();
      case EXTENSION.map:
        return this.#map(depth);
      case EXTENSION.reference:
        return this.#reference();
      case EXTENSION.buffer:
        return this.#buffer();
      default:
        return this.#reader.fail(`extension ${type} is unknown`);
    }
  }

  /** The payload of an extension that is a single int. */
  #integer(type: number): number | bigint {
    const code = this.#reader.byte();
    if (code <= 0x7f) return code;
    if (code >= 0xe0) return code - 0x100;
    if (code >= 0xcc && code <= 0xd3) return this.#reader.integer(code);
    return this.#reader.fail(`the payload of extension ${type} is not an int`);
  }

  #date(): Date {
    const ms = Number(this.#integer(EXTENSION.date));
    if (Math.abs(ms) > DATE_MS_MAX) this.#reader.fail('a date is out of range');
    return new Date(ms);
  }

  #map(depth: number): Map<unknown, unknown> {
    const count = this.#arrayHeader(EXTENSION.map);
    if (count % 2 !== 0) this.#reader.fail('a map has a key without a value');
    this.#enter(count, depth);
    const map = new Map<unknown, unknown>();
    for (let i = 0; i < count; i += 2) {
      const key = this.value(depth + 1);
      if ((typeof key === 'object' && key !== undefined) || key === undefined || Number.isNaN(key)) {
        this.#reader.fail('a key of a map is no string, boolean, number or bigint');
      }
      map.set(key, this.value(depth + 1));
    }
    if (map.size !== count / 2) this.#reader.fail('a key occurs twice in a map');
    const clash = findClash(map.keys());
    if (clash) this.#reader.fail(`a map has the equal keys ${clash.map(renderKey).join(' and ')}`);
    return map;
  }

  #reference(): ObjectRef {
    if (this.#arrayHeader(EXTENSION.reference) !== 2) this.#reader.fail('extension 5 needs [id, backend]');
    const [id, backend] = [this.value(DEPTH_MAX), this.value(DEPTH_MAX)];
    if (typeof id !== 'string' || typeof backend !== 'string') {
      return this.#reader.fail('extension 5 needs two strings');
    }
    return new ObjectRef(id, backend);
  }

  #buffer(): unknown {
    const reader = this.#reader;
    if (this.#arrayHeader(EXTENSION.buffer) !== 3) reader.fail('extension 16 needs [index, dtype, shape]');
    const index = this.value(DEPTH_MAX);
    const dtype = this.value(DEPTH_MAX);
    const shape = this.#shape();
    const bytes = typeof index === 'number' ? this.#buffers[index] : undefined;
    if (bytes === undefined)
      return reader.fail(`buffer ${String(index)} is named, the message has ${this.#buffers.length}`);
    if (!isElementType(dtype)) return reader.fail(`the element type ${JSON.stringify(dtype)} is unknown`);
    const count = shape === undefined ? bytes.byteLength : elementCount(shape);
    if (count === undefined) return reader.fail(`[${shape}] is not the shape of an array`);
    if (shape === undefined && dtype !== 'u1') return reader.fail('bytes have the element type u1');
    const size = ELEMENT_ARRAYS[dtype].BYTES_PER_ELEMENT;
    if (count * size !== bytes.byteLength) {
      return reader.fail(`buffer ${index} has ${bytes.byteLength} bytes, its shape needs ${count * size}`);
    }
    const data = viewElements(dtype, bytes);
    return shape === undefined || shape.length === 1 ? data : new Tensor(shape as readonly number[], data);
  }

  #shape(): readonly unknown[] | undefined {
    if (this.#reader.peek() === 0xc0) {
      this.#reader.byte();
      return undefined;
    }
    const rank = this.#arrayHeader(EXTENSION.buffer);
    if (rank > RANK_MAX) this.#reader.fail(`an array has ${rank} axes, at most ${RANK_MAX} are possible`);
    return Array.from({ length: rank }, () => this.value(DEPTH_MAX));
  }

  /** The number of elements of the array that an extension's payload must be. */
  #arrayHeader(type: number): number {
    const code = this.#reader.byte();
    if ((code & 0xf0) === 0x90) return code & 0x0f;
    if (code === 0xdc) return this.#reader.uint16();
    if (code === 0xdd) return this.#reader.uint32();
    return this.#reader.fail(`the payload of extension ${type} is not an array`);
  }
}
