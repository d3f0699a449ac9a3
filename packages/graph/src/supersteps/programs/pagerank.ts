/**
 * PageRank of `docs/graph.md` by supersteps, with the bits of the kernel `pagerank`: a hyperedge adds up all of its
 * members, in the order listed, where it is owned; a vertex adds up all of its hyperedges by rising index, in the
 * kernel's parts. Odd supersteps are of hyperedges, even ones of vertices.
 */
import { f64, gatherValues, NO_GLOBALS, NO_REPORT, placeValues } from '../boundary.js';
import type { PartitionData } from '../partition-data.js';
import type { Coordinator, Program, ProgramParameters, ProgramState, WholeGraph } from '../program.js';
import { type BlockCounts, blockTotals, loneTotal } from '../sum-blocks.js';
import { isNear, reported } from './near.js';

export const pagerankProgram: Program = {
  start({ vertexCount, vertexIds, hyperedgeIds }) {
    return {
      weights: new Float64Array(vertexIds.length),
      ranks: new Float64Array(vertexCount),
      differences: new Float64Array(vertexCount),
      shares: new Float64Array(hyperedgeIds.length),
    };
  },
  step(data, state, { superstep, frames, globals }, parameters) {
    if (superstep % 2 === 1) {
      placeValues(frames, data.haloOffsets, data.vertexCount, f64(state, 'weights'));
      shareRanks(data, state);
      return { frames: gatherValues(data.edgeSends, f64(state, 'shares')), report: NO_REPORT };
    }
    let change = 0;
    if (superstep === 0) startUniform(data, state, globals[0]!);
    else {
      placeValues(frames, data.ghostOffsets, data.hyperedgeCount, f64(state, 'shares'));
      change = collectRanks(data, state, globals, parameters.damping!);
    }
    return { frames: gatherValues(data.vertexSends, f64(state, 'weights')), report: Float64Array.of(change) };
  },
  collect: (_data, state) => ({
    vertices: { ranks: state.ranks!, differences: state.differences! },
    hyperedges: {},
  }),
};

function startUniform({ vertexCount, nodeOffsets }: PartitionData, state: ProgramState, rank: number): void {
  const weights = f64(state, 'weights');
  f64(state, 'ranks').fill(rank);
  for (let vertex = 0; vertex < vertexCount; vertex++) {
    const degree = nodeOffsets[vertex + 1]! - nodeOffsets[vertex]!;
    if (degree > 0) weights[vertex] = rank / degree;
  }
}

/** What each own hyperedge gives to every one of its members. */
export function shareRanks(
  { hyperedgeCount, edgeOffsets, edgeMembers }: PartitionData,
  state: ProgramState,
): void {
  const weights = f64(state, 'weights');
  const shares = f64(state, 'shares');
  let at = 0;
  for (let hyperedge = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const from = at;
    const end = edgeOffsets[hyperedge + 1]!;
    if (from === end) continue;
    let sum = weights[edgeMembers[at++]!]!;
    for (; at < end; at++) sum += weights[edgeMembers[at]!]!;
    shares[hyperedge] = sum / (end - from);
  }
}

/** New ranks of own vertices. @returns the sum of their changes. */
function collectRanks(
  { vertexCount, nodeOffsets, nodeMembers, hyperedgeIds }: PartitionData,
  state: ProgramState,
  globals: Float64Array,
  damping: number,
): number {
  const [weights, ranks] = [f64(state, 'weights'), f64(state, 'ranks')];
  const [shares, differences] = [f64(state, 'shares'), f64(state, 'differences')];
  const base = globals[0]!;
  // Where the parts begin over which the kernel sums; the first begins at 0.
  const bounds = globals.subarray(1);
  let change = 0;
  let at = 0;
  for (let vertex = 0; vertex < vertexCount; vertex++) {
    const from = at;
    const end = nodeOffsets[vertex + 1]!;
    let sum = 0;
    if (bounds.length === 0) for (; at < end; at++) sum += shares[nodeMembers[at]!]!;
    else {
      let part = 0;
      while (at < end) {
        let own = 0;
        while (part < bounds.length && hyperedgeIds[nodeMembers[at]!]! >= bounds[part]!) part++;
        const bound = part < bounds.length ? bounds[part]! : Number.POSITIVE_INFINITY;
        for (; at < end && hyperedgeIds[nodeMembers[at]!]! < bound; at++) own += shares[nodeMembers[at]!]!;
        sum += own;
      }
    }
    const rank = base + damping * sum;
    const difference = Math.abs(rank - ranks[vertex]!);
    differences[vertex] = difference;
    change += difference;
    ranks[vertex] = rank;
    if (end > from) weights[vertex] = rank / (end - from);
  }
  return change;
}

export function pagerankCoordinator(
  whole: WholeGraph,
  { damping = 0, tolerance = 0, iterationsMax = 0, sumCount = 0 }: ProgramParameters,
): Coordinator {
  const bounds = whole.sumBounds(sumCount / whole.vertexCount);
  const lone: BlockCounts = whole.loneByBlock();
  let loneRank = 1 / whole.vertexCount;
  let iterations = 0;
  const nextBase = (): number => {
    const base = (1 - damping + damping * loneTotal(lone, loneRank)) / whole.vertexCount;
    loneRank = base;
    return base;
  };
  const step = (superstep: number) => {
    const globals = superstep % 2 === 1 ? NO_GLOBALS : Float64Array.of(nextBase(), ...bounds);
    return { next: 'step', globals } as const;
  };
  let last = 0;
  return {
    first: () => ({ next: 'step', globals: Float64Array.of(loneRank) }),
    next(superstep, reports) {
      last = superstep;
      if (superstep === 0 || superstep % 2 === 1) return step(superstep + 1);
      iterations += 1;
      const mayEnd = isNear(reported(reports, 0), tolerance) || iterations === iterationsMax;
      return mayEnd ? { next: 'collect' } : step(superstep + 1);
    },
    conclude(merged) {
      const change = blockTotals(f64(merged, 'differences'));
      if (change >= tolerance && iterations < iterationsMax) return step(last + 1);
      return { outputs: { ranks: merged.ranks!, change: Float64Array.of(change), result: iterations } };
    },
  };
}
