/** A divided graph: the parts, whose they are in the whole graph, and what the division cuts. */
import { AnantError } from '@anant/core';
import { directionsOf } from '../algorithms/directions.js';
import type { Hypergraph } from '../hypergraph.js';
import { type Partitioner, partitionGraph } from '../partition/partitioner.js';
import { hashPartitioner, multilevelPartitioner, streamPartitioner } from '../partition/partitioners.js';
import { type MemberRange, memberRangeOf } from '../store/member-range.js';
import { localClient } from './local-client.js';
import type { PartitionData, PartitionSource } from './partition-data.js';
import type { Collected, Merged, StateArray, WholeGraph } from './program.js';
import { splitGraph } from './split-graph.js';
import { countLone, sumBounds } from './sum-blocks.js';

/** What a division costs. */
export interface Cut {
  /** Hyperedges with members in several parts. */
  readonly hyperedges: number;
  /** Sum over hyperedges of the parts that they have members in, less one. */
  readonly connectivity: number;
  /** Halo vertices and ghost hyperedges of all parts: values that may cross a boundary in two supersteps. */
  readonly boundary: number;
  /** How much larger than V / k the largest part is, as a share of it. */
  readonly imbalance: number;
  /** Incidences of the largest part, those of its hyperedges and those of its vertices. */
  readonly incidencesMax: number;
}

export interface PartitionPlan {
  readonly sources: readonly PartitionSource[];
  readonly owned: readonly Owned[];
  readonly whole: WholeGraph;
  readonly partitioner: string;
  readonly cut: Cut;
}

/** Indexes in the whole graph of what a part owns. */
export interface Owned {
  readonly vertices: Uint32Array;
  readonly hyperedges: Uint32Array;
}

export type PartitionerName = 'hash' | 'stream' | 'multilevel';
export const PARTITIONER_NAMES = ['hash', 'stream', 'multilevel'] as const;
/** Most parts: each has a row of offsets for every other. */
export const PARTITIONS_MAX = 1024;
const IMBALANCE = 0.03;
const RESTARTS = 4;

export interface DivideOptions {
  readonly partitions: number;
  readonly partitioner: PartitionerName | Partitioner;
}

/** By partitioner and number of parts. */
type Plans = Map<PartitionerName | Partitioner, Map<number, Promise<PartitionPlan>>>;
const plans = new WeakMap<Hypergraph, Plans>();

/** Divides a graph, or gives what an earlier call with the same options made. */
export function planOf(graph: Hypergraph, options: DivideOptions): Promise<PartitionPlan> {
  const { partitions, partitioner } = options;
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > PARTITIONS_MAX) {
    throw invalid(`"partitions" must be an integer from 1 to ${PARTITIONS_MAX}, not ${partitions}.`);
  }
  const found = partitionerOf(partitioner);
  const ofGraph: Plans = plans.get(graph) ?? new Map();
  plans.set(graph, ofGraph);
  const known = ofGraph.get(partitioner) ?? new Map<number, Promise<PartitionPlan>>();
  ofGraph.set(partitioner, known);
  const planned = known.get(partitions) ?? divide(graph, found, partitions);
  known.set(partitions, planned);
  planned.catch(() => known.delete(partitions));
  return planned;
}

function partitionerOf(wanted: PartitionerName | Partitioner): Partitioner {
  if (typeof wanted === 'object') return wanted;
  if (wanted === 'hash') return hashPartitioner;
  if (wanted === 'stream') return streamPartitioner;
  if (wanted === 'multilevel') return multilevelPartitioner(RESTARTS);
  throw invalid(`There is no partitioner "${wanted}": ${PARTITIONER_NAMES.join(', ')}, or one of yours.`);
}

