/** What may change in a live hypergraph. */
import type { ExternalId } from '../ids/id-table.js';

/** Properties by name, for example `weight`, `time` or `relation`. The empty text is no value. */
export type LiveProperties = Readonly<Record<string, number | string>>;

export type GraphChange =
  /** Adds a hyperedge; members that are new become vertices. Without an id it gets the next free integer. */
  | {
      readonly type: 'hyperedge-add';
      readonly id?: ExternalId;
      readonly members: readonly ExternalId[];
      readonly properties?: LiveProperties;
    }
  | { readonly type: 'hyperedge-remove'; readonly id: ExternalId }
  /** Adds a vertex that need not be in a hyperedge. One that exists is left as it is. */
  | { readonly type: 'vertex-add'; readonly id: ExternalId; readonly properties?: LiveProperties }
  /** Removes a vertex, also from its hyperedges; these stay, possibly empty. */
  | { readonly type: 'vertex-remove'; readonly id: ExternalId }
  | {
      readonly type: 'property-set';
      readonly of: 'vertex' | 'hyperedge';
      readonly id: ExternalId;
      readonly properties: LiveProperties;
    };

/** One batch as it was applied: everything in it became visible at once. */
export interface AppliedBatch {
  readonly type: 'batch';
  /** Rises by one with each batch. */
  readonly epoch: number;
  /** In order; a hyperedge that was added without an id has the one it got. */
  readonly changes: readonly GraphChange[];
}

/** Told to a subscriber that was too slow: batches were dropped, and what it knows must be read anew. */
export interface SubscriptionGap {
  readonly type: 'gap';
  readonly batches: number;
}

export type GraphEvent = AppliedBatch | SubscriptionGap;
