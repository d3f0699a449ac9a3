/** Collects hyperedges, vertices and what is said about them, for readers that meet them one by one, as texts. */
import { IdInterner } from '../ids/id-interner.js';
import type { ExternalId } from '../ids/id-table.js';
import type { InternedIds } from '../ids/integer-interner.js';
import { TextInterner } from '../ids/text-interner.js';
import type { GraphDraft } from '../store/assemble.js';
import type { GraphKind } from '../store/graph-parts.js';
import { DIRECTION, type GraphProperties, type PropertyColumn } from '../store/properties.js';
import { U32Column } from '../store/u32-column.js';
import { labelTable } from './label-table.js';
import type { ReadOptions } from './read-context.js';

const WEIGHT_DEFAULT = 1;

export interface Hyperedge {
  readonly id?: ExternalId | undefined;
  readonly members: readonly ExternalId[];
  /** One per member. */
  readonly directions?: readonly number[] | undefined;
  readonly weight?: number | undefined;
  readonly relation?: string | undefined;
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
  readonly #relations = new TextInterner();
  readonly #relationOf: number[] = [];
  #withRelation = 0;
  #hasDirections = false;
  #unnamed = 0;

  /** Notes a vertex. */
  vertex(
    id: ExternalId,
    { label, weight }: { label?: string | undefined; weight?: number | undefined } = {},
  ): void {
    const index = this.#vertices.intern(id);
    if (label !== undefined) this.#labels[index] = label;
    if (weight !== undefined) this.#vertexWeights[index] = weight;
  }

  /** Notes a hyperedge; without an id it gets its position. @returns `false` when the id was used before. */
  hyperedge({ id, members, directions, weight, relation }: Hyperedge): boolean {
    const before = this.#hyperedges.size;
    const index = this.#hyperedges.intern(id ?? this.#unnamed++);
    if (this.#hyperedges.size === before) return false;
    members.forEach((member, at) => {
      this.#owners.push(index);
      this.#members.push(this.#vertices.intern(member));
      const direction = directions?.[at] ?? DIRECTION.none;
      this.#directions.push(direction);
      this.#hasDirections ||= direction !== DIRECTION.none;
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
    const vertices = this.#vertices.finish();
    const hyperedges = this.#hyperedges.finish();
    const places = this.#relationOf.length > 0 || this.#hasDirections;
    return {
      vertices,
      members: this.#members,
      grouping: { owners: this.#owners, hyperedges },
      repeatedMembers: repeatedMembers ?? (places ? 'keep' : 'merge'),
      ...more,
      ...(this.#labels.length > 0 && { labels: { vertices: labelTable(this.#labels, vertices) } }),
      ...(properties === 'keep' && { properties: this.#properties(vertices, hyperedges) }),
    };
  }

  #properties(vertices: InternedIds, hyperedges: InternedIds): GraphProperties {
    const directions = new Uint32Array(this.#directions.length);
    this.#directions.copyTo(directions);
    return {
      vertices: weightsOf(this.#vertexWeights, vertices),
      hyperedges: { ...weightsOf(this.#hyperedgeWeights, hyperedges), ...this.#relationColumn(hyperedges) },
      incidences: { ...(this.#hasDirections && { direction: { values: Uint8Array.from(directions) } }) },
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
