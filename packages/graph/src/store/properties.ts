/** Columns of values beside the structure, one element per vertex, hyperedge or incidence. */
import type { IdTable } from '../ids/id-table.js';

export type PropertyValues = Float64Array | Uint32Array | Uint8Array;

export interface PropertyColumn {
  /** One per vertex or hyperedge, or one per member of `edgeToNodes`. */
  readonly values: PropertyValues;
  /** When present, values are indexes into it. */
  readonly dictionary?: IdTable;
}

export type PropertyColumns = Readonly<Record<string, PropertyColumn>>;

export interface GraphProperties {
  readonly vertices: PropertyColumns;
  readonly hyperedges: PropertyColumns;
  readonly incidences: PropertyColumns;
}

/** Values of the incidence column `direction`. */
export const DIRECTION = { none: 0, head: 1, tail: 2 } as const;

/** How files write them. */
export const DIRECTION_NAMES: Readonly<Record<number, string>> = {
  [DIRECTION.head]: 'head',
  [DIRECTION.tail]: 'tail',
};

/** The incidence column `direction` from one of names, as algorithms read it; undefined when a text is none of them. */
export function directionColumn({ values, dictionary }: PropertyColumn): PropertyColumn | undefined {
  const codes = new Uint8Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const name = dictionary?.externalOf(values[at]!);
    if (name === 'head') codes[at] = DIRECTION.head;
    else if (name === 'tail') codes[at] = DIRECTION.tail;
    else if (name !== '') return undefined;
  }
  return { values: codes };
}

export const NO_PROPERTIES: GraphProperties = { vertices: {}, hyperedges: {}, incidences: {} };

/** A value as it was given: undefined for none, which is NaN or the empty text in the column. */
export function valueAt({ values, dictionary }: PropertyColumn, index: number): number | string | undefined {
  const value = values[index]!;
  if (dictionary === undefined) return Number.isNaN(value) ? undefined : value;
  const text = String(dictionary.externalOf(value));
  return text === '' ? undefined : text;
}

export function propertyBytes({ vertices, hyperedges, incidences }: GraphProperties): number {
  const columns = [vertices, hyperedges, incidences].flatMap((part) => Object.values(part));
  return columns.reduce(
    (sum, { values, dictionary }) => sum + values.byteLength + (dictionary?.bytes ?? 0),
    0,
  );
}
