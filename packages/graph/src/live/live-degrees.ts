/** The degrees of a live hypergraph and their distribution, kept up to date as batches come: no question counts anew. */
import { AnantError } from '@anant/core';
import type { ExternalId } from '../ids/id-table.js';
import { FollowedIncidence } from './followed-incidence.js';
import { GrowableU32 } from './growable.js';
import type { LiveHypergraph } from './live-hypergraph.js';

export interface DegreeCount {
  readonly degree: number;
  /** Vertices of this degree. */
  readonly vertices: number;
}

export class LiveDegrees implements Disposable {
  readonly #incidence: FollowedIncidence;
  readonly #stop: () => void;
  /** Number of vertices by degree. */
  readonly #counts = new GrowableU32();

  constructor(graph: LiveHypergraph) {
    this.#incidence = new FollowedIncidence({
      vertexAdded: () => this.#move(undefined, 0),
      vertexRemoved: () => this.#move(0, undefined),
      hyperedgeAdded: (members) => this.#step(members, 1),
      hyperedgeRemoved: (members) => this.#step(members, -1),
    });
    this.#incidence.load(graph.snapshot());
    this.#stop = graph.onBatch((batch) => {
      this.#incidence.follow(batch);
      if (this.#incidence.isWasteful) this.#incidence.compact();
    });
  }

  /** In how many hyperedges a vertex is. @throws AnantError `E_GRAPH_INVALID` when it does not exist */
  degreeOf(vertex: ExternalId): number {
    const found = this.#incidence.vertexOf(vertex);
    if (found < 0) {
      throw new AnantError('E_GRAPH_INVALID', `There is no vertex ${JSON.stringify(vertex)}.`, {
        advice: 'An integer and its decimal text are different ids.',
      });
    }
    return this.#incidence.degreeOf(found);
  }

  /** How many vertices have each degree, rising; degrees that none has are left out. Linear in the largest degree. */
  distribution(): DegreeCount[] {
    const found: DegreeCount[] = [];
    for (let degree = 0; degree < this.#counts.length; degree++) {
      const vertices = this.#counts.at(degree);
      if (vertices > 0) found.push({ degree, vertices });
    }
    return found;
  }

  /** Stops following the graph. */
  [Symbol.dispose](): void {
    this.#stop();
  }

  /** Degrees of the members have changed by `by` each time that a member is listed. */
  #step(members: Uint32Array, by: 1 | -1): void {
    const times = new Map<number, number>();
    for (const vertex of members) times.set(vertex, (times.get(vertex) ?? 0) + by);
    for (const [vertex, change] of times) {
      const degree = this.#incidence.degreeOf(vertex);
      this.#move(degree - change, degree);
    }
  }

  #move(from: number | undefined, to: number | undefined): void {
    if (from !== undefined) this.#counts.set(from, this.#counts.at(from) - 1);
    if (to === undefined) return;
    if (to >= this.#counts.length) this.#counts.extend(to + 1, 0);
    this.#counts.set(to, this.#counts.at(to) + 1);
  }
}