async function divide(graph: Hypergraph, partitioner: Partitioner, k: number): Promise<PartitionPlan> {
  if (k > graph.vertexCount) {
    throw invalid(`"partitions" must be at most the ${graph.vertexCount} vertices of the graph, not ${k}.`);
  }
  const options = { k, imbalance: IMBALANCE, seed: 0 };
  const { parts, cut, connectivity, imbalance } = await partitionGraph(
    localClient(),
    graph,
    partitioner,
    options,
  );
  const { edgeToNodes, nodeToEdges } = graph;
  const directions = directionsOf(graph);
  const sides = { edgeToNodes, nodeToEdges, ...(directions.length > 0 && { directions }) };
  const sources = splitGraph(sides, parts, k);
  const { vertexCount, hyperedgeCount, incidenceCount } = graph;
  const { offsets } = graph.nodeToEdges;
  return {
    sources,
    owned: sources.map(ownedBy),
    whole: {
      vertexCount,
      hyperedgeCount,
      incidenceCount,
      loneByBlock: () => countLone(vertexCount, (vertex) => offsets[vertex] === offsets[vertex + 1]),
      sumBounds: (count) => sumBounds(graph.edgeToNodes.offsets, count),
      memberRange: () => graph.memberRange(),
    },
    partitioner: partitioner.name,
    cut: { hyperedges: cut, connectivity, imbalance, ...boundaryOf(sources) },
  };
}

export const ownedBy = ({ vertexIds, vertexCount, hyperedgeIds, hyperedgeCount }: PartitionData): Owned => ({
  vertices: vertexIds.subarray(0, vertexCount),
  hyperedges: hyperedgeIds.subarray(0, hyperedgeCount),
});

/** Of the hyperedges that a part owns. */
export const memberRangeOfPart = ({
  edgeOffsets,
  edgeMembers,
  vertexIds,
  hyperedgeIds,
}: PartitionData): MemberRange =>
  memberRangeOf({ offsets: edgeOffsets, members: edgeMembers }, vertexIds.length, hyperedgeIds);

/** The length of each list, at its place. */
export function lengths(offsets: Uint32Array, places: Uint32Array, target: Uint32Array): void {
  for (let list = 0; list < places.length; list++)
    target[places[list]!] = offsets[list + 1]! - offsets[list]!;
}

export function boundaryOf(parts: readonly PartitionData[]): Pick<Cut, 'boundary' | 'incidencesMax'> {
  let boundary = 0;
  let incidencesMax = 0;
  for (const { vertexIds, vertexCount, hyperedgeIds, hyperedgeCount, edgeMembers, nodeMembers } of parts) {
    boundary += vertexIds.length - vertexCount + hyperedgeIds.length - hyperedgeCount;
    incidencesMax = Math.max(incidencesMax, edgeMembers.length + nodeMembers.length);
  }
  return { boundary, incidencesMax };
}

/** Puts results of parts in their places. */
export function mergeCollected({ owned, whole }: PartitionPlan, collected: readonly Collected[]): Merged {
  return {
    ...scatter(
      collected.map(({ vertices }) => vertices),
      owned.map(({ vertices }) => vertices),
      whole.vertexCount,
    ),
    ...scatter(
      collected.map(({ hyperedges }) => hyperedges),
      owned.map(({ hyperedges }) => hyperedges),
      whole.hyperedgeCount,
    ),
  };
}

function scatter(
  results: readonly Readonly<Record<string, StateArray>>[],
  places: readonly Uint32Array[],
  length: number,
): Merged {
  const merged: Record<string, StateArray> = {};
  for (const [name, first] of Object.entries(results[0] ?? {})) {
    const whole = new (first.constructor as new (length: number) => StateArray)(length);
    results.forEach((result, part) => {
      const values = result[name]!;
      const at = places[part]!;
      for (let i = 0; i < at.length; i++) whole[at[i]!] = values[i]!;
    });
    merged[name] = whole;
  }
  return merged;
}

function invalid(message: string): AnantError<'E_GRAPH_INVALID'> {
  return new AnantError('E_GRAPH_INVALID', message, {
    advice: 'Running on partitions is described in docs/distributed-graphs.md.',
  });
}
