/** The fields of one line, as ranges of its bytes. One object is reused for every line. */
import { LineFault } from './file-error.js';

export type Separator = 'tab' | 'comma' | 'semicolon' | 'space';

export const SEPARATOR_BYTES: Readonly<Record<Separator, number>> = {
  tab: 9,
  comma: 44,
  semicolon: 59,
  space: 32,
};

/** Separators that a line must not hold besides its own; text fields of a tab-separated file may hold anything. */
const FOREIGN: Readonly<Record<Separator, readonly Separator[]>> = {
  tab: [],
  comma: ['tab', 'semicolon'],
  semicolon: ['tab'],
  space: ['tab', 'comma', 'semicolon'],
};

const SPACE = 32;
const QUOTE = 34;
/** What a byte means to the splitter; 0 is part of a field. */
const IS_SEPARATOR = 1;
const IS_FOREIGN = 2;
const IS_QUOTE = 3;

export class Fields {
  bytes: Uint8Array = new Uint8Array(0);
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  count = 0;
  readonly #separator: Separator;
  readonly separatorByte: number;
  readonly #kinds = new Uint8Array(256);

  /** @param source Whether the separator was found in the file (then others are refused) or named by the user. */
  constructor(separator: Separator, source: 'found' | 'named') {
    this.#separator = separator;
    this.separatorByte = SEPARATOR_BYTES[separator];
    this.#kinds[this.separatorByte] = IS_SEPARATOR;
    if (source === 'found') {
      for (const other of FOREIGN[separator]) this.#kinds[SEPARATOR_BYTES[other]] = IS_FOREIGN;
    }
    if (separator === 'comma' || separator === 'semicolon') this.#kinds[QUOTE] = IS_QUOTE;
  }

  /**
   * Splits a line. Separating spaces may repeat; around commas and semicolons they are dropped, and a field there
   * may be quoted (`"a ""b"", c"`). @throws LineFault
   */
  split(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.count = 0;
    const kinds = this.#kinds;
    const skipsEmpty = this.#separator === 'space';
    let from = start;
    for (let at = start; at < end; at++) {
      const kind = kinds[bytes[at]!]!;
      if (kind === 0) continue;
      if (kind === IS_SEPARATOR) {
        if (!skipsEmpty || at > from) this.#addTrimmed(from, at);
        from = at + 1;
      } else if (kind === IS_QUOTE) {
        this.count = 0;
        this.#splitQuoted(start, end);
        return;
      } else {
        this.#refuseForeign(bytes[at]!);
      }
    }
    if (!skipsEmpty || end > from) this.#addTrimmed(from, end);
  }

  text(index: number): string {
    return Buffer.from(
      this.bytes.buffer,
      this.bytes.byteOffset + this.starts[index]!,
      this.ends[index]! - this.starts[index]!,
    ).toString();
  }

  #refuseForeign(byte: number): never {
    const other = (Object.keys(SEPARATOR_BYTES) as Separator[]).find(
      (name) => SEPARATOR_BYTES[name] === byte,
    );
    throw new LineFault(
      `mixed separators: fields are separated by ${this.#separator}, but here is a ${other}`,
      'If the fields may hold it, name the separator (separator).',
    );
  }

  #addTrimmed(start: number, end: number): void {
    let from = start;
    let to = end;
    if (this.#separator === 'comma' || this.#separator === 'semicolon') {
      while (from < to && this.bytes[from] === SPACE) from += 1;
      while (to > from && this.bytes[to - 1] === SPACE) to -= 1;
    }
    this.#add(from, to);
  }

  /** Quoted fields are unescaped into a copy of the line. */
  #splitQuoted(start: number, end: number): void {
    const line = this.bytes;
    const copy = new Uint8Array(end - start);
    let used = 0;
    let at = start;
    while (at <= end) {
      while (at < end && line[at] === SPACE) at += 1;
      const from = used;
      const isQuoted = at < end && line[at] === QUOTE;
      if (isQuoted) {
        at += 1;
        for (; ; at++) {
          if (at >= end) throw new LineFault('a quoted field is not closed on its line');
          if (line[at] === QUOTE && line[++at] !== QUOTE) break;
          copy[used++] = line[at]!;
        }
        while (at < end && line[at] === SPACE) at += 1;
        if (at < end && line[at] !== this.separatorByte) throw new LineFault('text follows a closing quote');
      } else {
        while (at < end && line[at] !== this.separatorByte) copy[used++] = line[at++]!;
        while (used > from && copy[used - 1] === SPACE) used -= 1;
      }
      this.#add(from, used);
      at += 1;
    }
    this.bytes = copy;
  }

  #add(from: number, to: number): void {
    if (this.count === this.starts.length) {
      this.starts = doubled(this.starts);
      this.ends = doubled(this.ends);
    }
    this.starts[this.count] = from;
    this.ends[this.count] = to;
    this.count += 1;
  }
}

function doubled(values: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(values.length * 2);
  grown.set(values);
  return grown;
}
