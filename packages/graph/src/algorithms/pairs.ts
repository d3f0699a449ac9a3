/** Pairs of vertices that share a hyperedge: how they are weighted, and how many a kernel must have room for. */
import { AnantError } from '@anant/core';
import type { Hypergraph } from '../hypergraph.js';
import { cliqueDegreesTask, countArcsTask } from '../kernels/community-tasks.js';
import { BOTH_SIDES, EDGE_SIDE, type KernelRun } from './run-kernel-task.js';

/** What a hyperedge adds to each pair of its members: see `PAIR_WEIGHTS`. */
export type PairWeights = 'one' | 'count' | 'share';

/** Values of the kernels' `weighting`. */
export const WEIGHTINGS: Readonly<Record<PairWeights, number>> = { one: 0, count: 1, share: 2 };

/** The parameter `weights` of everything on the clique expansion. */
export const PAIR_WEIGHTS = {
  type: 'choice',
  description:
    'weight of a pair: one, the count of shared hyperedges, or the sum of 1 / (size - 1) over them',
  default: 'share',
  choices: ['one', 'count', 'share'],
} as const;

/** Rows up to this length are given room by a bound; above it they are counted first. */
const ARCS_BOUND_MAX = 1 << 18;

/** At least the number of pairs, in both directions, in hyperedges of up to `sizeMax` members. */
export function arcsBound(graph: Hypergraph, sizeMax: number): number {
  const { offsets } = graph.edgeToNodes;
  let arcs = 0;
  for (let hyperedge = 0; hyperedge < graph.hyperedgeCount; hyperedge++) {
    const size = offsets[hyperedge + 1]! - offsets[hyperedge]!;
    if (size <= sizeMax) arcs += size * (size - 1);
  }
  return Math.min(arcs, graph.vertexCount * (graph.vertexCount - 1));
}

/** The number of pairs in both directions, exactly. @throws AnantError `E_OUT_OF_MEMORY` */
export async function countArcs(run: KernelRun): Promise<number> {
  const { degrees } = await run.call(cliqueDegreesTask, BOTH_SIDES, {});
  const arcs = degrees.reduce((sum, degree) => sum + degree, 0);
  if (arcs <= 0xffff_ffff) return arcs;
  throw new AnantError('E_OUT_OF_MEMORY', `The clique expansion has ${arcs / 2} pairs: more than fit.`, {
    advice: 'Leave out the largest hyperedges, or use an algorithm that works on hyperedges directly.',
  });
}

/** Most pairs of vertices that get a cell each (8 bytes), and most cells per incidence: more take longer than they save. */
const CELLS_MAX = 1 << 24;
const INCIDENCE_CELLS_MAX = 8;

/** All pairs of vertices where each gets a cell to add up its weight in, otherwise 0. */
export function cellsOf({ vertexCount, incidenceCount }: Hypergraph): number {
  const cells = (vertexCount * (vertexCount - 1)) / 2;
  return cells <= Math.min(CELLS_MAX, INCIDENCE_CELLS_MAX * incidenceCount) ? cells : 0;
}

/** Room for all pairs in both directions: a cheap bound when that is small, their number otherwise. */
export async function arcsRoom(run: KernelRun): Promise<number> {
  const { graph } = run;
  const bound = arcsBound(graph, Number.POSITIVE_INFINITY);
  if (bound <= ARCS_BOUND_MAX) return bound;
  const cellCount = cellsOf(graph);
  if (cellCount === 0) return countArcs(run);
  const { vertexCount } = graph;
  return (await run.call(countArcsTask, EDGE_SIDE, { vertexCount, cellCount })).result;
}
