/** What is said of the vertices, hyperedges and incidences of one generation. */
import { AnantError } from '@anant/core';
import { TextIds } from '../ids/text-ids.js';
import { poolTexts } from '../ids/text-pool.js';
import { DIRECTION_NAMES, type GraphProperties, type PropertyColumns } from '../store/properties.js';
import type { PropertyChanges } from './change.js';
import { PropertyTable } from './property-table.js';

type Mark = ReadonlyMap<string, number>;

/** How much each table holds: what `restore` takes. */
export interface TablesMark {
  readonly vertices: Mark;
  readonly hyperedges: Mark;
  readonly incidences: Mark;
}

export class LiveTables {
  readonly vertices: PropertyTable;
  readonly hyperedges: PropertyTable;
  /** By number of the incidence: those of the base, then those after it. */
  readonly incidences: PropertyTable;

  constructor(base: GraphProperties) {
    this.vertices = new PropertyTable(base.vertices);
    this.hyperedges = new PropertyTable(base.hyperedges);
    this.incidences = new PropertyTable(withDirectionNames(base.incidences));
  }

  /** Whether any value was set since the base. */
  get isChanged(): boolean {
    return this.vertices.isChanged || this.hyperedges.isChanged || this.incidences.isChanged;
  }

  /** @throws AnantError `E_GRAPH_INVALID` for a value of the wrong type, or a direction other than head and tail */
  setIncidence(incidence: number, properties: PropertyChanges, epoch: number): void {
    const { direction } = properties;
    if (direction !== undefined && direction !== null && !DIRECTIONS.includes(direction)) {
      throw new AnantError(
        'E_GRAPH_INVALID',
        `The direction of a member is "head" or "tail", not ${JSON.stringify(direction)}.`,
      );
    }
    this.incidences.set(incidence, properties, epoch);
  }

  mark(): TablesMark {
    return {
      vertices: this.vertices.mark(),
      hyperedges: this.hyperedges.mark(),
      incidences: this.incidences.mark(),
    };
  }

  restore(mark: TablesMark): void {
    this.vertices.restore(mark.vertices);
    this.hyperedges.restore(mark.hyperedges);
    this.incidences.restore(mark.incidences);
  }
}

/** By their number in a column; the empty text is none. */
const DIRECTIONS: readonly unknown[] = ['', DIRECTION_NAMES[1], DIRECTION_NAMES[2]];

/** A graph keeps directions as numbers; changes and answers name them. */
function withDirectionNames(columns: PropertyColumns): PropertyColumns {
  const { direction } = columns;
  if (direction === undefined || direction.dictionary !== undefined) return columns;
  return {
    ...columns,
    direction: { values: direction.values, dictionary: new TextIds(poolTexts(DIRECTIONS as string[])) },
  };
}
