/**
 * Writes protobuf's wire format into memory that is used again for the next message. The generated code is for messages
 * that are rare; in those that carry every task it costs more than the rest of the head.
 * Source: protobuf.dev, "Encoding".
 */

const BYTES_MIN = 16 * 1024;
/** Memory of one large message is not kept for the small ones after it. */
const BYTES_KEPT_MAX = 1024 * 1024;
/** Strings up to this length are written here, if they are ASCII; a call into the runtime costs more. */
const SHORT_CHARACTERS = 64;
const VARINT_BYTES_MAX = 10;

export class WireWriter {
  #bytes = Buffer.allocUnsafeSlow(BYTES_MIN);
  #position = 0;

  /** Begins a message that is one nested message in the field `tag`. @returns what `close` needs */
  open(tag: number): number {
    this.#position = 0;
    return this.begin(tag);
  }

  /** Ends what `open` began. @returns all of it, as bytes of its own */
  close(start: number): Buffer {
    this.end(start);
    return this.take();
  }

  /** Begins a message. What an error left of another one is dropped. */
  restart(): void {
    this.#position = 0;
  }

  /** What was written, as bytes of its own. */
  take(): Buffer {
    const taken = Buffer.allocUnsafe(this.#position);
    taken.set(this.#bytes.subarray(0, this.#position));
    this.#position = 0;
    if (this.#bytes.byteLength > BYTES_KEPT_MAX) this.#bytes = Buffer.allocUnsafeSlow(BYTES_MIN);
    return taken;
  }

  /** A whole number from 0 to 2^53 under a tag; 0 is left out, as proto3 has it. */
  number(tag: number, value: number): void {
    if (value === 0) return;
    this.#reserve(2 * VARINT_BYTES_MAX);
    this.#varint(tag);
    this.#varint(value);
  }

  /** An element of a packed list. */
  element(value: number): void {
    this.#reserve(VARINT_BYTES_MAX);
    this.#varint(value);
  }

  fixed32(tag: number, value: number): void {
    if (value === 0) return;
    this.#reserve(VARINT_BYTES_MAX + 4);
    this.#varint(tag);
    this.#position = this.#bytes.writeUInt32LE(value >>> 0, this.#position);
  }

  bytes(tag: number, value: Uint8Array): void {
    if (value.byteLength > 0) this.message(tag, value);
  }

  /** A message encoded elsewhere; written even when it is empty. */
  message(tag: number, value: Uint8Array): void {
    this.#reserve(2 * VARINT_BYTES_MAX + value.byteLength);
    this.#varint(tag);
    this.#varint(value.byteLength);
    this.#bytes.set(value, this.#position);
    this.#position += value.byteLength;
  }

  string(tag: number, value: string): void {
    const { length } = value;
    if (length === 0) return;
    // UTF-8 takes three bytes at most for each unit of a string.
    this.#reserve(2 * VARINT_BYTES_MAX + 3 * length);
    this.#varint(tag);
    if (length > SHORT_CHARACTERS || !this.#ascii(value)) this.#text(value);
  }

  /** Begins a nested message. @returns what `end` needs */
  begin(tag: number): number {
    this.#reserve(VARINT_BYTES_MAX + 1);
    this.#varint(tag);
    this.#position += 1;
    return this.#position;
  }

  /** Ends the nested message that began at `start`. */
  end(start: number): void {
    const length = this.#position - start;
    if (length < 0x80) {
      this.#bytes[start - 1] = length;
      return;
    }
    this.#reserve(VARINT_BYTES_MAX);
    const extra = varintBytes(length) - 1;
    this.#bytes.copyWithin(start + extra, start, this.#position);
    this.#position = start - 1;
    this.#varint(length);
    this.#position += length;
  }

  #ascii(value: string): boolean {
    const bytes = this.#bytes;
    const start = this.#position + 1;
    for (let at = 0; at < value.length; at += 1) {
      const code = value.charCodeAt(at);
      if (code > 0x7f) return false;
      bytes[start + at] = code;
    }
    bytes[start - 1] = value.length;
    this.#position = start + value.length;
    return true;
  }

  #text(value: string): void {
    const length = Buffer.byteLength(value);
    this.#varint(length);
    this.#position += this.#bytes.write(value, this.#position, length, 'utf8');
  }

  #varint(value: number): void {
    const bytes = this.#bytes;
    let rest = value;
    // Beyond 31 bits the bit operators would cut it.
    while (rest > 0x7fff_ffff) {
      bytes[this.#position] = (rest % 0x80) | 0x80;
      this.#position += 1;
      rest = Math.floor(rest / 0x80);
    }
    while (rest > 0x7f) {
      bytes[this.#position] = (rest & 0x7f) | 0x80;
      this.#position += 1;
      rest >>>= 7;
    }
    bytes[this.#position] = rest;
    this.#position += 1;
  }

  #reserve(bytes: number): void {
    const needed = this.#position + bytes;
    if (needed <= this.#bytes.byteLength) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.byteLength));
    larger.set(this.#bytes.subarray(0, this.#position));
    this.#bytes = larger;
  }
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes += 1;
  return bytes;
}

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** Tags of fields, by how their values are written. */
export const numberTag = (field: number): number => (field << 3) | VARINT;
export const bytesTag = (field: number): number => (field << 3) | LENGTH_DELIMITED;
export const fixed32Tag = (field: number): number => (field << 3) | FIXED_32;
