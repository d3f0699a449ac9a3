/** Reads msgpack tokens from bytes nobody vouches for: every length is checked before it is believed. */
import { isUtf8 } from 'node:buffer';
import { AnantError } from '../error/index.js';

/** ASCII strings up to this length are put together here, which is cheaper than a call into native code. */
const SHORT_TEXT_MAX = 15;
/** Strings up to this length are looked through here for anything but ASCII; longer ones natively. */
const SCANNED_TEXT_MAX = 64;

export class Reader {
  position = 0;
  readonly end: number;
  readonly #bytes: Buffer;
  #view: DataView | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = bytes.byteLength;
  }

  /** @throws AnantError `E_PROTOCOL` */
  fail(problem: string): never {
    throw new AnantError(
      'E_PROTOCOL',
      `An encoded value is malformed at byte ${this.position}: ${problem}.`,
      {
        advice: 'Both halves must run the same version of Anant; docs/values.md describes the encoding.',
        details: { position: this.position, bytes: this.end, problem },
      },
    );
  }

  byte(): number {
    if (this.position >= this.end) this.fail('it ends in the middle of a value');
    return this.#bytes[this.position++]!;
  }

  /** The next byte without taking it. */
  peek(): number {
    if (this.position >= this.end) this.fail('it ends in the middle of a value');
    return this.#bytes[this.position]!;
  }

  /** Checks that `count` more bytes exist: every element of a collection takes at least one. */
  need(count: number): void {
    if (count > this.end - this.position) {
      this.fail(`${count} more bytes are announced, ${this.end - this.position} are left`);
    }
  }

  uint16(): number {
    this.need(2);
    const at = this.position;
    this.position += 2;
    return (this.#bytes[at]! << 8) | this.#bytes[at + 1]!;
  }

  uint32(): number {
    return this.#data(4).getUint32(this.position - 4);
  }

  float32(): number {
    return this.#data(4).getFloat32(this.position - 4);
  }

  float64(): number {
    return this.#data(8).getFloat64(this.position - 8);
  }

  /** An int of any width behind its code: `cc` to `cf` without, `d0` to `d3` with sign. */
  integer(code: number): number | bigint {
    switch (code) {
      case 0xcc:
        return this.byte();
      case 0xcd:
        return this.uint16();
      case 0xce:
        return this.uint32();
      case 0xcf:
        return narrow(this.#data(8).getBigUint64(this.position - 8));
      case 0xd0:
        return this.#data(1).getInt8(this.position - 1);
      case 0xd1:
        return this.#data(2).getInt16(this.position - 2);
      case 0xd2:
        return this.#data(4).getInt32(this.position - 4);
      default:
        return narrow(this.#data(8).getBigInt64(this.position - 8));
    }
  }

  text(length: number): string {
    this.need(length);
    const start = this.position;
    const end = start + length;
    this.position = end;
    const short = length <= SHORT_TEXT_MAX ? this.#shortAscii(start, end) : undefined;
    return short ?? this.#text(start, end);
  }

  /** A copy, so that a few bytes do not keep a large body alive. */
  binary(length: number): Uint8Array {
    this.need(length);
    const start = this.position;
    this.position += length;
    return new Uint8Array(this.#bytes.subarray(start, start + length));
  }

  #text(start: number, end: number): string {
    const bytes = this.#bytes;
    if (end - start <= SCANNED_TEXT_MAX && this.#isAscii(start, end))
      return bytes.toString('latin1', start, end);
    if (!isUtf8(bytes.subarray(start, end))) {
      this.position = start;
      this.fail('a string is not UTF-8');
    }
    return bytes.toString('utf8', start, end);
  }

  #shortAscii(start: number, end: number): string | undefined {
    let text = '';
    for (let i = start; i < end; i++) {
      const byte = this.#bytes[i]!;
      if (byte > 0x7f) return undefined;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #isAscii(start: number, end: number): boolean {
    for (let i = start; i < end; i++) if (this.#bytes[i]! > 0x7f) return false;
    return true;
  }

  #data(bytes: number): DataView {
    this.need(bytes);
    this.position += bytes;
    this.#view ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    return this.#view;
  }
}

/** Outside the safe range an integer stays a bigint, so that no digit is lost. */
const narrow = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
