/**
 * All properties of the vertices, or of the hyperedges, of one generation. A property holds numbers or texts, whichever
 * its first value was; texts are kept as indexes into a dictionary.
 */
import { AnantError } from '@anant/core';
import { RangeIds } from '../ids/range-ids.js';
import { TextIds } from '../ids/text-ids.js';
import { poolTexts } from '../ids/text-pool.js';
import type { PropertyColumn, PropertyColumns } from '../store/properties.js';
import type { PropertyChanges } from './change.js';
import { GrowingIds } from './growing-ids.js';
import { PropertyHistory } from './property-history.js';

/** Most different property names; one more is refused. */
export const PROPERTY_NAMES_MAX = 256;

interface LiveColumn {
  readonly history: PropertyHistory;
  /** Present for texts. */
  readonly dictionary: GrowingIds | undefined;
}

export class PropertyTable {
  readonly #base: PropertyColumns;
  readonly #columns = new Map<string, LiveColumn>();

  constructor(base: PropertyColumns) {
    this.#base = base;
  }

  /** Whether any value was set since the base. */
  get isChanged(): boolean {
    return this.#columns.size > 0;
  }

  names(): readonly string[] {
    return [...new Set([...Object.keys(this.#base), ...this.#columns.keys()])];
  }

  /** @throws AnantError `E_GRAPH_INVALID` for a value of the wrong type, or one name too many */
  set(entity: number, properties: PropertyChanges, epoch: number): void {
    for (const [name, value] of Object.entries(properties)) {
      if (value === null) {
        this.#unset(entity, name, epoch);
        continue;
      }
      const { history, dictionary } = this.#columnFor(name, value);
      history.set(entity, dictionary === undefined ? (value as number) : dictionary.intern(value), epoch);
    }
  }

  /** The value at an epoch; undefined when there is none. */
  at(name: string, entity: number, epoch: number): number | string | undefined {
    const column = this.#columns.get(name);
    const changed = column?.history.at(entity, epoch);
    if (column !== undefined && changed !== undefined) {
      if (column.dictionary !== undefined) return textOf(column.dictionary.externalOf(changed));
      return Number.isNaN(changed) ? undefined : changed;
    }
    const base = this.#baseOf(name);
    if (base === undefined || entity >= base.values.length) return undefined;
    const value = base.values[entity]!;
    if (base.dictionary !== undefined) return textOf(base.dictionary.externalOf(value));
    return Number.isNaN(value) ? undefined : value;
  }

  /** Gives `to` the values that `from` has. */
  copy(from: number, to: number, epoch: number): void {
    for (const name of this.names()) {
      const value = this.at(name, from, epoch);
      if (value !== undefined) this.set(to, { [name]: value }, epoch);
    }
  }

  /** The values of `entities` at an epoch, the `i`th at `places[i]`; NaN or the empty text where there is none. */
  columns(entities: Uint32Array, places: Uint32Array, epoch: number): Record<string, PropertyColumn> {
    const columns: Record<string, PropertyColumn> = {};
    for (const name of this.names()) {
      const valueAt = (at: number) => this.at(name, entities[at]!, epoch);
      columns[name] = this.#holdsTexts(name) ? textColumn(valueAt, places) : numberColumn(valueAt, places);
    }
    return columns;
  }

  /** How long each history is: what `restore` takes. */
  mark(): ReadonlyMap<string, number> {
    return new Map([...this.#columns].map(([name, { history }]) => [name, history.length]));
  }

  restore(mark: ReadonlyMap<string, number>): void {
    for (const [name, { history }] of this.#columns) {
      const length = mark.get(name);
      if (length === undefined) this.#columns.delete(name);
      else history.truncate(length);
    }
  }

  /** Nothing to do where there is no such property. */
  #unset(entity: number, name: string, epoch: number): void {
    if (!this.#isKnown(name)) return;
    const type = this.#holdsTexts(name) ? 'text' : 'number';
    const { history, dictionary } = this.#columns.get(name) ?? this.#addColumn(name, type);
    history.set(entity, dictionary === undefined ? Number.NaN : dictionary.intern(''), epoch);
  }

  #isKnown(name: string): boolean {
    return this.#columns.has(name) || this.#baseOf(name) !== undefined;
  }

  #baseOf(name: string): PropertyColumn | undefined {
    return Object.hasOwn(this.#base, name) ? this.#base[name] : undefined;
  }

  #holdsTexts(name: string): boolean {
    const column = this.#columns.get(name);
    return (column ?? this.#baseOf(name))?.dictionary !== undefined;
  }

  #columnFor(name: string, value: unknown): LiveColumn {
    const isText = typeof value === 'string';
    if (!isText && !Number.isFinite(value)) {
      throw new AnantError(
        'E_GRAPH_INVALID',
        `The property "${name}" is neither a text nor a finite number.`,
      );
    }
    if (this.#isKnown(name) && this.#holdsTexts(name) !== isText) {
      const kind = isText ? 'numbers' : 'texts';
      throw new AnantError('E_GRAPH_INVALID', `The property "${name}" holds ${kind}.`, {
        advice: 'Use another name for values of another type.',
      });
    }
    return this.#columns.get(name) ?? this.#addColumn(name, isText ? 'text' : 'number');
  }

  #addColumn(name: string, type: 'text' | 'number'): LiveColumn {
    if (this.#columns.size >= PROPERTY_NAMES_MAX) {
      throw new AnantError(
        'E_GRAPH_INVALID',
        `"${name}" would be property ${PROPERTY_NAMES_MAX + 1} of one kind.`,
        { advice: `Use at most ${PROPERTY_NAMES_MAX} names.` },
      );
    }
    const dictionary = type === 'text' ? new GrowingIds(new RangeIds(0, 0)) : undefined;
    const column = { history: new PropertyHistory(), dictionary };
    this.#columns.set(name, column);
    return column;
  }
}

/** The empty text stands for none. */
const textOf = (value: string | number): string | undefined => (value === '' ? undefined : String(value));

type ValueAt = (at: number) => number | string | undefined;

function numberColumn(valueAt: ValueAt, places: Uint32Array): PropertyColumn {
  const column = new Float64Array(places.length);
  for (let at = 0; at < places.length; at++) {
    column[places[at]!] = (valueAt(at) as number | undefined) ?? Number.NaN;
  }
  return { values: column };
}

function textColumn(valueAt: ValueAt, places: Uint32Array): PropertyColumn {
  const column = new Uint32Array(places.length);
  const indexes = new Map<string, number>();
  for (let at = 0; at < places.length; at++) {
    const text = (valueAt(at) as string | undefined) ?? '';
    const index = indexes.get(text) ?? indexes.size;
    indexes.set(text, index);
    column[places[at]!] = index;
  }
  return { values: column, dictionary: new TextIds(poolTexts([...indexes.keys()])) };
}
