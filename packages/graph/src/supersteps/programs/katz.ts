/**
 * Katz centrality of `docs/graph.md` by supersteps, with the bits of the kernel `katz`: the matrix product of a power
 * iteration, in two halves. Even supersteps are of hyperedges, odd ones of vertices.
 */
import { f64, gatherValues, NO_GLOBALS, NO_REPORT, placeValues } from '../boundary.js';
import type { PartitionData } from '../partition-data.js';
import type {
  Coordinator,
  Decision,
  Program,
  ProgramParameters,
  ProgramState,
  WholeGraph,
} from '../program.js';
import { isNear, ORDER_MARGIN, reported } from './near.js';

/** Scores above this are taken as growing without bound. */
const DIVERGED = 1e200;

export const katzProgram: Program = {
  start: ({ vertexCount, vertexIds, hyperedgeIds }) => ({
    scores: new Float64Array(vertexIds.length).fill(1),
    totals: new Float64Array(hyperedgeIds.length),
    differences: new Float64Array(vertexCount),
  }),
  step(data, state, { superstep, frames }, { alpha = 0 }) {
    if (superstep % 2 === 0) {
      placeValues(frames, data.haloOffsets, data.vertexCount, f64(state, 'scores'));
      addMembers(data, state);
      return { frames: gatherValues(data.edgeSends, f64(state, 'totals')), report: NO_REPORT };
    }
    placeValues(frames, data.ghostOffsets, data.hyperedgeCount, f64(state, 'totals'));
    const report = scoreVertices(data, state, alpha);
    return { frames: gatherValues(data.vertexSends, f64(state, 'scores')), report };
  },
  collect: ({ vertexCount }, state) => ({
    vertices: { scores: f64(state, 'scores').slice(0, vertexCount), differences: state.differences! },
    hyperedges: {},
  }),
};

/** The sum over the different members of each own hyperedge. */
export function addMembers(
  { vertexIds, hyperedgeCount, edgeOffsets, edgeMembers }: PartitionData,
  state: ProgramState,
): void {
  const [scores, totals] = [f64(state, 'scores'), f64(state, 'totals')];
  const stamps = new Uint32Array(vertexIds.length);
  for (let hyperedge = 0; hyperedge < hyperedgeCount; hyperedge++) {
    let total = 0;
    for (let i = edgeOffsets[hyperedge]!; i < edgeOffsets[hyperedge + 1]!; i++) {
      const member = edgeMembers[i]!;
      if (stamps[member] === hyperedge + 1) continue;
      stamps[member] = hyperedge + 1;
      total += scores[member]!;
    }
    totals[hyperedge] = total;
  }
}

/** @returns The sum of changes and the sum of scores. */
function scoreVertices(
  { vertexCount, nodeOffsets, nodeMembers }: PartitionData,
  state: ProgramState,
  alpha: number,
): Float64Array {
  const [scores, totals] = [f64(state, 'scores'), f64(state, 'totals')];
  const differences = f64(state, 'differences');
  let [change, total] = [0, 0];
  for (let vertex = 0; vertex < vertexCount; vertex++) {
    const before = scores[vertex]!;
    let sum = 0;
    let last = -1;
    for (let i = nodeOffsets[vertex]!; i < nodeOffsets[vertex + 1]!; i++) {
      const hyperedge = nodeMembers[i]!;
      if (hyperedge !== last) sum += totals[hyperedge]! - before;
      last = hyperedge;
    }
    const score = 1 + alpha * sum;
    differences[vertex] = Math.abs(score - before);
    change += differences[vertex]!;
    total += score;
    scores[vertex] = score;
  }
  return Float64Array.of(change, total);
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

export function katzCoordinator(
  _whole: WholeGraph,
  { tolerance = 0, iterationsMax = 0 }: ProgramParameters,
): Coordinator {
  const step: Decision = { next: 'step', globals: NO_GLOBALS };
  let iterations = 0;
  return {
    first: () => step,
    next(superstep, reports) {
      if (superstep % 2 === 0) return step;
      iterations += 1;
      const [change, total] = [reported(reports, 0), reported(reports, 1)];
      const mayEnd = isNear(change / total, tolerance) || !(total < DIVERGED * (1 - ORDER_MARGIN));
      return mayEnd || iterations === iterationsMax ? { next: 'collect' } : step;
    },
    conclude(merged) {
      const scores = f64(merged, 'scores');
      const total = sumOf(scores);
      if (!(total < DIVERGED))
        return { outputs: { scores, state: Float64Array.of(Infinity), result: iterations } };
      const change = sumOf(f64(merged, 'differences')) / total;
      if (change >= tolerance && iterations < iterationsMax) return step;
      const shares = scores.map((score) => score / total);
      return { outputs: { scores: shares, state: Float64Array.of(change), result: iterations } };
    },
  };
}
