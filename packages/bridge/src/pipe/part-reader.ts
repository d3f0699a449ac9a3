/** Reads the pipe framing of docs/protocol.md section 3 from chunks of any size. No IO. */
import { PIPE_HEAD_BYTES_MAX, PIPE_PART_BYTES_MAX, PIPE_PARTS_MAX } from './limits.js';

const LONG_LENGTH = 0xffffffff;

/** Every part has an ArrayBuffer of its own, so that it can be transferred to another thread. */
export type Parts = Uint8Array<ArrayBuffer>[];

/**
 * Feed it chunks; it calls `onMessage` once per complete message. Large parts are copied once, from the chunk
 * to their place.
 */
export class PartReader {
  #counting = true;
  #partsLeft = 0;
  #parts: Parts = [];
  #part: Uint8Array<ArrayBuffer> | undefined;
  #filled = 0;
  readonly #field = new Uint8Array(8);
  readonly #view = new DataView(this.#field.buffer);
  #fieldFilled = 0;
  #fieldSize = 4;

  constructor(private readonly onMessage: (parts: Parts) => void) {}

  /** @throws RangeError when a message exceeds a bound; the stream cannot be read any further then. */
  feed(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.byteLength) {
      at += this.#part ? this.#fillPart(chunk, at) : this.#fillField(chunk, at);
    }
  }

  #fillPart(chunk: Uint8Array, at: number): number {
    const part = this.#part as Uint8Array<ArrayBuffer>;
    const taken = Math.min(part.byteLength - this.#filled, chunk.byteLength - at);
    part.set(chunk.subarray(at, at + taken), this.#filled);
    this.#filled += taken;
    if (this.#filled === part.byteLength) this.#endPart(part);
    return taken;
  }

  #fillField(chunk: Uint8Array, at: number): number {
    const taken = Math.min(this.#fieldSize - this.#fieldFilled, chunk.byteLength - at);
    this.#field.set(chunk.subarray(at, at + taken), this.#fieldFilled);
    this.#fieldFilled += taken;
    if (this.#fieldFilled === this.#fieldSize) this.#endField();
    return taken;
  }

  #endField(): void {
    const value =
      this.#fieldSize === 8 ? Number(this.#view.getBigUint64(0, true)) : this.#view.getUint32(0, true);
    const wasLong = this.#fieldSize === 8;
    this.#fieldFilled = 0;
    this.#fieldSize = 4;
    if (this.#counting) {
      if (value < 1 || value > PIPE_PARTS_MAX) throw new RangeError(`A message of ${value} parts.`);
      this.#partsLeft = value;
      this.#counting = false;
      return;
    }
    if (!wasLong && value === LONG_LENGTH) {
      this.#fieldSize = 8;
      return;
    }
    const bound = this.#parts.length === 0 ? PIPE_HEAD_BYTES_MAX : PIPE_PART_BYTES_MAX;
    if (value > bound) throw new RangeError(`A message part of ${value} bytes; at most ${bound} fit.`);
    this.#part = new Uint8Array(value);
    this.#filled = 0;
    if (value === 0) this.#endPart(this.#part);
  }

  #endPart(part: Uint8Array<ArrayBuffer>): void {
    this.#parts.push(part);
    this.#part = undefined;
    this.#partsLeft -= 1;
    if (this.#partsLeft > 0) return;
    const parts = this.#parts;
    this.#parts = [];
    this.#counting = true;
    this.onMessage(parts);
  }
}
