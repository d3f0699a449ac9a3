/**
 * The incidence of a live hypergraph as a follower keeps it: dense numbers for vertices and hyperedges, brought up to date
 * by each batch, and a call for everything that happened.
 */
import type { ExternalId } from '../ids/id-table.js';
import { RangeIds } from '../ids/range-ids.js';
import type { AppliedBatch, GraphChange } from './change.js';
import { DeltaIncidence } from './delta-incidence.js';
import type { GraphSnapshot } from './graph-snapshot.js';
import { GrowableU32 } from './growable.js';
import { GrowingIds } from './growing-ids.js';

/** Told of every step, in order. Numbers of vertices stay; numbers of hyperedges do until `compact`. */
export interface IncidenceObserver {
  vertexAdded(vertex: number): void;
  /** The vertex is in no hyperedge any more. */
  vertexRemoved(vertex: number): void;
  /** `members` are as listed, and the incidence has them already. */
  hyperedgeAdded(members: Uint32Array): void;
  /** The incidence has them no more. */
  hyperedgeRemoved(members: Uint32Array): void;
}

const NONE = 0xffff_ffff;
const ALIVE = 1;
/** Incidences of removed hyperedges that are kept before `isWasteful`, whatever the size of the graph. */
const DEAD_MIN = 1_048_576;

export class FollowedIncidence {
  readonly #vertexIds = new GrowingIds(new RangeIds(0, 0));
  readonly #hyperedgeIds = new GrowingIds(new RangeIds(0, 0));
  readonly #alive = new GrowableU32();
  readonly #degrees = new GrowableU32();
  /** The hyperedge that has an id now, by number of the id. */
  readonly #current = new GrowableU32();
  /** The number of the id of each hyperedge, `NONE` once it was removed. */
  #owners = new GrowableU32();
  #lists = new DeltaIncidence();
  #vertexCount = 0;
  #incidenceCount = 0;
  readonly #observer: IncidenceObserver;

  constructor(observer: IncidenceObserver) {
    this.#observer = observer;
  }

  /** Vertices that exist. */
  get vertexCount(): number {
    return this.#vertexCount;
  }

  /** Numbers given to vertices so far, those of removed ones included. */
  get vertexBound(): number {
    return this.#alive.length;
  }

  /** Numbers given to hyperedges so far. */
  get hyperedgeBound(): number {
    return this.#owners.length;
  }

  /** Incidences that exist. */
  get incidenceCount(): number {
    return this.#incidenceCount;
  }

  /** The degrees of all vertices by number, and room for more; replaced when vertices are added. */
  get degrees(): Uint32Array {
    return this.#degrees.values;
  }

  /** The members of all hyperedges, which `eachSpan` tells apart; replaced when hyperedges are added. */
  get listed(): Uint32Array {
    return this.#lists.members;
  }

  /** Whether most of what is kept belongs to hyperedges that were removed. */
  get isWasteful(): boolean {
    return this.#lists.length - this.#incidenceCount > Math.max(this.#incidenceCount, DEAD_MIN);
  }

  /** Takes in everything that a snapshot has. To be called first, once. */
  load(snapshot: GraphSnapshot): void {
    for (const id of snapshot.vertices()) this.#addVertex(id);
    for (const id of snapshot.hyperedges()) this.#addHyperedge(id, snapshot.membersOf(id) ?? []);
  }

  follow({ changes }: AppliedBatch): void {
    for (const change of changes) this.#take(change);
  }

  isVertex(vertex: number): boolean {
    return vertex >= 0 && vertex < this.#alive.length && this.#alive.at(vertex) === ALIVE;
  }

  /** The number of a vertex that exists, or -1. */
  vertexOf(id: ExternalId): number {
    const vertex = this.#vertexIds.indexOf(id);
    return this.isVertex(vertex) ? vertex : -1;
  }

  idOf(vertex: number): ExternalId {
    return this.#vertexIds.externalOf(vertex);
  }

  degreeOf(vertex: number): number {
    return this.#degrees.at(vertex);
  }

  /** The members of a hyperedge as listed; a view that must not be kept. */
  membersOf(hyperedge: number): Uint32Array {
    return this.#lists.membersOf(hyperedge);
  }

  /** Where the members of a hyperedge begin in `listed`. */
  startOf(hyperedge: number): number {
    return this.#lists.startOf(hyperedge);
  }

  sizeOf(hyperedge: number): number {
    return this.#lists.sizeOf(hyperedge);
  }

  isHyperedge(hyperedge: number): boolean {
    return this.#owners.at(hyperedge) !== NONE;
  }

