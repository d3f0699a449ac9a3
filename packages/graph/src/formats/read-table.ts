/** Tables of named columns, from Parquet or Arrow: incidences, edges or triples, told by the names. */
import { IdInterner } from '../ids/id-interner.js';
import type { ExternalId } from '../ids/id-table.js';
import type { GraphDraft } from '../store/assemble.js';
import { F64Column } from '../store/f64-column.js';
import { type GraphProperties, NO_PROPERTIES, type PropertyColumns } from '../store/properties.js';
import { U32Column } from '../store/u32-column.js';
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
  }

  /** Names of the columns that are read. */
  get wanted(): string[] {
    const roles = this.#hasWeights ? [...this.#shape, 'weight' as const] : this.#shape;
    return roles.map((role) => this.#names.get(role)!);
  }

  add({ count, columns }: TableRows): void {
    const valuesOf = (role: Role) => columns.get(this.#names.get(role)!)!;
    const isIncidences = this.#shape[0] === 'hyperedge';
    const [first, last] = isIncidences
      ? [valuesOf('hyperedge'), valuesOf('vertex')]
      : [valuesOf('source'), valuesOf('target')];
    const relations = this.#shape.includes('relation') ? valuesOf('relation') : undefined;
    const weights = this.#hasWeights ? valuesOf('weight') : undefined;
    for (let row = 0; row < count; row++, this.#rows++) {
      if (isIncidences) this.#owners.push(this.#intern(this.#hyperedges, first[row], 'hyperedge'));
      else {
        this.#members.push(this.#intern(this.#vertices, first[row], 'source'));
        this.#sizes.push(2);
      }
      this.#members.push(this.#intern(this.#vertices, last[row], isIncidences ? 'vertex' : 'target'));
      if (relations) this.#relationOf.push(this.#intern(this.#relations, relations[row], 'relation'));
      if (weights) this.#weights.push(this.#weight(weights[row]));
    }
  }

  draft(format: string): GraphDraft {
    const isIncidences = this.#shape[0] === 'hyperedge';
    const hasRelations = this.#shape.includes('relation');
    return {
      vertices: this.#vertices.finish(),
      members: this.#members,
      grouping: isIncidences
        ? { owners: this.#owners, hyperedges: this.#hyperedges.finish() }
        : { sizes: this.#sizes },
      repeatedMembers: this.#options.repeatedMembers ?? (hasRelations ? 'keep' : 'merge'),
      ...(this.#options.properties === 'keep' && {
        properties: this.#properties(),
      }),
      source: { format, paths: [this.#path], warnings: [] },
    };
  }

  #properties(): GraphProperties {
    const isIncidences = this.#shape[0] === 'hyperedge';
    const relations = this.#relations.finish();
    const values = new Uint32Array(this.#relationOf.length);
    this.#relationOf.copyTo(values, relations.ranks);
    const weight: PropertyColumns = this.#hasWeights ? { weight: { values: this.#weights.toArray() } } : {};
    return {
      ...NO_PROPERTIES,
      hyperedges: {
        ...(!isIncidences && weight),
        ...(values.length > 0 && { relation: { values, dictionary: relations.ids } }),
      },
      incidences: isIncidences ? weight : {},
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
