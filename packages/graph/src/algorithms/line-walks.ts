/**
 * The s-line graph of a hypergraph as walks need it: its nodes, and what leads from each to its neighbours. Where the edges
 * would be too many, nodes are joined through the subsets of vertices that they share, and no edge is ever made.
 */
import { copyArray } from '@anant/core';
import {
  internSubsetsTask,
  linkSubsetsTask,
  mirrorArcsTask,
  sLineBoundTask,
  sLineCountTask,
  sLineFillTask,
} from '../kernels/line-tasks.js';
import { type LineNodes, lineInput, requireLineMemory, roomFor } from './line-graph.js';
import type { KernelRun } from './run-kernel-task.js';

/** What is asked of walks: how long they are, or also how many there are. */
export type WalkDetail = 'distances' | 'counts';

/** All neighbours of each node, or the shared subsets it has, whose rows with their nodes follow behind those of the nodes. */
export interface LineWalks extends LineNodes {
  readonly offsets: Uint32Array;
  readonly arcs: Uint32Array;
  /** How often each shared subset counts; empty without subsets, or where walks are not counted. */
  readonly factors: Float64Array;
  /** Arcs that make one step: 2 where a subset is between. */
  readonly arcsPerStep: 1 | 2;
}

interface Bound {
  readonly sets: Uint32Array;
  readonly nodeCount: number;
  /** How often two nodes have a vertex in common. */
  readonly pairs: number;
  readonly subsets: SubsetPlan | undefined;
}

interface SubsetPlan {
  readonly sizeMost: number;
  readonly entryCount: number;
  readonly incidenceCount: number;
  readonly bytes: number;
}

export interface WalkLimits {
  /** Up to so many pairs with a common vertex, edges are made without asking what else there is. @default 2^24 */
  readonly pairsMax: number;
  /** Subsets are taken where they are fewer than the pairs by this factor: counting edges first takes longer. @default 16 */
  readonly pairsPerSubset: number;
}

/** Which way is taken depends on the graph alone, so that results have the same bits everywhere. */
const LIMITS: WalkLimits = { pairsMax: 2 ** 24, pairsPerSubset: 16 };
/** Counting walks takes all subsets of a node, which are 2 to the power of its size; more would also cost precision. */
const COUNTED_SIZE_MAX = 16;
/** An edge in both directions, and once in one while they are made. */
const EDGE_BYTES = 16;

/** @throws AnantError `E_OUT_OF_MEMORY` when neither edges nor subsets fit into one kernel memory. */
export async function lineWalks(
  run: KernelRun,
  parameters: { readonly s: number; readonly of: string; readonly multiEdges: string },
  detail: WalkDetail,
  { pairsMax, pairsPerSubset }: WalkLimits = LIMITS,
): Promise<LineWalks> {
  const { side, given, vertexCount, merges } = lineInput(run, parameters);
  const { s } = parameters;
  const bound = boundOf(await run.call(sLineBoundTask, given, { vertexCount, s, merges }), {
    vertexCount,
    s,
    detail,
  });
  const { sets, nodeCount, pairs } = bound;
  const input = { given: { ...given, sets }, scalars: { vertexCount, s, nodeCount }, side };
  if (pairs <= pairsMax) return byEdges(run, input, pairs);
  const room = roomFor(run.graph);
  const subsets = bound.subsets && bound.subsets.bytes <= room ? bound.subsets : undefined;
  if (subsets && subsets.incidenceCount * pairsPerSubset <= pairs)
    return bySubsets(run, input, subsets, detail);
  const { result: edgeCount } = await run.call(sLineCountTask, input.given, input.scalars);
  if (subsets && edgeCount * EDGE_BYTES > room) return bySubsets(run, input, subsets, detail);
  requireLineMemory(run.graph, { s, nodeCount, edgeCount }, EDGE_BYTES);
  return byEdges(run, input, edgeCount);
}

