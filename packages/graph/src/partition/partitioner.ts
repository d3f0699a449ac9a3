/** What divides the vertices of a graph into parts, and what a division is worth. */
import { AnantError } from '@anant/core';
import { EDGE_SIDE, type GraphClient, KernelRun, type RunOptions } from '../algorithms/run-kernel-task.js';
import type { Hypergraph } from '../hypergraph.js';
import { partitionCutTask } from '../kernels/partition-tasks.js';

export interface PartitionOptions {
  /** Number of parts; from 1 to the number of vertices. */
  readonly k: number;
  /** How much larger than V / k a part may be, as a share of it; from 0. */
  readonly imbalance: number;
  /** Decides what is left to chance; 0 to 4,294,967,295. */
  readonly seed: number;
}

export interface Partitioner {
  readonly name: string;
  /**
   * The part of every vertex, from 0 to k - 1. Runs kernels through `run`, if any.
   * @param partMax Most vertices that a part should have.
   */
  divide(run: KernelRun, options: PartitionOptions, partMax: number): Promise<Uint32Array>;
}

/** A division and what it cuts. */
export interface Partition {
  readonly parts: Uint32Array;
  /** Vertices of each part. */
  readonly sizes: Uint32Array;
  /** Hyperedges with members in several parts. */
  readonly cut: number;
  /** Sum over hyperedges of the parts that they have members in, less one: copies that parts on machines of their own need. */
  readonly connectivity: number;
  /** How much larger than V / k the largest part is, as a share of it. */
  readonly imbalance: number;
}

/** Most vertices of a part: at least what k equal parts need. */
export function partMaxOf(vertexCount: number, { k, imbalance }: PartitionOptions): number {
  return Math.max(Math.ceil(vertexCount / k), Math.floor(((1 + imbalance) * vertexCount) / k));
}

/**
 * Divides with a partitioner of yours, or one of `partitioners`, and tells what it cuts.
 * @throws AnantError `E_GRAPH_INVALID` when k does not fit the graph, or what it gives is no division into k parts.
 */
export async function partitionGraph(
  client: GraphClient,
  graph: Hypergraph,
  partitioner: Partitioner,
  options: PartitionOptions,
  runOptions: RunOptions = {},
): Promise<Partition> {
  return runPartitioner(new KernelRun(client, graph, runOptions), partitioner, options);
}

/** As `partitionGraph`, as a part of a run. */
export async function runPartitioner(
  run: KernelRun,
  partitioner: Partitioner,
  options: PartitionOptions,
): Promise<Partition> {
  const { vertexCount } = run.graph;
  const { k, imbalance, seed } = options;
  if (!Number.isSafeInteger(k) || k < 1 || k > vertexCount) {
    throw invalid(`"k" must be an integer from 1 to the ${vertexCount} vertices of the graph, not ${k}.`);
  }
  if (!(imbalance >= 0)) throw invalid(`"imbalance" must be a number from 0, not ${imbalance}.`);
  if (!Number.isSafeInteger(seed) || seed < 0 || seed > 0xffff_ffff) {
    throw invalid(`"seed" must be an integer from 0 to 4294967295, not ${seed}.`);
  }
  const parts = await partitioner.divide(run, options, partMaxOf(vertexCount, options));
  if (parts.length !== vertexCount || parts.some((part) => part >= k)) {
    throw invalid(
      `The partitioner "${partitioner.name}" did not give ${vertexCount} parts from 0 to ${k - 1}.`,
    );
  }
  return measurePartition(run, parts, k);
}

/** What a division into parts from 0 to `k` - 1 cuts. */
export async function measurePartition(run: KernelRun, parts: Uint32Array, k: number): Promise<Partition> {
  const { totals, sizes } = await run.call(partitionCutTask, { ...EDGE_SIDE, parts }, { partBound: k });
  const largest = sizes.reduce((most, size) => Math.max(most, size), 0);
  const imbalance = parts.length === 0 ? 0 : (largest * k) / parts.length - 1;
  return { parts, sizes, cut: totals[0]!, connectivity: totals[1]!, imbalance };
}

function invalid(message: string): AnantError<'E_GRAPH_INVALID'> {
  return new AnantError('E_GRAPH_INVALID', message, {
    advice: 'What a partition needs is described in docs/graph.md.',
  });
}
