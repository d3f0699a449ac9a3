/**
 * A base that does not change and everything that has come since, with its epochs: multi-version storage that one
 * writer extends while any number of snapshots read it. A merge makes a new generation; snapshots keep theirs.
 */
import { AnantError } from '@anant/core';
import type { Hypergraph } from '../graph.js';
import type { ExternalId } from '../ids/id-table.js';
import type { U32Column } from '../store/u32-column.js';
import { atChange, CHANGE_TYPES, type GivenIds, listOfMembers } from './batch-changes.js';
import type { GraphChange, IncidenceName, LiveProperties } from './change.js';
import { DeltaIncidence } from './delta-incidence.js';
import { GrowableU32 } from './growable.js';
import { placeOf } from './incidence-place.js';
import { LiveTables, type TablesMark } from './live-tables.js';
import { VersionedIds } from './versioned-ids.js';

export interface LiveCounts {
  readonly vertices: number;
  readonly hyperedges: number;
  readonly incidences: number;
}

/** Which members a hyperedge is to have: places of those it has, and maybe one vertex more. */
interface Exchange {
  readonly members: readonly number[];
  readonly kept: readonly number[];
  readonly added?: number;
}

/** What a batch did, to take it back. */
interface Undo {
  readonly counts: LiveCounts;
  readonly nextId: number;
  readonly vertices: number;
  readonly hyperedges: number;
  readonly tables: TablesMark;
  readonly removedVertices: number[];
  readonly removedHyperedges: Set<number>;
}

export class Generation {
  readonly base: Hypergraph;
  readonly vertices: VersionedIds;
  readonly hyperedges: VersionedIds;
  readonly tables: LiveTables;
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
    this.tables = new LiveTables(base.properties);
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

  /** The number of the first incidence of a hyperedge; those of its other members follow. */
  firstIncidenceOf(hyperedge: number): number {
    const inBase = this.base.hyperedgeCount;
    if (hyperedge < inBase) return this.base.edgeToNodes.offsets[hyperedge]!;
    return this.base.incidenceCount + this.#delta.startOf(hyperedge - inBase);
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
        throw atChange(error, at, changes.length);
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
        if (change.properties === undefined) this.#addVertex(change.id, epoch);
        else this.tables.vertices.set(this.#addVertex(change.id, epoch), change.properties, epoch);
        return -1;
      case 'vertex-remove':
        this.#removeVertex(this.#known(this.vertices, 'vertex', change.id, epoch), epoch, undo);
        return -1;
      case 'incidence-add':
        this.#addIncidence(change, epoch, undo);
        return -1;
      case 'incidence-remove':
        this.#removeIncidence(change, epoch, undo);
        return -1;
      case 'property-set':
        this.#setProperties(change, epoch);
        return -1;
      default:
        throw new AnantError(
          'E_GRAPH_INVALID',
          `"${String((change as { type?: unknown } | null)?.type)}" is no type of change.`,
          { advice: `Use ${CHANGE_TYPES.join(', ')}.` },
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
    const { memberProperties } = change;
    if (memberProperties !== undefined && memberProperties.length !== change.members.length) {
      throw new AnantError(
        'E_GRAPH_INVALID',
        `There are ${change.members.length} members, but memberProperties of ${memberProperties.length}.`,
        { advice: 'Give one for each member, {} where there is nothing to say.' },
      );
    }
    const members = this.#scratch;
    let size = 0;
    this.#stamp = (this.#stamp + 1) >>> 0 || 1;
    const stamp = this.#stamp;
    for (const member of listOfMembers(change.members)) {
      const vertex = this.#addVertex(member, epoch);
      if (memberProperties === undefined && this.#stamps.at(vertex) === stamp) continue;
      this.#stamps.set(vertex, stamp);
      members[size++] = vertex;
    }
    const hyperedge = this.#insert(slot, members, size, epoch);
    if (change.properties !== undefined) this.tables.hyperedges.set(hyperedge, change.properties, epoch);
    if (memberProperties !== undefined) this.#sayOfMembers(hyperedge, memberProperties, epoch);
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
    undo.removedHyperedges.add(hyperedge);
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
      const members = Array.from(this.membersOf(hyperedge));
      const kept = members.flatMap((member, place) => (member === vertex ? [] : [place]));
      this.#exchange(hyperedge, { members, kept }, epoch, undo);
    }
    this.vertices.remove(vertex, epoch);
    this.#counts.vertices -= 1;
    undo.removedVertices.push(vertex);
  }

  #addIncidence(change: GraphChange & { readonly type: 'incidence-add' }, epoch: number, undo: Undo): void {
    const hyperedge = this.#known(this.hyperedges, 'hyperedge', change.hyperedge, epoch);
    const members = Array.from(this.membersOf(hyperedge));
    const kept = members.map((_, place) => place);
    const added = this.#addVertex(change.vertex, epoch);
    const next = this.#exchange(hyperedge, { members, kept, added }, epoch, undo);
    if (change.properties === undefined) return;
    this.tables.setIncidence(this.firstIncidenceOf(next) + members.length, change.properties, epoch);
  }

  #removeIncidence(name: IncidenceName, epoch: number, undo: Undo): void {
    const { hyperedge, place } = this.#incidence(name, epoch);
    const members = Array.from(this.membersOf(hyperedge));
    const kept = members.map((_, at) => at).filter((at) => at !== place);
    this.#exchange(hyperedge, { members, kept }, epoch, undo);
  }

