/** Reads decoded messages field by field; what does not fit is a `MalformedError`, never a wrong value. */
import { ITEMS_MAX } from './limits.js';

export class MalformedError extends Error {
  constructor(what: string) {
    super(`malformed frame: ${what}`);
    this.name = 'MalformedError';
  }
}

export class Fields {
  readonly #values: readonly unknown[];
  #at = 0;

  constructor(value: unknown) {
    if (!Array.isArray(value) || value.length > ITEMS_MAX) throw new MalformedError('no list of fields');
    this.#values = value;
  }

  text(lengthMax: number): string {
    const value = this.#next();
    if (typeof value !== 'string' || value.length > lengthMax) throw new MalformedError('text expected');
    return value;
  }

  /** A whole number from `least` to 2^53 - 1. */
  integer(least = 0, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.#next();
    if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most)
      throw new MalformedError('whole number expected');
    return value as number;
  }

  flag(): boolean {
    const value = this.#next();
    if (typeof value !== 'boolean') throw new MalformedError('true or false expected');
    return value;
  }

  bytes(lengthMax: number): Uint8Array {
    const value = this.#next();
    if (!(value instanceof Uint8Array) || value.length > lengthMax)
      throw new MalformedError('bytes expected');
    return value;
  }

  optional<Value>(read: (fields: this) => Value): Value | undefined {
    const value = this.#values[this.#at];
    if (value !== null) return read(this);
    this.#at += 1;
    return undefined;
  }

  list<Value>(read: (value: unknown) => Value): Value[] {
    const value = this.#next();
    if (!Array.isArray(value) || value.length > ITEMS_MAX) throw new MalformedError('list expected');
    return value.map(read);
  }

  any(): unknown {
    return this.#next();
  }

  fields(): Fields {
    return new Fields(this.#next());
  }

  end(): void {
    if (this.#at !== this.#values.length) throw new MalformedError('fields too many');
  }

  #next(): unknown {
    if (this.#at >= this.#values.length) throw new MalformedError('a field is missing');
    return this.#values[this.#at++];
  }
}
