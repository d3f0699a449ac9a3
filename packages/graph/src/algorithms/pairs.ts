/** Pairs of vertices that share a hyperedge: how they are weighted, and how many a kernel must have room for. */
import { AnantError } from '@anant/core';
import type { Hypergraph } from '../hypergraph.js';
import { cliqueDegreesTask } from '../kernels/community-tasks.js';
import { BOTH_SIDES, type KernelRun } from './run-kernel-task.js';

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
const ARCS_BOUND_MAX = 1 << 22;

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

/** Longest list of pairs that a kernel makes: 8 bytes each. */
const PAIRS_MAX = 1 << 24;

/** Room for a list of the pairs in hyperedges of up to `sizeMax` members, or 0 where there are too many. */
export function pairsRoom({ hyperedgeCount, edgeToNodes }: Hypergraph, sizeMax: number): number {
  const { offsets } = edgeToNodes;
  let pairs = 0;
  for (let hyperedge = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const size = offsets[hyperedge + 1]! - offsets[hyperedge]!;
    if (size <= sizeMax) pairs += (size * (size - 1)) / 2;
  }
  return pairs <= PAIRS_MAX ? pairs : 0;
}

/** Room for all pairs in both directions: a cheap bound when that is small, their number otherwise. */
export async function arcsRoom(run: KernelRun): Promise<number> {
  const bound = arcsBound(run.graph, Number.POSITIVE_INFINITY);
  return bound <= ARCS_BOUND_MAX ? bound : countArcs(run);
}