  /**
   * Gives a hyperedge other members: the kept places of those it has, with what is said of them, and maybe one more. It is
   * a new version, so that snapshots keep the one they show.
   */
  #exchange(hyperedge: number, { members, kept, added }: Exchange, epoch: number, undo: Undo): number {
    const vertices = kept.map((place) => members[place]!);
    if (added !== undefined) vertices.push(added);
    const from = this.firstIncidenceOf(hyperedge);
    this.#removeHyperedge(hyperedge, epoch, undo);
    const next = this.#insert(this.hyperedges.slotOf(hyperedge), vertices, vertices.length, epoch);
    this.tables.hyperedges.copy(hyperedge, next, epoch);
    const to = this.firstIncidenceOf(next);
    for (const [at, place] of kept.entries()) this.tables.incidences.copy(from + place, to + at, epoch);
    return next;
  }

  #sayOfMembers(hyperedge: number, properties: readonly LiveProperties[], epoch: number): void {
    const first = this.firstIncidenceOf(hyperedge);
    for (const [place, said] of properties.entries()) this.tables.setIncidence(first + place, said, epoch);
  }

  #setProperties(change: GraphChange & { readonly type: 'property-set' }, epoch: number): void {
    const { tables } = this;
    switch (change.of) {
      case 'vertex':
        tables.vertices.set(this.#known(this.vertices, 'vertex', change.id, epoch), change.properties, epoch);
        return;
      case 'hyperedge': {
        const hyperedge = this.#known(this.hyperedges, 'hyperedge', change.id, epoch);
        tables.hyperedges.set(hyperedge, change.properties, epoch);
        return;
      }
      case 'incidence': {
        const { hyperedge, place } = this.#incidence(change, epoch);
        tables.setIncidence(this.firstIncidenceOf(hyperedge) + place, change.properties, epoch);
        return;
      }
      default:
        throw new AnantError(
          'E_GRAPH_INVALID',
          `"${String((change as { of?: unknown }).of)}" has no properties.`,
          { advice: 'Use of: vertex, hyperedge or incidence.' },
        );
    }
  }

  /** Which incidence is meant. @throws AnantError `E_GRAPH_INVALID` when there is none, or more than one */
  #incidence(name: IncidenceName, epoch: number): { readonly hyperedge: number; readonly place: number } {
    const hyperedge = this.#known(this.hyperedges, 'hyperedge', name.hyperedge, epoch);
    const vertex = this.#known(this.vertices, 'vertex', name.vertex, epoch);
    return { hyperedge, place: placeOf(this.membersOf(hyperedge), vertex, name) };
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
      tables: this.tables.mark(),
      removedVertices: [],
      removedHyperedges: new Set(),
    };
  }

  #takeBack(undo: Undo): void {
    for (let hyperedge = this.hyperedges.length - 1; hyperedge >= undo.hyperedges; hyperedge--) {
      if (undo.removedHyperedges.has(hyperedge)) continue;
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
    this.tables.restore(undo.tables);
    this.#counts = { ...undo.counts };
    this.#nextId = undo.nextId;
  }
}
