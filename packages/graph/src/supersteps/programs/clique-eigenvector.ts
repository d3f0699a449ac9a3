/**
 * Clique eigenvector of `docs/graph.md` by supersteps, with the bits of the kernel `cliqueEigenvector`. Even supersteps are of
 * hyperedges, odd ones of vertices. What a vertex adds up is divided by the sum over all vertices, which is known one
 * superstep later: so the sums cross the boundary, and whoever holds a vertex takes its next score from them.
 */
import { f64, gatherValues, NO_REPORT, placeValues } from '../boundary.js';
import { cutsFor, piecesOf } from '../exact-sum.js';
import { isMarked, markShare } from '../marks.js';
import type { PartitionData } from '../partition-data.js';
import type { Coordinator, Program, ProgramParameters, ProgramState, WholeGraph } from '../program.js';
import { addMembers } from './katz.js';
import { isNear, reported } from './near.js';

export const cliqueEigenvectorProgram: Program = {
  start: ({ vertexCount, vertexIds, hyperedgeIds }) => ({
    scores: new Float64Array(vertexIds.length),
    sums: new Float64Array(vertexIds.length),
    totals: new Float64Array(hyperedgeIds.length),
    differences: new Float64Array(vertexCount),
  }),
  step(data, state, { superstep, frames, globals, marks }) {
    if (superstep % 2 === 1) {
      placeValues(frames, data.ghostOffsets, data.hyperedgeCount, f64(state, 'totals'));
      addOthers(data, state);
      const own = f64(state, 'sums').subarray(0, data.vertexCount);
      const pieces = piecesOf(own, { high: globals[0]!, low: globals[1]! });
      return {
        frames: gatherValues(data.vertexSends, f64(state, 'sums')),
        report: Float64Array.of(...pieces),
      };
    }
    let report = NO_REPORT;
    if (superstep === 0) startEvenly(data, f64(state, 'scores'), globals[0]!, marks!);
    else {
      placeValues(frames, data.haloOffsets, data.vertexCount, f64(state, 'sums'));
      report = Float64Array.of(nextScores(data, state, globals[0]!));
    }
    addMembers(data, state);
    return { frames: gatherValues(data.edgeSends, f64(state, 'totals')), report };
  },
  collect: ({ vertexCount }, state) => ({
    vertices: { scores: f64(state, 'scores').slice(0, vertexCount), differences: state.differences! },
    hyperedges: {},
  }),
};

/** Gives `share` to the slots of the vertices that are marked. */
export function startEvenly(
  { vertexIds }: PartitionData,
  scores: Float64Array,
  share: number,
  marks: Uint8Array,
): void {
  for (let slot = 0; slot < scores.length; slot++) {
    if (isMarked(marks, vertexIds[slot]!)) scores[slot] = share;
  }
}

/** What each own vertex has of the others in its hyperedges. */
function addOthers({ vertexCount, nodeOffsets, nodeMembers }: PartitionData, state: ProgramState): void {
  const [scores, totals, sums] = [f64(state, 'scores'), f64(state, 'totals'), f64(state, 'sums')];
  for (let vertex = 0; vertex < vertexCount; vertex++) {
    const score = scores[vertex]!;
    let sum = 0;
    let last = -1;
    for (let i = nodeOffsets[vertex]!; i < nodeOffsets[vertex + 1]!; i++) {
      const hyperedge = nodeMembers[i]!;
      if (hyperedge !== last) sum += totals[hyperedge]! - score;
      last = hyperedge;
    }
    sums[vertex] = sum;
  }
}

/** Next scores of all slots. @returns the change of own ones. */
function nextScores({ vertexCount }: PartitionData, state: ProgramState, total: number): number {
  const [scores, sums, differences] = [f64(state, 'scores'), f64(state, 'sums'), f64(state, 'differences')];
  let change = 0;
  for (let slot = 0; slot < scores.length; slot++) {
    const old = scores[slot]!;
    const score = (old + sums[slot]! / total) / 2;
    scores[slot] = score;
    if (slot >= vertexCount) continue;
    differences[slot] = Math.abs(score - old);
    change += differences[slot]!;
  }
  return change;
}

/** @param inputs `start`: where each vertex of the whole graph starts, one value for some and 0 elsewhere. */
export function cliqueEigenvectorCoordinator(
  { vertexCount, hyperedgeCount }: WholeGraph,
  { tolerance = 0, iterationsMax = 0 }: ProgramParameters,
  inputs: Readonly<Record<string, unknown>>,
): Coordinator {
  const { high, low } = cutsFor(vertexCount, hyperedgeCount);
  const addUp = { next: 'step', globals: Float64Array.of(high, low) } as const;
  const { share, marks } = markShare(inputs.start as Float64Array);
  let iterations = 0;
  let total = 0;
  return {
    first: () => ({ next: 'step', globals: Float64Array.of(share), marks }),
    next(superstep, reports) {
      if (superstep === 0) return addUp;
      if (superstep % 2 === 1) {
        iterations += 1;
        total = reported(reports, 0) + reported(reports, 1);
        return total > 0 ? { next: 'step', globals: Float64Array.of(total) } : { next: 'collect' };
      }
      const mayEnd = isNear(reported(reports, 0), tolerance) || iterations === iterationsMax;
      return mayEnd ? { next: 'collect' } : addUp;
    },
    conclude(merged) {
      if (!(total > 0)) {
        const scores = new Float64Array(vertexCount);
        return { outputs: { scores, state: Float64Array.of(0, total), result: iterations } };
      }
      const change = f64(merged, 'differences').reduce((sum, difference) => sum + difference, 0);
      if (change >= tolerance && iterations < iterationsMax) return addUp;
      return {
        outputs: { scores: merged.scores!, state: Float64Array.of(change, total), result: iterations },
      };
    },
  };
}
