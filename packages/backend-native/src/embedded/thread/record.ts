/**
 * Small portable values as records in shared or batched memory: a tag, then a number or an encoded body. Numbers,
 * booleans and nothing at all skip the codec, since most tiny tasks take and give just these.
 */
import { decodeValue } from '@anant/core/codec';

const TAG = { undefined: 0, null: 1, false: 2, true: 3, number: 4, body: 5 } as const;
const NUMBER_BYTES = 9;
const BODY_HEAD_BYTES = 5;

export interface RecordArea {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** True when `writePlain` can write the value. */
export const isPlain = (value: unknown): boolean =>
  value === undefined || value === null || typeof value === 'number' || typeof value === 'boolean';

/** Bytes that `writePlain` needs at most. */
export const PLAIN_BYTES_MAX = NUMBER_BYTES;

/** Writes a value for which `isPlain` holds. @returns the offset behind it. */
export function writePlain(area: RecordArea, offset: number, value: unknown): number {
  if (typeof value === 'number') {
    area.bytes[offset] = TAG.number;
    area.view.setFloat64(offset + 1, value);
    return offset + NUMBER_BYTES;
  }
  area.bytes[offset] =
    value === undefined ? TAG.undefined : value === null ? TAG.null : value ? TAG.true : TAG.false;
  return offset + 1;
}

/** Bytes that `writeBody` needs. */
export const bodyRecordBytes = (body: Uint8Array): number => BODY_HEAD_BYTES + body.length;

/** Writes an encoded body. @returns the offset behind it. */
export function writeBody(area: RecordArea, offset: number, body: Uint8Array): number {
  area.bytes[offset] = TAG.body;
  area.view.setUint32(offset + 1, body.length);
  area.bytes.set(body, offset + BODY_HEAD_BYTES);
  return offset + BODY_HEAD_BYTES + body.length;
}

/** Reads records one after the other. */
export class RecordReader {
  constructor(
    readonly area: RecordArea,
    public offset = 0,
  ) {}

  /** Reads the value at `offset` and moves behind it. `buffers` are those of its encoded form. */
  read(buffers?: readonly Uint8Array[]): unknown {
    const { bytes, view } = this.area;
    const tag = bytes[this.offset];
    this.offset += 1;
    switch (tag) {
      case TAG.undefined:
        return undefined;
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.number:
        this.offset += 8;
        return view.getFloat64(this.offset - 8);
      default:
        return decodeValue(this.#body(), buffers);
    }
  }

  /** Moves behind the record at `offset` without reading it. */
  skip(): void {
    const { bytes, view } = this.area;
    const tag = bytes[this.offset];
    if (tag === TAG.number) this.offset += NUMBER_BYTES;
    else if (tag === TAG.body) this.offset += BODY_HEAD_BYTES + view.getUint32(this.offset + 1);
    else this.offset += 1;
  }

  /** A copy: strings cannot be decoded from memory that other threads may write. */
  #body(): Uint8Array {
    const length = this.area.view.getUint32(this.offset);
    this.offset += 4 + length;
    return this.area.bytes.slice(this.offset - length, this.offset);
  }
}
