/** Properties of a hypergraph that is built from values in memory, as columns. */
import { AnantError } from '@anant/core';
import type { IdInterner } from './ids/id-interner.js';
import type { ExternalId } from './ids/id-table.js';
import type { InternedIds } from './ids/integer-interner.js';
import { directionColumn, type GraphProperties, type PropertyColumn } from './store/properties.js';
import type { U32Column } from './store/u32-column.js';
import { type PropertyValue, ValueColumns } from './store/value-columns.js';

/** Named values, for example `{ role: [['author', 'reader']] }`; undefined and the empty text are none. */
export interface BuildProperties {
  /** By id of the vertex; a `Map` will do. */
  readonly vertices?: Readonly<Record<string, Iterable<readonly [ExternalId, PropertyValue]>>>;
  /** One per hyperedge, in order. */
  readonly hyperedges?: Readonly<Record<string, Iterable<PropertyValue | undefined>>>;
  /** One list per hyperedge with one value per member; `direction` is `head` or `tail`. */
  readonly incidences?: Readonly<Record<string, Iterable<Iterable<PropertyValue | undefined>>>>;
}

/** What algorithms, windows and formats take for numbers. */
const NUMBERS: readonly string[] = ['weight', 'time'];

/** Which hyperedge each list becomes: its position, or the number that its id got. */
export interface BuiltHyperedges {
  readonly sizes: U32Column;
  readonly provisional?: readonly number[];
  readonly hyperedges?: InternedIds;
}

export interface BuiltVertices {
  readonly interner: IdInterner;
  readonly finished: InternedIds;
}

/** @throws AnantError `E_GRAPH_INVALID` when there are not as many values as things, or one is no number or text */
export function buildProperties(
  given: BuildProperties,
  { interner, finished }: BuiltVertices,
  { sizes, provisional, hyperedges }: BuiltHyperedges,
): GraphProperties {
  const lengths = sizes.pieces().flatMap((piece) => [...piece]);
  const ofVertices = new ValueColumns();
  for (const [name, pairs] of Object.entries(given.vertices ?? {})) {
    for (const [id, value] of pairs) set(ofVertices, name, known(interner, id, name), value);
  }
  const ofHyperedges = new ValueColumns();
  for (const [name, values] of Object.entries(given.hyperedges ?? {})) {
    const list = counted(name, [...values], lengths.length, 'hyperedges');
    list.forEach((value, at) => {
      set(ofHyperedges, name, provisional?.[at] ?? at, value);
    });
  }
  const ofIncidences = new ValueColumns();
  for (const [name, values] of Object.entries(given.incidences ?? {})) {
    let place = 0;
    const lists = counted(name, [...values], lengths.length, 'hyperedges');
    lists.forEach((list, at) => {
      for (const value of counted(name, [...list], lengths[at]!, `members of hyperedge ${at}`)) {
        set(ofIncidences, name, place++, value);
      }
    });
  }
  const incidences = ofIncidences.finish(lengths.reduce((sum, length) => sum + length, 0));
  return {
    vertices: ofVertices.finish(finished.ids.size, finished.ranks),
    hyperedges: ofHyperedges.finish(lengths.length, hyperedges?.ranks),
    incidences: {
      ...incidences,
      ...(incidences.direction && { direction: directions(incidences.direction) }),
    },
  };
}

function set(columns: ValueColumns, name: string, index: number, value: unknown): void {
  if (value === undefined || value === '') return;
  if (typeof value === 'string' && NUMBERS.includes(name))
    throw invalid(`The property "${name}" must be a number.`);
  if (typeof value === 'string' || Number.isFinite(value)) columns.set(name, index, value as PropertyValue);
  else throw invalid(`The property "${name}" is neither a text nor a finite number.`);
}

function known(vertices: IdInterner, id: ExternalId, name: string): number {
  const index = vertices.find(id);
  if (index >= 0) return index;
  throw invalid(`The property "${name}" is of the vertex ${JSON.stringify(id)}, which there is not.`);
}

function counted<Value>(name: string, values: readonly Value[], count: number, of: string): readonly Value[] {
  if (values.length === count) return values;
  throw invalid(`The property "${name}" has ${values.length} values for ${count} ${of}.`);
}

/** Directions as algorithms read them. */
function directions(column: PropertyColumn): PropertyColumn {
  const found = directionColumn(column);
  if (found === undefined) throw invalid('The property "direction" must be "head" or "tail".');
  return found;
}

const invalid = (message: string): AnantError<'E_GRAPH_INVALID'> =>
  new AnantError('E_GRAPH_INVALID', message);
