/**
 * A base that does not change and everything that has come since, with its epochs: multi-version storage that one
 * writer extends while any number of snapshots read it. A merge makes a new generation; snapshots keep theirs.
 */
import { AnantError } from '@anant/core';
import type { Hypergraph } from '../graph.js';
import type { ExternalId } from '../ids/id-table.js';
import type { U32Column } from '../store/u32-column.js';
import type { GraphChange, LiveProperties } from './change.js';
import { DeltaIncidence } from './delta-incidence.js';
import { GrowableU32 } from './growable.js';
import { PropertyTable } from './property-table.js';
import { VersionedIds } from './versioned-ids.js';

export interface LiveCounts {
  readonly vertices: number;
  readonly hyperedges: number;
  readonly incidences: number;
}

/** The ids that hyperedges added without one got, in order. */
export type GivenIds = readonly number[];

/** The changes as they were applied: every added hyperedge has an id. */
export function withIds(changes: readonly GraphChange[], givenIds: GivenIds): readonly GraphChange[] {
  if (givenIds.length === 0) return changes;
  let next = 0;
  return changes.map((change) =>
    change.type === 'hyperedge-add' && change.id === undefined
      ? { ...change, id: givenIds[next++]! }
      : change,
  );
}

/** What a batch did, to take it back. */
interface Undo {
  readonly counts: LiveCounts;
  readonly nextId: number;
  readonly vertices: number;
  readonly hyperedges: number;
  readonly vertexProperties: ReadonlyMap<string, number>;
  readonly hyperedgeProperties: ReadonlyMap<string, number>;
  readonly removedVertices: number[];
  readonly removedHyperedges: number[];
}

export class Generation {
  readonly base: Hypergraph;
  readonly vertices: VersionedIds;
  readonly hyperedges: VersionedIds;
  readonly vertexProperties: PropertyTable;
  readonly hyperedgeProperties: PropertyTable;
  readonly #delta = new DeltaIncidence();
  /** Hyperedges that hold a vertex now, by vertex. */
  readonly #degrees = new GrowableU32();
  #counts: { vertices: number; hyperedges: number; incidences: number };
  #nextId: number;
  /** Members of the hyperedge that is being added, in the first places: emptying an array would give its room away. */
  readonly #scratch: number[] = [];
  /** Last hyperedge that took a vertex, by vertex, counted in `#stamp`. */
  readonly #stamps = new GrowableU32();
  #stamp = 0;

  constructor(base: Hypergraph, nextId: number) {
    this.base = base;
    this.vertices = new VersionedIds(base.vertices);
    this.hyperedges = new VersionedIds(base.hyperedges);
    this.vertexProperties = new PropertyTable(base.properties.vertices);
    this.hyperedgeProperties = new PropertyTable(base.properties.hyperedges);
    const { vertexCount, hyperedgeCount, incidenceCount } = base;
    const { offsets } = base.nodeToEdges;
    this.#degrees.extend(vertexCount, 0);
    for (let vertex = 0; vertex < vertexCount; vertex++)
      this.#degrees.set(vertex, offsets[vertex + 1]! - offsets[vertex]!);
    this.#stamps.extend(vertexCount, 0);
    this.#counts = { vertices: vertexCount, hyperedges: hyperedgeCount, incidences: incidenceCount };
    this.#nextId = nextId;
  }

  get counts(): LiveCounts {
    return { ...this.#counts };
  }

  get nextId(): number {
    return this.#nextId;
  }

  /** Incidences added since the base, removed ones included. */
  get deltaIncidences(): number {
    return this.#delta.length;
  }

  /**
   * Applies all changes as epoch `epoch`, or none.
   * @param seal Is given the ids that hyperedges without one got (see `withIds`); when it throws, none are applied.
   * @throws AnantError `E_GRAPH_INVALID` naming the change and what is wrong with it
   */
  apply<Sealed>(
    changes: readonly GraphChange[],
    epoch: number,
    seal: (givenIds: GivenIds) => Sealed,
  ): Sealed {
    const undo = this.#mark();
    try {
      return seal(this.#applyAll(changes, epoch, undo));
    } catch (error) {
      this.#takeBack(undo);
      throw error;
    }
  }

  /** The members of a hyperedge, as a view that must not be kept. */
  membersOf(hyperedge: number): Uint32Array {
    const inBase = this.base.hyperedgeCount;
    return hyperedge < inBase ? this.base.membersOf(hyperedge) : this.#delta.membersOf(hyperedge - inBase);
  }

  /** Adds the members of a hyperedge, each as `names` calls it, to a column. Returns how many there are. */
  copyMembers(hyperedge: number, names: Uint32Array, into: U32Column): number {
    const inBase = this.base.hyperedgeCount;
    if (hyperedge >= inBase) return this.#delta.copyMembers(hyperedge - inBase, names, into);
    const { offsets, members } = this.base.edgeToNodes;
    const end = offsets[hyperedge + 1]!;
    for (let at = offsets[hyperedge]!; at < end; at++) into.push(names[members[at]!]!);
    return end - offsets[hyperedge]!;
  }

  sizeOf(hyperedge: number): number {
    const inBase = this.base.hyperedgeCount;
    if (hyperedge >= inBase) return this.#delta.sizeOf(hyperedge - inBase);
    const { offsets } = this.base.edgeToNodes;
    return offsets[hyperedge + 1]! - offsets[hyperedge]!;
  }

  /** Calls `visit` with each hyperedge that holds a vertex at an epoch. */
  eachHyperedgeOf(vertex: number, epoch: number, visit: (hyperedge: number) => void): void {
    if (vertex < this.base.vertexCount) {
      for (const hyperedge of this.base.hyperedgesOf(vertex)) {
        if (this.hyperedges.isAlive(hyperedge, epoch)) visit(hyperedge);
      }
    }
    this.#delta.eachOwner(vertex, (hyperedge) => {
      if (this.hyperedges.isAlive(hyperedge, epoch)) visit(hyperedge);
    });
  }

