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

export const NO_PROPERTIES: GraphProperties = { vertices: {}, hyperedges: {}, incidences: {} };

export function propertyBytes({ vertices, hyperedges, incidences }: GraphProperties): number {
  const columns = [vertices, hyperedges, incidences].flatMap((part) => Object.values(part));
  return columns.reduce(
    (sum, { values, dictionary }) => sum + values.byteLength + (dictionary?.bytes ?? 0),
    0,
  );
}
