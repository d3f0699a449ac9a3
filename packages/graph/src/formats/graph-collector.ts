/** Collects hyperedges, vertices and what is said about them, for readers that meet them one by one, as texts. */
import { IdInterner } from '../ids/id-interner.js';
import type { ExternalId } from '../ids/id-table.js';
import type { InternedIds } from '../ids/integer-interner.js';
import { TextInterner } from '../ids/text-interner.js';
import type { GraphDraft } from '../store/assemble.js';
import type { GraphKind } from '../store/graph-parts.js';
import { DIRECTION, type GraphProperties, type PropertyColumn } from '../store/properties.js';
import { U32Column } from '../store/u32-column.js';
import { type PropertyValue, ValueColumns } from '../store/value-columns.js';
import { labelTable } from './label-table.js';
import type { ReadOptions } from './read-context.js';

const WEIGHT_DEFAULT = 1;

/** Other properties, by name. */
export type NamedValues = readonly (readonly [name: string, value: PropertyValue])[];

export interface Hyperedge {
  readonly id?: ExternalId | undefined;
  readonly members: readonly ExternalId[];
  /** One per member. */
  readonly directions?: readonly number[] | undefined;
  readonly weight?: number | undefined;
  readonly relation?: string | undefined;
  /** The role of each member, the empty text for none. */
  readonly roles?: readonly string[] | undefined;
  readonly values?: NamedValues | undefined;
}

export class GraphCollector {
  readonly #vertices = new IdInterner();
  readonly #hyperedges = new IdInterner();
  readonly #owners = new U32Column();
  readonly #members = new U32Column();
  readonly #directions = new U32Column();
  /** By provisional index. */
  readonly #labels: string[] = [];
  readonly #vertexWeights: number[] = [];
  readonly #hyperedgeWeights: number[] = [];
  readonly #vertexValues = new ValueColumns();
  readonly #incidenceValues = new ValueColumns();
  /** By id, for they may be told before their hyperedge. */
  readonly #hyperedgeValues: (readonly [id: ExternalId, values: NamedValues])[] = [];
  readonly #relations = new TextInterner();
  readonly #relationOf: number[] = [];
  #withRelation = 0;
  #hasDirections = false;
  #unnamed = 0;

  /** Notes a vertex. */
  vertex(
    id: ExternalId,
    {
      label,
      weight,
      values = [],
    }: { label?: string | undefined; weight?: number | undefined; values?: NamedValues } = {},
  ): void {
    const index = this.#vertices.intern(id);
    if (label !== undefined) this.#labels[index] = label;
    if (weight !== undefined) this.#vertexWeights[index] = weight;
    for (const [name, value] of values) this.#vertexValues.set(name, index, value);
  }

  /** Notes what is said of a hyperedge, which need not be known yet. */
  hyperedgeValues(id: ExternalId, values: NamedValues): void {
    if (values.length > 0) this.#hyperedgeValues.push([id, values]);
  }

  /** Notes a hyperedge; without an id it gets its position. @returns `false` when the id was used before. */
  hyperedge({ id, members, directions, weight, relation, roles, values = [] }: Hyperedge): boolean {
    const before = this.#hyperedges.size;
    const own = id ?? this.#unnamed++;
    const index = this.#hyperedges.intern(own);
    if (this.#hyperedges.size === before) return false;
    this.hyperedgeValues(own, values);
    members.forEach((member, at) => {
      this.#owners.push(index);
      this.#members.push(this.#vertices.intern(member));
      const direction = directions?.[at] ?? DIRECTION.none;
      this.#directions.push(direction);
      this.#hasDirections ||= direction !== DIRECTION.none;
      const role = roles?.[at] ?? '';
      if (role !== '') this.#incidenceValues.set('role', this.#members.length - 1, role);
    });
    if (weight !== undefined) this.#hyperedgeWeights[index] = weight;
    if (relation !== undefined) {
      const bytes = Buffer.from(relation);
      this.#withRelation += 1;
      this.#relationOf[index] = this.#relations.intern(bytes, 0, bytes.length);
    }
    return true;
  }

  draft(
    { properties, repeatedMembers }: ReadOptions,
    more: { readonly kind: GraphKind; readonly source: GraphDraft['source'] },
  ): GraphDraft {
    const named = this.#namedValues();
    const vertices = this.#vertices.finish();
    const hyperedges = this.#hyperedges.finish();
    const places = this.#relationOf.length > 0 || this.#hasDirections || !this.#incidenceValues.isEmpty;
    return {
      vertices,
      members: this.#members,
      grouping: { owners: this.#owners, hyperedges },
      repeatedMembers: repeatedMembers ?? (places ? 'keep' : 'merge'),
      ...more,
      ...(this.#labels.length > 0 && { labels: { vertices: labelTable(this.#labels, vertices) } }),
      ...(properties === 'keep' && { properties: this.#properties(vertices, hyperedges, named) }),
    };
  }

  /** Values of hyperedges by index; those of ids that no hyperedge has are dropped. */
  #namedValues(): ValueColumns {
    const columns = new ValueColumns();
    for (const [id, values] of this.#hyperedgeValues) {
      const index = this.#hyperedges.find(id);
      if (index < 0) continue;
      for (const [name, value] of values) columns.set(name, index, value);
    }
    return columns;
  }

  #properties(vertices: InternedIds, hyperedges: InternedIds, named: ValueColumns): GraphProperties {
    const directions = new Uint32Array(this.#directions.length);
    this.#directions.copyTo(directions);
    return {
      vertices: {
        ...weightsOf(this.#vertexWeights, vertices),
        ...this.#vertexValues.finish(vertices.ids.size, vertices.ranks),
      },
      hyperedges: {
        ...weightsOf(this.#hyperedgeWeights, hyperedges),
        ...this.#relationColumn(hyperedges),
        ...named.finish(hyperedges.ids.size, hyperedges.ranks),
      },
      incidences: {
        ...this.#incidenceValues.finish(this.#members.length),
        ...(this.#hasDirections && { direction: { values: Uint8Array.from(directions) } }),
      },
    };
  }

  /** Hyperedges without a relation get the empty text, if any has one. */
  #relationColumn({ ids, ranks }: InternedIds): Record<string, PropertyColumn> {
    if (this.#relationOf.length === 0) return {};
    const none = this.#withRelation < ids.size ? this.#relations.intern(new Uint8Array(0), 0, 0) : 0;
    const values = new Uint32Array(ids.size).fill(none);
    this.#relationOf.forEach((relation, index) => {
      values[ranks?.[index] ?? index] = relation;
    });
    return { relation: { values, dictionary: this.#relations.finish() } };
  }
}

function weightsOf(weights: readonly number[], { ids, ranks }: InternedIds): Record<string, PropertyColumn> {
  if (weights.length === 0) return {};
  const values = new Float64Array(ids.size).fill(WEIGHT_DEFAULT);
  weights.forEach((weight, index) => {
    values[ranks?.[index] ?? index] = weight;
  });
  return { weight: { values } };
}
