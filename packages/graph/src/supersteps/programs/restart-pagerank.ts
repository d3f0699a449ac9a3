/**
 * Personalised PageRank of `docs/graph.md` by supersteps, with the bits of the kernel `restartPagerank`: as `pagerank`, but for
 * where jumps lead. Odd supersteps are of hyperedges, even ones of vertices.
 */
import { f64, gatherValues, NO_GLOBALS, NO_REPORT, placeValues } from '../boundary.js';
import { isMarked, markShare } from '../marks.js';
import type { PartitionData } from '../partition-data.js';
import type { Coordinator, Program, ProgramParameters, ProgramState, WholeGraph } from '../program.js';
import { isNear, reported } from './near.js';
import { shareRanks } from './pagerank.js';

export const restartPagerankProgram: Program = {
  start({ vertexCount, vertexIds, hyperedgeIds }) {
    return {
      weights: new Float64Array(vertexIds.length),
      ranks: new Float64Array(vertexCount),
      restart: new Float64Array(vertexCount),
      differences: new Float64Array(vertexCount),
      shares: new Float64Array(hyperedgeIds.length),
    };
  },
  step(data, state, { superstep, frames, globals, marks }, parameters) {
    if (superstep % 2 === 1) {
      placeValues(frames, data.haloOffsets, data.vertexCount, f64(state, 'weights'));
      shareRanks(data, state);
      return { frames: gatherValues(data.edgeSends, f64(state, 'shares')), report: NO_REPORT };
    }
    let report: number;
    if (superstep === 0) report = startAtRestarts(data, state, globals[0]!, marks!);
    else {
      placeValues(frames, data.ghostOffsets, data.hyperedgeCount, f64(state, 'shares'));
      report = collectRanks(data, state, globals[0]!, parameters.damping!);
    }
    return { frames: gatherValues(data.vertexSends, f64(state, 'weights')), report: Float64Array.of(report) };
  },
  collect: (_data, state) => ({
    vertices: { ranks: state.ranks!, differences: state.differences! },
    hyperedges: {},
  }),
};

/** @returns How many restart vertices of this part have no hyperedges. */
function startAtRestarts(data: PartitionData, state: ProgramState, share: number, marks: Uint8Array): number {
  const { vertexIds, vertexCount, nodeOffsets } = data;
  const [weights, ranks, restart] = [f64(state, 'weights'), f64(state, 'ranks'), f64(state, 'restart')];
  let lone = 0;
  for (let vertex = 0; vertex < vertexCount; vertex++) {
    if (!isMarked(marks, vertexIds[vertex]!)) continue;
    restart[vertex] = share;
    ranks[vertex] = share;
    const degree = nodeOffsets[vertex + 1]! - nodeOffsets[vertex]!;
    if (degree > 0) weights[vertex] = share / degree;
    else lone += 1;
  }
  return lone;
}

/** New ranks of own vertices. @returns the sum of their changes. */
function collectRanks(
  { vertexCount, nodeOffsets, nodeMembers }: PartitionData,
  state: ProgramState,
  jump: number,
  damping: number,
): number {
  const [weights, ranks, restart] = [f64(state, 'weights'), f64(state, 'ranks'), f64(state, 'restart')];
  const [shares, differences] = [f64(state, 'shares'), f64(state, 'differences')];
  let change = 0;
  let at = 0;
  for (let vertex = 0; vertex < vertexCount; vertex++) {
    const from = at;
    const end = nodeOffsets[vertex + 1]!;
    let sum = 0;
    for (; at < end; at++) sum += shares[nodeMembers[at]!]!;
    const rank = jump * restart[vertex]! + damping * sum;
    const difference = Math.abs(rank - ranks[vertex]!);
    differences[vertex] = difference;
    change += difference;
    ranks[vertex] = rank;
    if (end > from) weights[vertex] = rank / (end - from);
  }
  return change;
}

/** @param inputs `restart`: what each vertex of the whole graph gets of a jump, one value for some and 0 elsewhere. */
export function restartPagerankCoordinator(
  _whole: WholeGraph,
  { damping = 0, tolerance = 0, iterationsMax = 0 }: ProgramParameters,
  inputs: Readonly<Record<string, unknown>>,
): Coordinator {
  const { share, marks } = markShare(inputs.restart as Float64Array);
  let lone = 0;
  let loneRank = share;
  let iterations = 0;
  let last = 0;
  const step = (superstep: number) => {
    if (superstep % 2 === 1) return { next: 'step', globals: NO_GLOBALS } as const;
    let dangling = 0;
    for (let i = 0; i < lone; i++) dangling += loneRank;
    const jump = 1 - damping + damping * dangling;
    loneRank = jump * share;
    return { next: 'step', globals: Float64Array.of(jump) } as const;
  };
  return {
    first: () => ({ next: 'step', globals: Float64Array.of(share), marks }),
    next(superstep, reports) {
      last = superstep;
      const total = reported(reports, 0);
      if (superstep === 0) lone = total;
      if (superstep === 0 || superstep % 2 === 1) return step(superstep + 1);
      iterations += 1;
      const mayEnd = isNear(total, tolerance) || iterations === iterationsMax;
      return mayEnd ? { next: 'collect' } : step(superstep + 1);
    },
    conclude(merged) {
      const change = f64(merged, 'differences').reduce((sum, difference) => sum + difference, 0);
      if (change >= tolerance && iterations < iterationsMax) return step(last + 1);
      return { outputs: { ranks: merged.ranks!, change: Float64Array.of(change), result: iterations } };
    },
  };
}
