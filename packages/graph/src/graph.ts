/**
 * Hypergraphs as users have them: the store, and a method for each registered algorithm. The store knows no
 * algorithm, so that algorithms may know the store.
 */
import type { GraphClient, RunOptions } from './algorithms/run-kernel-task.js';
import { type ExportOptions, type ExportReport, exportGraph } from './export/export-graph.js';
import { type GraphShare, Hypergraph as Store } from './hypergraph.js';
import { SparseMatrix } from './matrix/sparse-matrix.js';
import { defaultClient } from './methods/default-client.js';
import { type GraphMethods, installMethods, methodsOf } from './methods/graph-methods.js';
import { type Neighbors, type NeighborsOptions, neighborsOf } from './query/neighborhood.js';
import { type QueryOptions, type QueryResult, runQuery } from './query/run-query.js';
import type { GraphParts } from './store/graph-parts.js';
import {
  type TimeSlice,
  type TimeSliceOptions,
  type TimeWindowsOptions,
  timeSlice,
  timeWindows,
} from './store/time-slices.js';

/** The store's class, with instances that have the methods `installMethods` puts on them. */
type StoreWithMethods = Omit<typeof Store, 'prototype'> &
  (new (
    parts: GraphParts,
    share?: GraphShare,
  ) => Store & GraphMethods);

export class Hypergraph extends (Store as StoreWithMethods) {
  /**
   * Writes the graph in another format, told by the end of the name (`.gz` behind it compresses) or named.
   * @returns What was written, and what the format cannot hold.
   * @throws AnantError `E_GRAPH_INVALID` when the graph does not fit the format, `E_FILE_WRITE`, `E_CANCELLED`
   */
  export(path: string, options: ExportOptions = {}): Promise<ExportReport> {
    return exportGraph(this, path, options);
  }

  /**
   * Answers a query: `neighbors 42 --hops 2`, `path a b`, `match ?x born ?y, ?y in france` (docs/graph-query.md).
   * Runs here, on the calling thread.
   * @throws AnantError `E_QUERY_INVALID`, naming the column
   */
  query(text: string, options: QueryOptions = {}): QueryResult {
    return runQuery(this, text, options);
  }

  /**
   * The incidence matrix: a row per hyperedge, a column per vertex, 1 where the hyperedge has the vertex. Shares the
   * arrays of the graph, and is of use as long as the graph is.
   */
  incidenceMatrix(): SparseMatrix {
    const { offsets, members } = this.edgeToNodes;
    return new SparseMatrix({ columnCount: this.vertexCount, offsets, indexes: members });
  }

  /** The same with a row per vertex and a column per hyperedge: its transpose. */
  transposedIncidenceMatrix(): SparseMatrix {
    const { offsets, members } = this.nodeToEdges;
    return new SparseMatrix({ columnCount: this.hyperedgeCount, offsets, indexes: members });
  }

  /**
   * The hyperedges of a stretch of time, `from` included and `to` not, as a hypergraph of its own.
   * @throws AnantError `E_GRAPH_INVALID` when hyperedges have no times
   */
  timeSlice(options: TimeSliceOptions = {}): this {
    return timeSlice(this, options);
  }

  /**
   * Slices of `length`, each `step` after the one before, from the first time to the last; made one at a time.
   * @throws AnantError `E_GRAPH_INVALID` when hyperedges have no times, or a number does not fit
   */
  timeWindows(options: TimeWindowsOptions): Generator<TimeSlice<this>> {
    return timeWindows(this, options);
  }

  /** Vertices within some hops of a vertex (an index), nearest first. @throws RangeError */
  neighbors(vertex: number, options: NeighborsOptions = {}): Neighbors {
    return neighborsOf(this, vertex, options);
  }

  /**
   * The same methods, run elsewhere: on a client of yours, or on a backend that the configuration has.
   * @param where A client, or the name of a backend of the default client.
   * @param options Options of every task; those of a call win.
   */
  on(where: GraphClient | string, options: RunOptions = {}): GraphMethods {
    if (typeof where === 'string') return methodsOf(this, defaultClient, { ...options, backend: where });
    return methodsOf(this, () => Promise.resolve(where), options);
  }
}

installMethods(Hypergraph.prototype, defaultClient);
