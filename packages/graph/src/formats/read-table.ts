/** Tables of named columns, from Parquet or Arrow: incidences, edges or triples, told by the names. */
import { IdInterner } from '../ids/id-interner.js';
import type { ExternalId } from '../ids/id-table.js';
import type { InternedIds } from '../ids/integer-interner.js';
import type { GraphDraft } from '../store/assemble.js';
import { F64Column } from '../store/f64-column.js';
import { directionColumn, type GraphProperties, type PropertyColumns } from '../store/properties.js';
import { U32Column } from '../store/u32-column.js';
import { propertyValueOf, ValueColumns } from '../store/value-columns.js';
import { fileFormatError } from './file-error.js';
import type { ReadOptions } from './read-context.js';
import { COLUMN_NAMES, isColumn } from './row-profile.js';

/** Values of one column, row by row. */
export type ColumnValues = ArrayLike<unknown>;

/** Rows that lie together, by the name of their column. */
export interface TableRows {
  readonly count: number;
  readonly columns: ReadonlyMap<string, ColumnValues>;
}

type Role = 'hyperedge' | 'vertex' | 'source' | 'target' | 'weight' | 'relation';

const SHAPES: readonly (readonly Role[])[] = [
  ['hyperedge', 'vertex'],
  ['source', 'relation', 'target'],
  ['source', 'target'],
];

/** A column that becomes a property. */
interface Extra {
  readonly column: string;
  readonly name: string;
  readonly of: 'vertex' | 'hyperedge' | 'incidence';
}

/** Names of properties that make the places of members matter. */
const PLACED: readonly string[] = ['relation', 'role', 'direction'];

/** Columns that belong to the vertex or the hyperedge of a row rather than to the row. */
const PREFIX = /^(vertex|hyperedge)\.(.+)$/s;