function boundOf(
  { sets, totals }: { readonly sets: Uint32Array; readonly totals: Float64Array },
  {
    vertexCount,
    s,
    detail,
  }: { readonly vertexCount: number; readonly s: number; readonly detail: WalkDetail },
): Bound {
  const [nodeCount, pairs, ofS, fromS, toS, largest] = totals as unknown as number[];
  const counted = detail === 'counts';
  const incidenceCount = counted ? fromS! : ofS!;
  const entryCount = counted ? toS! + fromS! - ofS! : toS!;
  const isListable =
    incidenceCount < 2 ** 31 && entryCount < 2 ** 30 && (!counted || largest! <= COUNTED_SIZE_MAX);
  const sizeMost = Math.max(counted ? largest! : s, s);
  const bytes = subsetBytes(vertexCount, entryCount, incidenceCount);
  const subsets = isListable ? { sizeMost, entryCount, incidenceCount, bytes } : undefined;
  return { sets, nodeCount: nodeCount!, pairs: pairs!, subsets };
}

const slotsFor = (entryCount: number): number => 2 ** Math.ceil(Math.log2(2 * entryCount + 2));

/** The more of what interning and linking hold at the same time. */
function subsetBytes(vertexCount: number, entryCount: number, incidenceCount: number): number {
  const ids = vertexCount + entryCount;
  const interning = 8 * entryCount + 4 * slotsFor(entryCount);
  const linking = 4 * ids + 14 * incidenceCount;
  return 4 * incidenceCount + 5 * ids + Math.max(interning, linking);
}

interface WalkInput {
  readonly side: LineNodes['side'];
  readonly given: ReturnType<typeof lineInput>['given'] & { readonly sets: Uint32Array };
  readonly scalars: { readonly vertexCount: number; readonly s: number; readonly nodeCount: number };
}

async function byEdges(
  run: KernelRun,
  { side, given, scalars }: WalkInput,
  edgesMax: number,
): Promise<LineWalks> {
  const filled = await run.keep(sLineFillTask, given, { ...scalars, edgesMax, overlapCount: 0 });
  const nodes = copyArray(filled.nodes);
  const neighbours = filled.neighbours.subarray(0, filled.result);
  const mirrored = await run.keep(mirrorArcsTask, { offsets: filled.offsets, neighbours }, {});
  run.drop(filled);
  const { arcOffsets: offsets, arcs } = mirrored;
  return { side, nodes, sets: given.sets, offsets, arcs, factors: new Float64Array(0), arcsPerStep: 1 };
}

/**
 * Two nodes share s vertices when they share a subset of s. To count walks each pair must count once, however many such subsets
 * it shares: with those of j vertices, C(j - 1, s - 1) times with alternating signs, all of them add up to 1.
 */
async function bySubsets(
  run: KernelRun,
  { side, given, scalars }: WalkInput,
  { sizeMost, entryCount, incidenceCount }: SubsetPlan,
  detail: WalkDetail,
): Promise<LineWalks> {
  const { nodeCount, s, vertexCount } = scalars;
  const listed = await run.keep(internSubsetsTask, given, {
    ...scalars,
    sizeMost,
    entryCount,
    incidenceCount,
    slotCount: slotsFor(entryCount),
    idCount: vertexCount + entryCount,
  });
  const [subsetCount, placeCount] = listed.totals as unknown as [number, number];
  const { starts, subsets, counts, sizes } = listed;
  const nodes = copyArray(listed.nodes);
  const factorCount = detail === 'counts' ? subsetCount : 0;
  const linked = await run.keep(
    linkSubsetsTask,
    { starts, subsets, counts },
    { sizes, s, nodeCount, subsetCount, placeCount, rowCount: nodeCount + subsetCount, factorCount },
  );
  run.drop(listed);
  return { side, nodes, sets: given.sets, ...linked, arcsPerStep: 2 };
}
