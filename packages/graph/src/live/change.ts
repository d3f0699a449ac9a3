/** What may change in a live hypergraph. */
import type { ExternalId } from '../ids/id-table.js';

/** Properties by name, for example `weight`, `time` or `relation`. The empty text is no value. */
export type LiveProperties = Readonly<Record<string, number | string>>;

/** Properties to set by name; `null` takes the value away. */
export type PropertyChanges = Readonly<Record<string, number | string | null>>;

/** One incidence: a vertex in a hyperedge. */
export interface IncidenceName {
  readonly hyperedge: ExternalId;
  readonly vertex: ExternalId;
  /** Its place among the members, from 0; needed where the hyperedge lists the vertex more than once. */
  readonly place?: number;
}

export type GraphChange =
  /**
   * Adds a hyperedge; members that are new become vertices. Without an id it gets the next free integer. A member that is
   * listed twice counts once, unless there are `memberProperties`: then every place is an incidence of its own.
   */
  | {
      readonly type: 'hyperedge-add';
      readonly id?: ExternalId;
      readonly members: readonly ExternalId[];
      /** What is said of each member in its place, for example its `role`; as many as there are members. */
      readonly memberProperties?: readonly LiveProperties[];
      readonly properties?: LiveProperties;
    }
  | { readonly type: 'hyperedge-remove'; readonly id: ExternalId }
  /** Adds a vertex that need not be in a hyperedge. One that exists is left as it is. */
  | { readonly type: 'vertex-add'; readonly id: ExternalId; readonly properties?: LiveProperties }
  /** Removes a vertex, also from its hyperedges; these stay, possibly empty. */
  | { readonly type: 'vertex-remove'; readonly id: ExternalId }
  /** Makes a vertex, which may be new, the last member of a hyperedge. */
  | {
      readonly type: 'incidence-add';
      readonly hyperedge: ExternalId;
      readonly vertex: ExternalId;
      readonly properties?: LiveProperties;
    }
  /** Takes one member out of a hyperedge, which stays, possibly empty; so does the vertex. */
  | ({ readonly type: 'incidence-remove' } & IncidenceName)
  | {
      readonly type: 'property-set';
      readonly of: 'vertex' | 'hyperedge';
      readonly id: ExternalId;
      readonly properties: PropertyChanges;
    }
  | ({
      readonly type: 'property-set';
      readonly of: 'incidence';
      readonly properties: PropertyChanges;
    } & IncidenceName);

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
