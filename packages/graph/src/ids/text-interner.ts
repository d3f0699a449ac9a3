/** Gives texts dense indexes in order of first appearance, straight from the bytes of a file. */
import { isUtf8 } from 'node:buffer';
import { AnantError } from '@anant/core';
import { TextIds } from './text-ids.js';
import { findText, indexTexts } from './text-pool.js';

/** Most bytes that the ids of one table may have together. */
const TEXT_BYTES_MAX = 0xffff_ffff;

export class TextInterner {
  #bytes = new Uint8Array(4_096);
  #offsets = new Uint32Array(257);
  #size = 0;
  #table = new Uint32Array(512);

  get size(): number {
    return this.#size;
  }

  /**
   * The index of the text in `bytes` from `start` to `end`; a new one when it is seen first.
   * @returns -1 when it is not valid UTF-8.
   */
  intern(bytes: Uint8Array, start: number, end: number): number {
    const pool = { bytes: this.#bytes, offsets: this.#offsets };
    const { index, slot } = findText(pool, this.#table, bytes, start, end);
    if (index >= 0) return index;
    if (hasHighByte(bytes, start, end) && !isUtf8(bytes.subarray(start, end))) return -1;
    return this.#append(bytes, start, end, slot);
  }

  /** The index of a text, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return findText({ bytes: this.#bytes, offsets: this.#offsets }, this.#table, bytes, start, end).index;
  }

  /** The bytes of the text at `index`, as a view. */
  bytesAt(index: number): Uint8Array {
    return this.#bytes.subarray(this.#offsets[index]!, this.#offsets[index + 1]!);
  }

  /** The ids, in memory of just their size. */
  finish(): TextIds {
    const offsets = this.#offsets.slice(0, this.#size + 1);
    return new TextIds({ bytes: this.#bytes.slice(0, offsets[this.#size]), offsets });
  }

  #append(bytes: Uint8Array, start: number, end: number, slot: number): number {
    const index = this.#size;
    const from = this.#offsets[index]!;
    const to = from + end - start;
    if (to > TEXT_BYTES_MAX) {
      throw new AnantError('E_GRAPH_INVALID', `The ids of a graph have more than ${TEXT_BYTES_MAX} bytes.`, {
        advice: 'Use integer ids, or split the graph.',
      });
    }
    this.#reserve(to, index + 2);
    for (let i = start, at = from; i < end; i++, at++) this.#bytes[at] = bytes[i]!;
    this.#offsets[index + 1] = to;
    this.#table[slot] = index + 1;
    this.#size = index + 1;
    if (this.#size * 2 > this.#table.length) {
      const pool = { bytes: this.#bytes, offsets: this.#offsets };
      this.#table = indexTexts(pool, this.#size, this.#table.length * 2);
    }
    return index;
  }

  #reserve(byteCount: number, offsetCount: number): void {
    if (byteCount > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(byteCount, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    if (offsetCount > this.#offsets.length) {
      const grown = new Uint32Array(this.#offsets.length * 2);
      grown.set(this.#offsets);
      this.#offsets = grown;
    }
  }
}

function hasHighByte(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    if (bytes[i]! >= 0x80) return true;
  }
  return false;
}
