/**
 * The ids in one kind of column, in two steps, so that a line is checked as a whole before anything of it is kept:
 * `read` checks a field and remembers it under a position, `intern` gives its provisional index.
 */
import { isUtf8 } from 'node:buffer';
import { IntegerInterner, type InternedIds } from '../ids/integer-interner.js';
import { TextInterner } from '../ids/text-interner.js';
import type { Fields } from './fields.js';
import { LineFault } from './file-error.js';
import { parseInteger, whyNotInteger } from './parse-integer.js';

export type IdKind = 'integer' | 'text';

export interface Tokens {
  /** @throws LineFault when field `index` is no id of this kind. */
  read(fields: Fields, index: number, position: number): void;
  intern(position: number): number;
  finish(): InternedIds;
}

export function tokensOf(kind: IdKind): Tokens {
  return kind === 'integer' ? new IntegerTokens() : new TextTokens();
}

export class IntegerTokens implements Tokens {
  readonly interner = new IntegerInterner();
  #values: number[] = [];

  read(fields: Fields, index: number, position: number): void {
    const value = parseInteger(fields.bytes, fields.starts[index]!, fields.ends[index]!);
    if (value < 0) {
      throw new LineFault(
        whyNotInteger(fields.text(index)),
        "If the ids are text, pass ids: 'text' (anant graph import: --ids text).",
      );
    }
    this.#values[position] = value;
  }

  intern(position: number): number {
    return this.interner.intern(this.#values[position]!);
  }

  finish(): InternedIds {
    return this.interner.finish();
  }
}

export class TextTokens implements Tokens {
  readonly interner = new TextInterner();
  #bytes: Uint8Array = new Uint8Array(0);
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  read(fields: Fields, index: number, position: number): void {
    const start = fields.starts[index]!;
    const end = fields.ends[index]!;
    if (start === end) throw new LineFault(`an id is missing: field ${index + 1} is empty`);
    const bytes = fields.bytes;
    for (let at = start; at < end; at++) {
      if (bytes[at]! >= 0x80) {
        if (!isUtf8(bytes.subarray(start, end))) throw new LineFault('the text is not valid UTF-8');
        break;
      }
      if (bytes[at] === 0) throw new LineFault('the line holds a zero byte: this is not a text file');
    }
    this.#bytes = bytes;
    this.#starts[position] = start;
    this.#ends[position] = end;
  }

  intern(position: number): number {
    return this.interner.intern(this.#bytes, this.#starts[position]!, this.#ends[position]!);
  }

  finish(): InternedIds {
    return { ids: this.interner.finish(), ranks: undefined };
  }
}
