/** Named values of vertices, hyperedges or incidences, met one by one, as columns. */
import { AnantError } from '@anant/core';
import { TextInterner } from '../ids/text-interner.js';
import { F64Column } from './f64-column.js';
import type { PropertyColumn } from './properties.js';
import { U32Column } from './u32-column.js';

/** A finite number or a text; the empty text is none. */
export type PropertyValue = number | string;

/** Most different names of one kind of thing; one more is refused. */
export const PROPERTY_NAMES_MAX = 1_024;

/** What values are: of a plain kind, or left out. */
export function propertyValueOf(value: unknown): PropertyValue | undefined {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export class ValueColumns {
  readonly #columns = new Map<string, Values>();

  get isEmpty(): boolean {
    return this.#columns.size === 0;
  }

  /**
   * Notes a value; the last one of an index counts. @throws AnantError `E_GRAPH_INVALID` with one name too many
   */
  set(name: string, index: number, value: PropertyValue): void {
    let column = this.#columns.get(name);
    if (column === undefined) {
      if (this.#columns.size >= PROPERTY_NAMES_MAX) {
        throw new AnantError(
          'E_GRAPH_INVALID',
          `"${name}" would be property ${PROPERTY_NAMES_MAX + 1} of one kind.`,
          {
            advice: `Use at most ${PROPERTY_NAMES_MAX} names.`,
          },
        );
      }
      column = new Values();
      this.#columns.set(name, column);
    }
    column.add(index, value);
  }

  /**
   * Columns of `count` values, by `ranks[index]` where there are ranks: NaN or the empty text where there is none. One
   * that holds a text holds texts only.
   */
  finish(count: number, ranks?: Uint32Array): Record<string, PropertyColumn> {
    return Object.fromEntries(
      [...this.#columns].map(([name, column]) => [name, column.finish(count, ranks)]),
    );
  }
}

class Values {
  readonly #indexes = new U32Column();
  readonly #numbers = new F64Column();
  /** The text of each value, counted from 1; 0 for a number. */
  readonly #texts = new U32Column();
  readonly #interner = new TextInterner();

  add(index: number, value: PropertyValue): void {
    const isText = typeof value === 'string';
    this.#indexes.push(index);
    this.#numbers.push(isText ? Number.NaN : value);
    this.#texts.push(isText ? this.#intern(value) + 1 : 0);
  }

  finish(count: number, ranks: Uint32Array | undefined): PropertyColumn {
    const [indexes, texts] = [new Uint32Array(this.#indexes.length), new Uint32Array(this.#texts.length)];
    this.#indexes.copyTo(indexes, ranks);
    this.#texts.copyTo(texts);
    const numbers = this.#numbers.toArray();
    if (this.#interner.size === 0) {
      const values = new Float64Array(count).fill(Number.NaN);
      indexes.forEach((index, at) => {
        values[index] = numbers[at]!;
      });
      return { values };
    }
    const values = new Uint32Array(count).fill(this.#intern(''));
    indexes.forEach((index, at) => {
      values[index] = texts[at] === 0 ? this.#intern(String(numbers[at])) : texts[at]! - 1;
    });
    return { values, dictionary: this.#interner.finish() };
  }

  #intern(text: string): number {
    const bytes = Buffer.from(text);
    return this.#interner.intern(bytes, 0, bytes.length);
  }
}
