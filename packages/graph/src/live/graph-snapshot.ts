/** A live hypergraph as it was at one epoch: it never changes, whatever is written meanwhile, and holds no lock. */
import { Hypergraph } from '../graph.js';
import type { ExternalId } from '../ids/id-table.js';
import { assemble } from '../store/assemble.js';
import type { LiveProperties } from './change.js';
import type { Generation, LiveCounts } from './generation.js';
import { draftOf } from './materialize.js';
import type { PropertyTable } from './property-table.js';
import type { VersionedIds } from './versioned-ids.js';

export class GraphSnapshot {
  /** Batches applied before it was taken. */
  readonly epoch: number;
  readonly vertexCount: number;
  readonly hyperedgeCount: number;
  readonly incidenceCount: number;
  readonly #generation: Generation;
  #hypergraph: Hypergraph | undefined;

  constructor(generation: Generation, epoch: number, counts: LiveCounts) {
    this.#generation = generation;
    this.epoch = epoch;
    this.vertexCount = counts.vertices;
    this.hyperedgeCount = counts.hyperedges;
    this.incidenceCount = counts.incidences;
  }

  hasVertex(id: ExternalId): boolean {
    return this.#vertex(id) >= 0;
  }

  hasHyperedge(id: ExternalId): boolean {
    return this.#hyperedge(id) >= 0;
  }

  /** The members of a hyperedge, in the order given; undefined when it does not exist. */
  membersOf(hyperedge: ExternalId): readonly ExternalId[] | undefined {
    const found = this.#hyperedge(hyperedge);
    if (found < 0) return undefined;
    const { vertices } = this.#generation;
    return Array.from(this.#generation.membersOf(found), (vertex) => vertices.externalOf(vertex));
  }

  /** The hyperedges that hold a vertex, in no particular order; undefined when it does not exist. */
  hyperedgesOf(vertex: ExternalId): readonly ExternalId[] | undefined {
    const found = this.#vertex(vertex);
    if (found < 0) return undefined;
    const ids: ExternalId[] = [];
    const { hyperedges } = this.#generation;
    this.#generation.eachHyperedgeOf(found, this.epoch, (hyperedge) =>
      ids.push(hyperedges.externalOf(hyperedge)),
    );
    return ids;
  }

  /** In how many hyperedges a vertex is; undefined when it does not exist. Takes time in proportion to the answer. */
  degreeOf(vertex: ExternalId): number | undefined {
    const found = this.#vertex(vertex);
    if (found < 0) return undefined;
    let degree = 0;
    this.#generation.eachHyperedgeOf(found, this.epoch, () => {
      degree += 1;
    });
    return degree;
  }

  /** The other vertices that share a hyperedge with one, each once; undefined when it does not exist. */
  neighborsOf(vertex: ExternalId): readonly ExternalId[] | undefined {
    const found = this.#vertex(vertex);
    if (found < 0) return undefined;
    const generation = this.#generation;
    const seen = new Set<number>();
    generation.eachHyperedgeOf(found, this.epoch, (hyperedge) => {
      for (const member of generation.membersOf(hyperedge)) seen.add(member);
    });
    seen.delete(found);
    return Array.from(seen, (member) => generation.vertices.externalOf(member));
  }

  /** The properties of a vertex; undefined when it does not exist. */
  vertexProperties(id: ExternalId): LiveProperties | undefined {
    return this.#properties(this.#generation.tables.vertices, this.#vertex(id));
  }

  /** The properties of a hyperedge; undefined when it does not exist. */
  hyperedgeProperties(id: ExternalId): LiveProperties | undefined {
    return this.#properties(this.#generation.tables.hyperedges, this.#hyperedge(id));
  }

  /** What is said of each member of a hyperedge in its place, for example its role; undefined when it does not exist. */
  memberPropertiesOf(hyperedge: ExternalId): readonly LiveProperties[] | undefined {
    const found = this.#hyperedge(hyperedge);
    if (found < 0) return undefined;
    const first = this.#generation.firstIncidenceOf(found);
    return Array.from({ length: this.#generation.sizeOf(found) }, (_, place) =>
      this.#propertiesOf(this.#generation.tables.incidences, first + place),
    );
  }

  /** Ids of all vertices, oldest first. */
  vertices(): IterableIterator<ExternalId> {
    return idsOf(this.#generation.vertices, this.epoch);
  }

  /** Ids of all hyperedges, oldest first. */
  hyperedges(): IterableIterator<ExternalId> {
    return idsOf(this.#generation.hyperedges, this.epoch);
  }

  /**
   * The same as a hypergraph for kernels and files, made once and kept with the snapshot. Properties come along as
   * columns, NaN where there is no value. @throws AnantError `E_OUT_OF_MEMORY`
   */
  toHypergraph(): Hypergraph {
    this.#hypergraph ??= this.#isBase()
      ? this.#generation.base
      : new Hypergraph(assemble(draftOf(this.#generation, this.epoch)));
    return this.#hypergraph;
  }

  /** Whether nothing has changed since the base. */
  #isBase(): boolean {
    const { base, vertices, hyperedges, tables } = this.#generation;
    const isUntouched = vertices.length === base.vertices.size && hyperedges.length === base.hyperedges.size;
    const areAllAlive = this.vertexCount === base.vertexCount && this.hyperedgeCount === base.hyperedgeCount;
    return isUntouched && areAllAlive && !tables.isChanged;
  }

  #properties(table: PropertyTable, entity: number): LiveProperties | undefined {
    return entity < 0 ? undefined : this.#propertiesOf(table, entity);
  }

  #propertiesOf(table: PropertyTable, entity: number): LiveProperties {
    const found: Record<string, number | string> = {};
    for (const name of table.names()) {
      const value = table.at(name, entity, this.epoch);
      if (value !== undefined) found[name] = value;
    }
    return found;
  }

  #vertex(id: ExternalId): number {
    return this.#generation.vertices.find(id, this.epoch);
  }

  #hyperedge(id: ExternalId): number {
    return this.#generation.hyperedges.find(id, this.epoch);
  }
}

function* idsOf(ids: VersionedIds, epoch: number): IterableIterator<ExternalId> {
  for (let version = 0; version < ids.length; version++) {
    if (ids.isAlive(version, epoch)) yield ids.externalOf(version);
  }
}
