/**
 * Reads JSON from a window of bytes that may end in the middle of a value. Strict: what JSON.parse refuses, this
 * refuses. When the window ends too early it throws `NEED_MORE`; the caller starts that value again with more bytes.
 */

/** Thrown when a value goes on past the window. */
export const NEED_MORE = Symbol('need more');

/** JSON that is not well formed, or not what was expected, at byte `at` of the window. */
export class JsonFault extends Error {
  constructor(
    readonly reason: string,
    readonly at: number,
  ) {
    super(reason);
    this.name = 'JsonFault';
  }
}

/** A string in the window: its bytes without the quotes. */
export interface JsonText {
  readonly start: number;
  readonly end: number;
  readonly hasEscapes: boolean;
}

const DEPTH_MAX = 128;
const QUOTE = 34;
const BACKSLASH = 92;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/;
const LITERALS: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' };

export class JsonCursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  /** Whether nothing follows the window. */
  isLast = false;

  /** The next byte that is not white space, which is not taken. */
  peek(): number {
    const { bytes } = this;
    while (this.at < bytes.length) {
      const byte = bytes[this.at]!;
      if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) return byte;
      this.at += 1;
    }
    return this.#end('the document ends too early');
  }

  /** Whether nothing but white space is left. */
  isDone(): boolean {
    while (this.at < this.bytes.length) {
      const byte = this.bytes[this.at]!;
      if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) return false;
      this.at += 1;
    }
    return true;
  }

  expect(character: string): void {
    if (this.peek() !== character.charCodeAt(0)) throw new JsonFault(`expected "${character}"`, this.at);
    this.at += 1;
  }

  /** Takes `character` if it comes next. */
  takes(character: string): boolean {
    if (this.peek() !== character.charCodeAt(0)) return false;
    this.at += 1;
    return true;
  }

  readText(): JsonText {
    if (this.peek() !== QUOTE) throw new JsonFault('expected a string', this.at);
    const { bytes } = this;
    const start = this.at + 1;
    let hasEscapes = false;
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        this.at = at + 1;
        return { start, end: at, hasEscapes };
      }
      if (byte < 32) throw new JsonFault('a string holds a control character', at);
      if (byte === BACKSLASH) {
        hasEscapes = true;
        at += 1;
      }
    }
    return this.#end('a string is not closed');
  }

  readString(): string {
    const { start, end, hasEscapes } = this.readText();
    const text = Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, end - start).toString();
    return hasEscapes ? this.unescape(text, start) : text;
  }

  unescape(text: string, at: number): string {
    try {
      return JSON.parse(`"${text}"`) as string;
    } catch {
      throw new JsonFault('a string holds an invalid escape', at);
    }
  }

  readNumber(): number {
    this.peek();
    const start = this.at;
    const { bytes } = this;
    let end = start;
    let value = 0;
    while (end < bytes.length && bytes[end]! >= 48 && bytes[end]! <= 57) {
      value = value * 10 + bytes[end]! - 48;
      end += 1;
    }
    const isPlain = end < bytes.length && !isNumberByte(bytes[end]!);
    const digits = end - start;
    if (isPlain && digits > 0 && digits < 16 && (digits === 1 || bytes[start] !== 48)) {
      this.at = end;
      return value;
    }
    return this.#readAnyNumber(start);
  }

  /** Takes any value and checks that it is well formed. */
  skipValue(depth = 0): void {
    if (depth > DEPTH_MAX) throw new JsonFault(`values are nested deeper than ${DEPTH_MAX}`, this.at);
    const character = String.fromCharCode(this.peek());
    if (character === '"') this.readString();
    else if (character === '{') this.#skipObject(depth);
    else if (character === '[') this.#skipArray(depth);
    else if (LITERALS[character]) this.#skipLiteral(LITERALS[character]);
    else this.readNumber();
  }

  /** Takes an object, as a whole. */
  readObject(): Record<string, unknown> {
    this.peek();
    const start = this.at;
    this.expect('{');
    this.at = start;
    this.skipValue();
    const { bytes } = this;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, this.at - start).toString();
    return JSON.parse(text) as Record<string, unknown>;
  }

  /** Takes the start of an object. @returns Whether it has a member. */
  startObject(): boolean {
    this.expect('{');
    return !this.takes('}');
  }

  /** Takes what follows a member. @returns Whether another member comes. */
  nextMember(): boolean {
    if (this.takes(',')) return true;
    this.expect('}');
    return false;
  }

  /** Takes a key and its colon. @returns Its index among the known ones, or -1 with the cursor before the key. */
  readKey(known: readonly Uint8Array[]): number {
    this.peek();
    const before = this.at;
    const { start, end } = this.readText();
    const index = known.findIndex((key) => key.length === end - start && this.#isAt(start, key));
    if (index < 0) this.at = before;
    else this.expect(':');
    return index;
  }

  #isAt(start: number, key: Uint8Array): boolean {
    for (let i = 0; i < key.length; i++) {
      if (this.bytes[start + i] !== key[i]) return false;
    }
    return true;
  }

  #readAnyNumber(start: number): number {
    const { bytes } = this;
    let end = start;
    while (end < bytes.length && isNumberByte(bytes[end]!)) end += 1;
    if (end === bytes.length && !this.isLast) throw NEED_MORE;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
    if (!NUMBER.test(text)) throw new JsonFault('expected a value', start);
    this.at = end;
    return Number(text);
  }

  #skipObject(depth: number): void {
    if (!this.startObject()) return;
    const keys = new Set<string>();
    do {
      this.peek();
      const at = this.at;
      const key = this.readString();
      if (keys.has(key)) throw new JsonFault(`the key "${key}" comes twice`, at);
      keys.add(key);
      this.expect(':');
      this.skipValue(depth + 1);
    } while (this.nextMember());
  }

  #skipArray(depth: number): void {
    this.expect('[');
    if (this.takes(']')) return;
    do this.skipValue(depth + 1);
    while (this.takes(','));
    this.expect(']');
  }

  #skipLiteral(literal: string): void {
    const { bytes } = this;
    for (let i = 0; i < literal.length; i++, this.at++) {
      if (this.at === bytes.length) this.#end('the document ends too early');
      if (bytes[this.at] !== literal.charCodeAt(i)) throw new JsonFault('expected a value', this.at);
    }
  }

  #end(reason: string): never {
    if (!this.isLast) throw NEED_MORE;
    throw new JsonFault(reason, this.bytes.length);
  }
}

/** Digits, signs, points and exponents. */
function isNumberByte(byte: number): boolean {
  return (
    (byte >= 48 && byte <= 57) || byte === 45 || byte === 43 || byte === 46 || byte === 101 || byte === 69
  );
}
