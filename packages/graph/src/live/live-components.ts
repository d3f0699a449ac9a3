/**
 * The connected components of a live hypergraph, kept up to date: additions join sets as they come (disjoint sets,
 * Tarjan and van Leeuwen 1984); a removal may split a component, so the next question after one counts anew.
 */
import { AnantError } from '@anant/core';
import type { ExternalId } from '../ids/id-table.js';
import { RangeIds } from '../ids/range-ids.js';
import type { AppliedBatch, GraphChange } from './change.js';
import { GrowableU32 } from './growable.js';
import { GrowingIds } from './growing-ids.js';
import type { LiveHypergraph } from './live-hypergraph.js';

export class LiveComponents implements Disposable {
  readonly #graph: LiveHypergraph;
  readonly #stop: () => void;
  #ids = new GrowingIds(new RangeIds(0, 0));
  #parents = new GrowableU32();
  #count = 0;
  #isStale = true;

  constructor(graph: LiveHypergraph) {
    this.#graph = graph;
    this.#stop = graph.onBatch((batch) => this.#follow(batch));
  }

  /** How many components there are; a vertex without hyperedges is one. */
  get count(): number {
    this.#refresh();
    return this.#count;
  }

  /** Whether two vertices are connected. @throws AnantError `E_GRAPH_INVALID` when one does not exist */
  areConnected(left: ExternalId, right: ExternalId): boolean {
    this.#refresh();
    return this.#root(this.#known(left)) === this.#root(this.#known(right));
  }

  /** Stops following the graph. */
  [Symbol.dispose](): void {
    this.#stop();
  }

  #follow({ changes }: AppliedBatch): void {
    for (const change of changes) {
      if (this.#isStale) return;
      this.#take(change);
    }
  }

  #take(change: GraphChange): void {
    if (change.type === 'hyperedge-add') this.#join(change.members);
    else if (change.type === 'vertex-add') this.#indexOf(change.id);
    else if (change.type === 'incidence-add') this.#joinHyperedge(change.hyperedge, change.vertex);
    else if (change.type !== 'property-set') this.#isStale = true;
  }

  /** Its members are joined already; one that is gone since makes what is known stale by its own change. */
  #joinHyperedge(hyperedge: ExternalId, vertex: ExternalId): void {
    const [first = vertex] = this.#graph.snapshot().membersOf(hyperedge) ?? [];
    this.#join([first, vertex]);
  }

  #refresh(): void {
    if (!this.#isStale) return;
    const snapshot = this.#graph.snapshot();
    this.#ids = new GrowingIds(new RangeIds(0, 0));
    this.#parents = new GrowableU32();
    this.#count = 0;
    this.#isStale = false;
    for (const vertex of snapshot.vertices()) this.#indexOf(vertex);
    for (const hyperedge of snapshot.hyperedges()) this.#join(snapshot.membersOf(hyperedge) ?? []);
  }

  #join(members: readonly ExternalId[]): void {
    let root = -1;
    for (const member of members) {
      const other = this.#root(this.#indexOf(member));
      if (root < 0) root = other;
      else if (root !== other) {
        this.#parents.set(Math.max(root, other), Math.min(root, other));
        root = Math.min(root, other);
        this.#count -= 1;
      }
    }
  }

  #indexOf(id: ExternalId): number {
    const index = this.#ids.intern(id);
    if (index === this.#parents.length) {
      this.#parents.push(index);
      this.#count += 1;
    }
    return index;
  }

  #known(id: ExternalId): number {
    const index = this.#ids.indexOf(id);
    if (index >= 0) return index;
    throw new AnantError('E_GRAPH_INVALID', `There is no vertex ${JSON.stringify(id)}.`, {
      advice: 'An integer and its decimal text are different ids.',
    });
  }

  #root(index: number): number {
    let at = index;
    for (;;) {
      const parent = this.#parents.at(at);
      if (parent === at) return at;
      // Path halving: every step shortens the way for the next question.
      this.#parents.set(at, this.#parents.at(parent));
      at = parent;
    }
  }
}