  /** Calls `visit` for each hyperedge with where its members lie in `listed`. */
  eachSpan(visit: (start: number, end: number) => void): void {
    const lists = this.#lists;
    for (let hyperedge = 0; hyperedge < this.#owners.length; hyperedge++) {
      if (this.#owners.at(hyperedge) === NONE) continue;
      const start = lists.startOf(hyperedge);
      visit(start, start + lists.sizeOf(hyperedge));
    }
  }

  /** Calls `visit` with each hyperedge of a vertex, once for each time that it lists the vertex. */
  eachHyperedgeOf(vertex: number, visit: (hyperedge: number) => void): void {
    this.#lists.eachOwner(vertex, (hyperedge) => {
      if (this.#owners.at(hyperedge) !== NONE) visit(hyperedge);
    });
  }

  /** Forgets removed hyperedges: all others get new numbers. */
  compact(): void {
    const [before, owners] = [this.#lists, this.#owners];
    this.#lists = new DeltaIncidence();
    this.#owners = new GrowableU32();
    for (let hyperedge = 0; hyperedge < owners.length; hyperedge++) {
      const owner = owners.at(hyperedge);
      if (owner !== NONE) this.#insert(owner, Array.from(before.membersOf(hyperedge)));
    }
  }

  #take(change: GraphChange): void {
    switch (change.type) {
      case 'vertex-add':
        this.#addVertex(change.id);
        break;
      case 'hyperedge-add':
        // A batch is told with all ids filled in; without properties a member that is listed twice counts once.
        if (change.id !== undefined) {
          this.#addHyperedge(change.id, change.memberProperties ? change.members : new Set(change.members));
        }
        break;
      case 'incidence-add': {
        const vertex = this.#addVertex(change.vertex);
        this.#exchange(this.#currentOf(change.hyperedge), (members) => [...members, vertex]);
        break;
      }
      case 'incidence-remove': {
        const vertex = this.#vertexIds.indexOf(change.vertex);
        this.#exchange(this.#currentOf(change.hyperedge), (members) =>
          members.toSpliced(change.place ?? members.indexOf(vertex), 1),
        );
        break;
      }
      case 'hyperedge-remove':
        this.#removeHyperedge(this.#currentOf(change.id));
        break;
      case 'vertex-remove':
        this.#removeVertex(this.#vertexIds.indexOf(change.id));
        break;
    }
  }

  #addVertex(id: ExternalId): number {
    const vertex = this.#vertexIds.intern(id);
    if (vertex === this.#alive.length) {
      this.#alive.push(0);
      this.#degrees.push(0);
    }
    if (this.#alive.at(vertex) === ALIVE) return vertex;
    this.#alive.set(vertex, ALIVE);
    this.#vertexCount += 1;
    this.#observer.vertexAdded(vertex);
    return vertex;
  }

  #addHyperedge(id: ExternalId, members: Iterable<ExternalId>): void {
    const owner = this.#hyperedgeIds.intern(id);
    if (owner === this.#current.length) this.#current.push(NONE);
    this.#announce(
      owner,
      Array.from(members, (member) => this.#addVertex(member)),
    );
  }

  #announce(owner: number, vertices: readonly number[]): void {
    const hyperedge = this.#insert(owner, vertices);
    for (const vertex of vertices) this.#degrees.set(vertex, this.#degrees.at(vertex) + 1);
    this.#incidenceCount += vertices.length;
    this.#observer.hyperedgeAdded(this.#lists.membersOf(hyperedge));
  }

  #insert(owner: number, vertices: readonly number[]): number {
    const hyperedge = this.#owners.push(owner);
    this.#lists.add(hyperedge, vertices, vertices.length);
    this.#current.set(owner, hyperedge);
    return hyperedge;
  }

  #removeHyperedge(hyperedge: number): void {
    const members = this.#lists.membersOf(hyperedge);
    this.#current.set(this.#owners.at(hyperedge), NONE);
    this.#owners.set(hyperedge, NONE);
    for (const vertex of members) this.#degrees.set(vertex, this.#degrees.at(vertex) - 1);
    this.#incidenceCount -= members.length;
    this.#observer.hyperedgeRemoved(members);
  }

  /** The hyperedge that has an id now; changes name only those that exist. */
  #currentOf(id: ExternalId): number {
    return this.#current.at(this.#hyperedgeIds.indexOf(id));
  }

  /** Gives a hyperedge other members. */
  #exchange(hyperedge: number, change: (members: readonly number[]) => readonly number[]): void {
    const owner = this.#owners.at(hyperedge);
    const members = change(Array.from(this.#lists.membersOf(hyperedge)));
    this.#removeHyperedge(hyperedge);
    this.#announce(owner, members);
  }

  #removeVertex(vertex: number): void {
    const holders = new Set<number>();
    this.eachHyperedgeOf(vertex, (hyperedge) => holders.add(hyperedge));
    for (const hyperedge of holders) {
      this.#exchange(hyperedge, (members) => members.filter((member) => member !== vertex));
    }
    this.#alive.set(vertex, 0);
    this.#vertexCount -= 1;
    this.#observer.vertexRemoved(vertex);
  }
}
