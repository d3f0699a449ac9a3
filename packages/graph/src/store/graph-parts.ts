/** What a hypergraph is made of: the result of reading or building one. */
import type { KernelMemory } from '@anant/core';
import type { IdTable } from '../ids/id-table.js';
import type { Incidence } from './incidence.js';
import type { GraphProperties } from './properties.js';

/** How a file says its hyperedges are meant: as sets, with heads and tails, or closed under subsets. */
export type GraphKind = 'undirected' | 'directed' | 'asc';

export interface GraphSource {
  readonly format: string;
  /** Files read, in order; empty for a graph built in memory. */
  readonly paths: readonly string[];
  /** What was left out or changed while reading, in sentences. */
  readonly warnings: readonly string[];
}

/** Names for people, where the ids are not names themselves; an empty name means none. */
export interface GraphLabels {
  readonly vertices?: IdTable | undefined;
  readonly hyperedges?: IdTable | undefined;
}

export interface GraphParts {
  readonly memory: KernelMemory;
  readonly edgeToNodes: Incidence;
  readonly nodeToEdges: Incidence;
  readonly vertices: IdTable;
  readonly hyperedges: IdTable;
  readonly labels: GraphLabels;
  readonly kind: GraphKind;
  readonly properties: GraphProperties;
  readonly source: GraphSource;
}
