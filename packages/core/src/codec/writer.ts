/** Writes msgpack into one growing piece of memory, always in the shortest form. */
import { AnantError } from '../error/index.js';
import { BODY_BYTES_MAX } from './limits.js';

const INITIAL_BYTES = 16 * 1024;
/** Memory kept between two uses; more is given back. */
const KEPT_BYTES_MAX = 1024 * 1024;
/** ASCII strings up to this length are written byte by byte: cheaper than a call into native code. */
const SHORT_TEXT_MAX = 31;
/** Most bytes one call needs besides the text or bytes themselves. */
const SLACK_BYTES = 16;

export class Writer {
  #bytes = new Uint8Array(INITIAL_BYTES);
  /** The same memory, for its string methods. */
  #buffer = Buffer.from(this.#bytes.buffer);
  #view = new DataView(this.#bytes.buffer);
  #position = 0;

  /** The bytes written since the last `reset`, as a copy. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#position);
  }

  /** Makes the writer ready for the next value. */
  reset(): void {
    this.#position = 0;
    if (this.#bytes.length > KEPT_BYTES_MAX) this.#replace(new Uint8Array(INITIAL_BYTES));
  }

  nil(): void {
    this.#byte(0xc0);
  }

  boolean(value: boolean): void {
    this.#byte(value ? 0xc3 : 0xc2);
  }

  /** A safe integer as int, everything else as float64; NaN in its canonical form. */
  number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      this.#integer(value);
      return;
    }
    this.#ensure(SLACK_BYTES);
    this.#bytes[this.#position++] = 0xcb;
    if (Number.isNaN(value)) {
      this.#view.setUint32(this.#position, 0x7ff80000);
      this.#view.setUint32(this.#position + 4, 0);
    } else {
      this.#view.setFloat64(this.#position, value);
    }
    this.#position += 8;
  }

  /** An int of up to 64 bit; the caller has checked the range. */
  bigint(value: bigint): void {
    if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) {
      this.#integer(Number(value));
      return;
    }
    this.#ensure(SLACK_BYTES);
    if (value >= 0n) {
      this.#bytes[this.#position++] = 0xcf;
      this.#view.setBigUint64(this.#position, value);
    } else {
      this.#bytes[this.#position++] = 0xd3;
      this.#view.setBigInt64(this.#position, value);
    }
    this.#position += 8;
  }

  /** A well-formed string. */
  text(text: string): void {
    if (text.length <= SHORT_TEXT_MAX && this.#shortAscii(text)) return;
    const length = Buffer.byteLength(text);
    this.#ensure(length + SLACK_BYTES);
    if (length <= 31) this.#bytes[this.#position++] = 0xa0 | length;
    else this.#length(length, 0xd9);
    const encoding = length === text.length ? 'latin1' : 'utf8';
    this.#buffer.write(text, this.#position, length, encoding);
    this.#position += length;
  }

  binary(bytes: Uint8Array): void {
    this.#ensure(bytes.length + SLACK_BYTES);
    this.#length(bytes.length, 0xc4);
    this.#bytes.set(bytes, this.#position);
    this.#position += bytes.length;
  }

  array(count: number): void {
    this.#ensure(SLACK_BYTES);
    if (count <= 15) this.#bytes[this.#position++] = 0x90 | count;
    else this.#count(count, 0xdc);
  }

  map(count: number): void {
    this.#ensure(SLACK_BYTES);
    if (count <= 15) this.#bytes[this.#position++] = 0x80 | count;
    else this.#count(count, 0xde);
  }

  /** An extension without payload. */
  emptyExtension(type: number): void {
    this.#ensure(SLACK_BYTES);
    this.#bytes[this.#position++] = 0xc7;
    this.#bytes[this.#position++] = 0;
    this.#bytes[this.#position++] = type;
  }

  /** Starts an extension; what is written until `endExtension(start)` is its payload. */
  startExtension(): number {
    this.#ensure(SLACK_BYTES);
    const start = this.#position;
    this.#position += HEADER_GUESS_BYTES;
    return start;
  }

  /** Writes the header in front of the payload, moving it where the header is not as long as guessed. */
  endExtension(start: number, type: number): void {
    this.#ensure(SLACK_BYTES);
    const payload = start + HEADER_GUESS_BYTES;
    const length = this.#position - payload;
    const header = extensionHeaderBytes(length);
    if (header !== HEADER_GUESS_BYTES) {
      this.#bytes.copyWithin(start + header, payload, this.#position);
    }
    this.#position = start;
    if (header === 2) this.#bytes[this.#position++] = 0xd4 + Math.log2(length);
    else this.#length(length, 0xc7);
    this.#bytes[this.#position++] = type;
    this.#position += length;
  }

  #shortAscii(text: string): boolean {
    this.#ensure(SHORT_TEXT_MAX + SLACK_BYTES);
    const bytes = this.#bytes;
    const start = this.#position + 1;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[start + i] = code;
    }
    bytes[this.#position] = 0xa0 | text.length;
    this.#position = start + text.length;
    return true;
  }

  #integer(value: number): void {
    this.#ensure(SLACK_BYTES);
    if (value >= 0) this.#unsigned(value);
    else this.#negative(value);
  }

  #unsigned(value: number): void {
    const bytes = this.#bytes;
    if (value <= 0x7f) {
      bytes[this.#position++] = value;
    } else if (value <= 0xffffffff) {
      this.#length(value, 0xcc);
    } else {
      bytes[this.#position++] = 0xcf;
      this.#view.setUint32(this.#position, Math.floor(value / 2 ** 32));
      this.#view.setUint32(this.#position + 4, value >>> 0);
      this.#position += 8;
    }
  }

  #negative(value: number): void {
    const bytes = this.#bytes;
    if (value >= -0x20) {
      bytes[this.#position++] = value & 0xff;
    } else if (value >= -0x80) {
      bytes[this.#position++] = 0xd0;
      bytes[this.#position++] = value & 0xff;
    } else if (value >= -0x8000) {
      bytes[this.#position++] = 0xd1;
      this.#view.setInt16(this.#position, value);
      this.#position += 2;
    } else if (value >= -0x80000000) {
      bytes[this.#position++] = 0xd2;
      this.#view.setInt32(this.#position, value);
      this.#position += 4;
    } else {
      bytes[this.#position++] = 0xd3;
      this.#view.setInt32(this.#position, Math.floor(value / 2 ** 32));
      this.#view.setUint32(this.#position + 4, value >>> 0);
      this.#position += 8;
    }
  }

  /** A length of 8, 16 or 32 bit behind the code `code8`, `code8 + 1` or `code8 + 2`. */
  #length(length: number, code8: number): void {
    if (length <= 0xff) {
      this.#bytes[this.#position++] = code8;
      this.#bytes[this.#position++] = length;
    } else {
      this.#count(length, code8 + 1);
    }
  }

  /** A length of 16 or 32 bit behind the code `code16` or `code16 + 1`. */
  #count(count: number, code16: number): void {
    if (count <= 0xffff) {
      this.#bytes[this.#position++] = code16;
      this.#view.setUint16(this.#position, count);
      this.#position += 2;
    } else {
      this.#bytes[this.#position++] = code16 + 1;
      this.#view.setUint32(this.#position, count);
      this.#position += 4;
    }
  }

  #byte(byte: number): void {
    this.#ensure(SLACK_BYTES);
    this.#bytes[this.#position++] = byte;
  }

  #ensure(bytes: number): void {
    const needed = this.#position + bytes;
    if (needed > this.#bytes.length) this.#grow(needed);
  }

  #grow(needed: number): void {
    if (needed > BODY_BYTES_MAX) {
      throw new AnantError(
        'E_PAYLOAD_TOO_LARGE',
        `A value needs more than ${BODY_BYTES_MAX} bytes encoded.`,
        {
          advice: 'Pass large data as typed arrays or bytes (they travel out of band), or in parts.',
          details: { bytesMax: BODY_BYTES_MAX },
        },
      );
    }
    const grown = new Uint8Array(Math.min(BODY_BYTES_MAX, Math.max(needed, this.#bytes.length * 2)));
    grown.set(this.#bytes.subarray(0, this.#position));
    this.#replace(grown);
  }

  #replace(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#buffer = Buffer.from(bytes.buffer);
    this.#view = new DataView(bytes.buffer);
  }
}

/** Most extension payloads take a header of this length. */
const HEADER_GUESS_BYTES = 3;

function extensionHeaderBytes(length: number): number {
  if (length === 1 || length === 2 || length === 4 || length === 8 || length === 16) return 2;
  if (length <= 0xff) return 3;
  return length <= 0xffff ? 4 : 6;
}