  /** The degree of a vertex at the newest epoch. */
  degreeOf(vertex: number): number {
    return this.#degrees.at(vertex);
  }

  #applyAll(changes: readonly GraphChange[], epoch: number, undo: Undo): GivenIds {
    const givenIds: number[] = [];
    for (let at = 0; at < changes.length; at++) {
      try {
        const given = this.#apply(changes[at]!, epoch, undo);
        if (given >= 0) givenIds.push(given);
      } catch (error) {
        throw AnantError.is(error) ? atChange(error, at, changes.length) : error;
      }
    }
    return givenIds;
  }

  /** @returns the id that a hyperedge without one got, or -1 */
  #apply(change: GraphChange, epoch: number, undo: Undo): number {
    switch (change.type) {
      case 'hyperedge-add':
        return this.#addHyperedge(change, epoch);
      case 'hyperedge-remove':
        this.#removeHyperedge(this.#known(this.hyperedges, 'hyperedge', change.id, epoch), epoch, undo);
        return -1;
      case 'vertex-add':
        this.#setProperties('vertex', this.#addVertex(change.id, epoch), change.properties, epoch);
        return -1;
      case 'vertex-remove':
        this.#removeVertex(this.#known(this.vertices, 'vertex', change.id, epoch), epoch, undo);
        return -1;
      case 'property-set': {
        const ids = change.of === 'vertex' ? this.vertices : this.hyperedges;
        this.#setProperties(
          change.of,
          this.#known(ids, change.of, change.id, epoch),
          change.properties,
          epoch,
        );
        return -1;
      }
      default:
        throw new AnantError(
          'E_GRAPH_INVALID',
          `"${String((change as { type?: unknown } | null)?.type)}" is no type of change.`,
          { advice: 'Use hyperedge-add, hyperedge-remove, vertex-add, vertex-remove or property-set.' },
        );
    }
  }

  #addHyperedge(change: GraphChange & { readonly type: 'hyperedge-add' }, epoch: number): number {
    const { id } = change;
    const slot = id === undefined ? this.#freeSlot(epoch) : this.hyperedges.reserve(id);
    if (id !== undefined && this.hyperedges.aliveIn(slot, epoch) >= 0) {
      throw new AnantError('E_GRAPH_INVALID', `There is a hyperedge ${JSON.stringify(id)} already.`, {
        advice: 'Remove it first, or use another id.',
      });
    }
    const members = this.#scratch;
    let size = 0;
    this.#stamp = (this.#stamp + 1) >>> 0 || 1;
    const stamp = this.#stamp;
    for (const member of change.members) {
      const vertex = this.#addVertex(member, epoch);
      if (this.#stamps.at(vertex) === stamp) continue;
      this.#stamps.set(vertex, stamp);
      members[size++] = vertex;
    }
    const hyperedge = this.#insert(slot, members, size, epoch);
    this.#setProperties('hyperedge', hyperedge, change.properties, epoch);
    return id === undefined ? this.#nextId - 1 : -1;
  }

  /** Adds a hyperedge of the first `size` of `members`. */
  #insert(slot: number, members: readonly number[], size: number, epoch: number): number {
    const hyperedge = this.hyperedges.add(slot, epoch);
    this.#delta.add(hyperedge, members, size);
    for (let at = 0; at < size; at++) {
      const vertex = members[at]!;
      this.#degrees.set(vertex, this.#degrees.at(vertex) + 1);
    }
    this.#counts.hyperedges += 1;
    this.#counts.incidences += size;
    return hyperedge;
  }

  #removeHyperedge(hyperedge: number, epoch: number, undo: Undo): void {
    const members = this.membersOf(hyperedge);
    for (const vertex of members) this.#degrees.set(vertex, this.#degrees.at(vertex) - 1);
    this.#counts.hyperedges -= 1;
    this.#counts.incidences -= members.length;
    this.hyperedges.remove(hyperedge, epoch);
    undo.removedHyperedges.push(hyperedge);
  }

  #addVertex(id: ExternalId, epoch: number): number {
    const slot = this.vertices.reserve(id);
    const alive = this.vertices.aliveIn(slot, epoch);
    if (alive >= 0) return alive;
    const vertex = this.vertices.add(slot, epoch);
    this.#degrees.truncate(vertex);
    this.#degrees.push(0);
    this.#stamps.truncate(vertex);
    this.#stamps.push(0);
    this.#counts.vertices += 1;
    return vertex;
  }

  #removeVertex(vertex: number, epoch: number, undo: Undo): void {
    // A hyperedge of the base may list a vertex more than once.
    const holders = new Set<number>();
    this.eachHyperedgeOf(vertex, epoch, (hyperedge) => holders.add(hyperedge));
    for (const hyperedge of holders) {
      const rest = Array.from(this.membersOf(hyperedge)).filter((member) => member !== vertex);
      this.#removeHyperedge(hyperedge, epoch, undo);
      const next = this.#insert(this.hyperedges.slotOf(hyperedge), rest, rest.length, epoch);
      this.hyperedgeProperties.copy(hyperedge, next, epoch);
    }
    this.vertices.remove(vertex, epoch);
    this.#counts.vertices -= 1;
    undo.removedVertices.push(vertex);
  }

  #setProperties(
    of: 'vertex' | 'hyperedge',
    entity: number,
    properties: LiveProperties | undefined,
    epoch: number,
  ): void {
    if (properties === undefined) return;
    (of === 'vertex' ? this.vertexProperties : this.hyperedgeProperties).set(entity, properties, epoch);
  }

  /** @throws AnantError `E_GRAPH_INVALID` when nothing alive has this id */
  #known(ids: VersionedIds, of: 'vertex' | 'hyperedge', id: ExternalId, epoch: number): number {
    const version = ids.find(id, epoch);
    if (version >= 0) return version;
    throw new AnantError('E_GRAPH_INVALID', `There is no ${of} ${JSON.stringify(id)}.`, {
      advice: 'An integer and its decimal text are different ids.',
    });
  }

  /** The slot of the next integer that no hyperedge has, which is used up. */
  #freeSlot(epoch: number): number {
    for (;;) {
      const slot = this.hyperedges.reserve(this.#nextId++);
      if (this.hyperedges.aliveIn(slot, epoch) < 0) return slot;
    }
  }

  #mark(): Undo {
    return {
      counts: this.counts,
      nextId: this.#nextId,
      vertices: this.vertices.length,
      hyperedges: this.hyperedges.length,
      vertexProperties: this.vertexProperties.mark(),
      hyperedgeProperties: this.hyperedgeProperties.mark(),
      removedVertices: [],
      removedHyperedges: [],
    };
  }

  #takeBack(undo: Undo): void {
    for (let hyperedge = this.hyperedges.length - 1; hyperedge >= undo.hyperedges; hyperedge--) {
      if (undo.removedHyperedges.includes(hyperedge)) continue;
      for (const vertex of this.membersOf(hyperedge)) this.#degrees.set(vertex, this.#degrees.at(vertex) - 1);
    }
    for (const hyperedge of undo.removedHyperedges) {
      if (hyperedge >= undo.hyperedges) continue;
      this.hyperedges.restore(hyperedge);
      for (const vertex of this.membersOf(hyperedge)) this.#degrees.set(vertex, this.#degrees.at(vertex) + 1);
    }
    for (const vertex of undo.removedVertices) this.vertices.restore(vertex);
    this.#delta.truncate(undo.hyperedges - this.base.hyperedgeCount);
    this.hyperedges.truncate(undo.hyperedges);
    this.vertices.truncate(undo.vertices);
    this.#degrees.truncate(undo.vertices);
    this.vertexProperties.restore(undo.vertexProperties);
    this.hyperedgeProperties.restore(undo.hyperedgeProperties);
    this.#counts = { ...undo.counts };
    this.#nextId = undo.nextId;
  }
}

function atChange(error: AnantError, change: number, count: number): AnantError {
  return new AnantError(error.code, `Change ${change} of ${count}: ${error.message}`, {
    ...(error.advice !== undefined && { advice: error.advice }),
    details: { ...error.details, change },
  });
}
