/** Reads protobuf's wire format. What it gives of bytes are views: they keep the whole message alive. */

const TOO_LONG = 'A message ends in the middle of a field.';
const VARINT_SCALE_MAX = 2 ** 49;

export class WireReader {
  readonly #bytes: Buffer;
  position = 0;
  /** The last string that was read by `repeated`, and where it lies. */
  #last = '';
  #lastStart = 0;
  #lastEnd = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.byteLength;
  }

  /** A whole number. @throws RangeError beyond 2^53, or when the message is cut short */
  number(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.position]!;
    this.position += 1;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let scale = 0x80; scale <= VARINT_SCALE_MAX; scale *= 0x80) {
      byte = bytes[this.position]!;
      this.position += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
    }
    throw new RangeError(this.position > bytes.byteLength ? TOO_LONG : 'A number is larger than 2^53.');
  }

  fixed32(): number {
    const at = this.position;
    this.position = this.#checked(at + 4);
    return this.#bytes.readUInt32LE(at);
  }

  bytes(): Buffer {
    const end = this.limit();
    const start = this.position;
    this.position = end;
    return this.#bytes.subarray(start, end);
  }

  string(): string {
    const end = this.limit();
    const start = this.position;
    this.position = end;
    return this.#bytes.toString('utf8', start, end);
  }

  /** A string that is likely the same as the last one read this way. */
  repeated(): string {
    const end = this.limit();
    const start = this.position;
    this.position = end;
    if (end - start !== this.#lastEnd - this.#lastStart || !this.#isLast(start)) {
      this.#last = this.#bytes.toString('utf8', start, end);
      this.#lastStart = start;
      this.#lastEnd = end;
    }
    return this.#last;
  }

  /** Where the length-delimited field ends that begins here; the position is moved behind its length. */
  limit(): number {
    const length = this.number();
    return this.#checked(this.position + length);
  }

  /** Moves behind a field that is not known. @throws TypeError for a kind of field that proto3 does not have */
  skip(tag: number): void {
    switch (tag & 7) {
      case 0:
        this.#skipVarint();
        break;
      case 1:
        this.position = this.#checked(this.position + 8);
        break;
      case 2:
        this.position = this.limit();
        break;
      case 5:
        this.position = this.#checked(this.position + 4);
        break;
      default:
        throw new TypeError(`A field has the wire type ${tag & 7}.`);
    }
  }

  /** A nested message must end where it said. @throws RangeError */
  ended(end: number): void {
    if (this.position !== end) throw new RangeError(TOO_LONG);
  }

  #skipVarint(): void {
    for (let count = 0; count < 10; count += 1) {
      const byte = this.#bytes[this.position];
      this.position += 1;
      if (byte !== undefined && byte < 0x80) return;
    }
    throw new RangeError(TOO_LONG);
  }

  #isLast(start: number): boolean {
    const bytes = this.#bytes;
    const distance = start - this.#lastStart;
    for (let at = this.#lastStart; at < this.#lastEnd; at += 1)
      if (bytes[at] !== bytes[at + distance]) return false;
    return true;
  }

  #checked(end: number): number {
    if (end > this.#bytes.byteLength) throw new RangeError(TOO_LONG);
    return end;
  }
}

/** A reader inside the field `tag`, if the message holds that one and nothing else; such tags take one byte. */
export function onlyField(bytes: Buffer, tag: number): WireReader | undefined {
  if (bytes.byteLength < 2 || bytes[0] !== tag) return undefined;
  const reader = new WireReader(bytes);
  reader.position = 1;
  return reader.limit() === bytes.byteLength ? reader : undefined;
}