export class TableReader {
  readonly #path: string;
  readonly #options: ReadOptions;
  readonly #names: ReadonlyMap<Role, string>;
  readonly #shape: readonly Role[];
  readonly #vertices = new IdInterner();
  readonly #hyperedges = new IdInterner();
  readonly #relations = new IdInterner();
  readonly #owners = new U32Column();
  readonly #members = new U32Column();
  readonly #sizes = new U32Column();
  readonly #relationOf = new U32Column();
  readonly #weights = new F64Column();
  readonly #extras: readonly Extra[];
  readonly #values = {
    vertex: new ValueColumns(),
    hyperedge: new ValueColumns(),
    incidence: new ValueColumns(),
  };
  #leftOut = 0;
  #rows = 0;

  /** @param columns Names of the columns that the file has. @throws AnantError `E_FILE_FORMAT` */
  constructor(path: string, columns: readonly string[], options: ReadOptions) {
    this.#path = path;
    this.#options = options;
    this.#names = rolesOf(columns);
    const shape = SHAPES.find((roles) => roles.every((role) => this.#names.has(role)));
    if (!shape) {
      const known = ['hyperedge', 'vertex', 'source', 'relation', 'target', 'weight'];
      throw fileFormatError(
        { path },
        `the columns are ${columns.join(', ')}: neither hyperedge and vertex, nor source (relation) and target`,
        {
          advice: `Name them: ${known.map((role) => (COLUMN_NAMES[role] ?? []).slice(0, 3).join(' or ')).join('; ')}.`,
        },
      );
    }
    this.#shape = shape;
    this.#extras = options.properties === 'keep' ? this.#extrasOf(columns) : [];
  }

  #extrasOf(columns: readonly string[]): Extra[] {
    const own = new Set([...this.#shape, 'weight' as const].map((role) => this.#names.get(role)));
    const isIncidences = this.#shape[0] === 'hyperedge';
    return columns.flatMap((column): Extra[] => {
      if (own.has(column)) return [];
      if (column === this.#names.get('relation'))
        return [{ column, name: 'relation', of: 'hyperedge' as const }];
      const [, of, name] = PREFIX.exec(column) ?? [];
      if (of === 'hyperedge' || (of === 'vertex' && isIncidences)) return [{ column, name: name!, of }];
      return [{ column, name: column, of: isIncidences ? ('incidence' as const) : ('hyperedge' as const) }];
    });
  }

  /** Names of the columns that are read. */
  get wanted(): string[] {
    const roles = this.#hasWeights ? [...this.#shape, 'weight' as const] : this.#shape;
    return [...roles.map((role) => this.#names.get(role)!), ...this.#extras.map(({ column }) => column)];
  }

  add({ count, columns }: TableRows): void {
    const valuesOf = (role: Role) => columns.get(this.#names.get(role)!)!;
    const isIncidences = this.#shape[0] === 'hyperedge';
    const [first, last] = isIncidences
      ? [valuesOf('hyperedge'), valuesOf('vertex')]
      : [valuesOf('source'), valuesOf('target')];
    const relations = this.#shape.includes('relation') ? valuesOf('relation') : undefined;
    const weights = this.#hasWeights ? valuesOf('weight') : undefined;
    const extras = this.#extras.map((extra) => ({ ...extra, values: columns.get(extra.column)! }));
    let owner = 0;
    for (let row = 0; row < count; row++, this.#rows++) {
      if (isIncidences) {
        owner = this.#intern(this.#hyperedges, first[row], 'hyperedge');
        this.#owners.push(owner);
      } else {
        owner = this.#sizes.length;
        this.#members.push(this.#intern(this.#vertices, first[row], 'source'));
        this.#sizes.push(2);
      }
      const vertex = this.#intern(this.#vertices, last[row], isIncidences ? 'vertex' : 'target');
      this.#members.push(vertex);
      const indexes = { vertex, hyperedge: owner, incidence: this.#members.length - 1 };
      for (const { name, of, values } of extras) this.#note(this.#values[of], name, indexes[of], values[row]);
      if (relations) this.#relationOf.push(this.#intern(this.#relations, relations[row], 'relation'));
      if (weights) this.#weights.push(this.#weight(weights[row]));
    }
  }

  draft(format: string): GraphDraft {
    const isIncidences = this.#shape[0] === 'hyperedge';
    // Where there are relations or roles, places tell what a member is.
    const hasPlaces =
      this.#shape.includes('relation') || this.#extras.some(({ name }) => PLACED.includes(name));
    const vertices = this.#vertices.finish();
    const hyperedges = isIncidences ? this.#hyperedges.finish() : undefined;
    const isKept = this.#options.properties === 'keep';
    const properties = isKept ? this.#properties(vertices, hyperedges) : undefined;
    return {
      vertices,
      members: this.#members,
      grouping: hyperedges ? { owners: this.#owners, hyperedges } : { sizes: this.#sizes },
      repeatedMembers: this.#options.repeatedMembers ?? (hasPlaces ? 'keep' : 'merge'),
      ...(properties && { properties }),
      ...(properties?.incidences.direction?.values instanceof Uint8Array && { kind: 'directed' as const }),
      source: { format, paths: [this.#path], warnings: this.#warnings() },
    };
  }

  #warnings(): string[] {
    if (this.#leftOut === 0) return [];
    return [`${this.#leftOut} values were left out: they are no numbers, texts or truth values.`];
  }

  /** Nothing, NaN and the empty text are no value. */
  #note(values: ValueColumns, name: string, index: number, given: unknown): void {
    if (given === null || given === undefined || given === '' || Number.isNaN(given)) return;
    const value = propertyValueOf(given);
    if (value === undefined) this.#leftOut += 1;
    else values.set(name, index, value);
  }

  #properties(vertices: InternedIds, hyperedges: InternedIds | undefined): GraphProperties {
    const isIncidences = hyperedges !== undefined;
    const incidences = this.#values.incidence.finish(this.#members.length);
    const direction = incidences.direction && directionColumn(incidences.direction);
    const relations = this.#relations.finish();
    const values = new Uint32Array(this.#relationOf.length);
    this.#relationOf.copyTo(values, relations.ranks);
    const weight: PropertyColumns = this.#hasWeights ? { weight: { values: this.#weights.toArray() } } : {};
    return {
      vertices: this.#values.vertex.finish(vertices.ids.size, vertices.ranks),
      hyperedges: {
        ...this.#values.hyperedge.finish(hyperedges?.ids.size ?? this.#sizes.length, hyperedges?.ranks),
        ...(!isIncidences && weight),
        ...(values.length > 0 && { relation: { values, dictionary: relations.ids } }),
      },
      incidences: { ...incidences, ...(direction && { direction }), ...(isIncidences && weight) },
    };
  }

  get #hasWeights(): boolean {
    return this.#options.properties === 'keep' && this.#names.has('weight');
  }

  #intern(interner: IdInterner, value: unknown, role: Role): number {
    const id = typeof value === 'bigint' ? Number(value) : value;
    const isId = typeof id === 'string' || Number.isSafeInteger(id);
    if (!isId) this.#refuse(role, `must be a text or an integer up to 2^53 - 1, not ${show(value)}`);
    return interner.intern(id as ExternalId);
  }

  #weight(value: unknown): number {
    const weight = typeof value === 'bigint' ? Number(value) : value;
    if (typeof weight !== 'number' || !Number.isFinite(weight)) {
      this.#refuse('weight', `must be a finite number, not ${show(value)}`);
    }
    return weight;
  }

  #refuse(role: Role, what: string): never {
    throw fileFormatError(
      { path: this.#path },
      `row ${this.#rows + 1}, column "${this.#names.get(role)}": it ${what}`,
    );
  }
}

function rolesOf(columns: readonly string[]): ReadonlyMap<Role, string> {
  const names = new Map<Role, string>();
  for (const role of ['hyperedge', 'vertex', 'source', 'target', 'weight', 'relation'] as const) {
    const found = columns.find((name) => isColumn(name.toLowerCase(), role));
    if (found !== undefined) names.set(role, found);
  }
  return names;
}

const show = (value: unknown): string =>
  value === null || value === undefined ? 'nothing' : typeof value === 'object' ? 'an object' : String(value);
