/** Keeps in a live hypergraph only the hyperedges of the last stretch of time, by a property that holds their time. */
import { AnantError, type Deadline, DeadlineHeap } from '@anant/core';
import type { ExternalId } from '../ids/id-table.js';
import type { AppliedBatch, GraphChange } from './change.js';
import type { LiveHypergraph } from './live-hypergraph.js';

export interface TimeWindowOptions {
  /** Length in the unit of the times; above 0. */
  readonly length: number;
  /** The property of hyperedges that holds their time; one without it is never dropped. @default 'time' */
  readonly property?: string;
}

/** When a hyperedge leaves the window; its unit is that of the times. */
interface Departure extends Deadline {
  readonly id: ExternalId;
  readonly time: number;
}

export class TimeWindow implements Disposable {
  readonly #graph: LiveHypergraph;
  readonly #length: number;
  readonly #property: string;
  readonly #departures = new DeadlineHeap<Departure>();
  readonly #stop: () => void;

  /** @throws AnantError `E_GRAPH_INVALID` when the length is not above 0 */
  constructor(graph: LiveHypergraph, { length, property = 'time' }: TimeWindowOptions) {
    if (!(length > 0))
      throw new AnantError('E_GRAPH_INVALID', `A window must be longer than 0, not ${length}.`);
    this.#graph = graph;
    this.#length = length;
    this.#property = property;
    const snapshot = graph.snapshot();
    for (const id of snapshot.hyperedges()) this.#note(id, snapshot.hyperedgeProperties(id)?.[property]);
    this.#stop = graph.onBatch((batch) => this.#follow(batch));
  }

  /**
   * Drops, as one batch, every hyperedge whose time is `now - length` or before.
   * @returns how many were dropped
   * @throws AnantError as `LiveHypergraph.apply`
   */
  async advanceTo(now: number): Promise<number> {
    const snapshot = this.#graph.snapshot();
    const due = new Set<ExternalId>();
    for (let first = this.#departures.first; first && first.dueMs <= now; first = this.#departures.first) {
      this.#departures.delete(first);
      // It may have been removed meanwhile, or been given another time.
      if (snapshot.hyperedgeProperties(first.id)?.[this.#property] === first.time) due.add(first.id);
    }
    if (due.size === 0) return 0;
    await this.#graph.apply([...due].map((id): GraphChange => ({ type: 'hyperedge-remove', id })));
    return due.size;
  }

  /** Stops following the graph. */
  [Symbol.dispose](): void {
    this.#stop();
  }

  #follow({ changes }: AppliedBatch): void {
    for (const change of changes) {
      if (change.type === 'hyperedge-add' || (change.type === 'property-set' && change.of === 'hyperedge')) {
        if (change.id !== undefined) this.#note(change.id, change.properties?.[this.#property]);
      }
    }
  }

  #note(id: ExternalId, time: unknown): void {
    if (typeof time !== 'number') return;
    this.#departures.set({ id, time, dueMs: 0, heapIndex: -1 }, time + this.#length);
  }
}
