/** Opens a graph that may be larger than one memory: whole if it fits, else in parts that one pass over the file makes. */
import { AnantError } from '@anant/core';
import type { LoadOptions } from '../formats/load.js';
import { Hypergraph } from '../graph.js';
import { HypergraphInParts } from './hypergraph-in-parts.js';
import { isOnePassFormat } from './one-pass-format.js';
import { PartitionedGraph } from './partitioned-graph.js';
import type { StreamPartsOptions } from './stream-parts.js';

export interface LoadOrDivideOptions extends LoadOptions {
  /** How it is divided if it must be. */
  readonly divided: StreamPartsOptions;
  /** Where parts go; nothing is written when the graph fits. */
  readonly folder: string;
}

/**
 * @throws AnantError as `Hypergraph.load`; `E_OUT_OF_MEMORY` when it does not fit and is neither a list of hyperedges with integer
 * members nor an `.anant` file, the formats that are read without the whole graph
 */
export async function loadOrDivide(
  path: string,
  { divided, folder, ...options }: LoadOrDivideOptions,
): Promise<Hypergraph | HypergraphInParts> {
  try {
    return await Hypergraph.load(path, options);
  } catch (error) {
    if (!AnantError.is(error, 'E_OUT_OF_MEMORY')) throw error;
    const { format, signal, onProgress } = options;
    // Another format: that it does not fit is what to say.
    if (!(await isOnePassFormat(path, format, signal))) throw error;
    try {
      await PartitionedGraph.divide(path, folder, {
        ...divided,
        ...(signal && { signal }),
        ...(onProgress && { onProgress }),
      });
    } catch (cause) {
      // Members are no integers.
      throw AnantError.is(cause, 'E_FILE_FORMAT') ? error : cause;
    }
    return HypergraphInParts.openFolder(folder);
  }
}
