/**
 * Z-eigenvector of `docs/graph.md` by supersteps, with the bits of the kernel `zEigenvector`. An iteration has three: hyperedges
 * multiply what their members have; vertices add that up; and their sums are added up over all vertices, cut where the largest
 * says. Sums cross the boundary, and whoever holds a vertex takes its next score from them.
 */
import { f64, gatherValues, placeValues } from '../boundary.js';
import { derived } from '../derived.js';
import { cutsFor, piecesOf } from '../exact-sum.js';
import { markShare } from '../marks.js';
import {
  memberRoutes,
  NO_PLACE,
  placeMemberValues,
  sendMemberValues,
  sumMemberValues,
} from '../member-values.js';
import type { PartitionData } from '../partition-data.js';
import type { Coordinator, Program, ProgramParameters, ProgramState, WholeGraph } from '../program.js';
import { startEvenly } from './clique-eigenvector.js';
import { isNear, reported } from './near.js';

const SUPERSTEPS = 3;
/** Step of the Euler method. */
const STEP = 0.5;

export const zEigenvectorProgram: Program = {
  start: (data) => ({
    scores: new Float64Array(data.vertexIds.length),
    direction: new Float64Array(data.vertexIds.length),
    sums: new Float64Array(data.vertexIds.length),
    products: new Float64Array(derived(data, memberRoutes).length),
    turns: new Float64Array(data.vertexCount),
    gaps: new Float64Array(data.vertexCount),
  }),
  step(data, state, { superstep, frames, globals, marks }, { size = 2 }) {
    const routes = derived(data, memberRoutes);
    const products = f64(state, 'products');
    const sums = f64(state, 'sums');
    const own = sums.subarray(0, data.vertexCount);
    if (superstep % SUPERSTEPS === 0) {
      let changes: readonly number[] = [];
      if (superstep > 0) changes = follow(data, state, globals[0]!);
      else {
        for (const name of ['scores', 'direction']) startEvenly(data, f64(state, name), globals[0]!, marks!);
      }
      multiplyDerivatives(data, state, size);
      return { frames: sendMemberValues(routes, products), report: Float64Array.from(changes) };
    }
    if (superstep % SUPERSTEPS === 1) {
      placeMemberValues(frames, routes, products);
      sumMemberValues(data, products, sums);
      const largest = own.reduce((most, sum) => Math.max(most, sum), 0);
      return { frames: gatherValues(data.vertexSends, sums), report: Float64Array.of(largest) };
    }
    placeValues(frames, data.haloOffsets, data.vertexCount, sums);
    const pieces = piecesOf(own, { high: globals[0]!, low: globals[1]! });
    return { frames: [], report: Float64Array.of(...pieces) };
  },
  collect: ({ vertexCount }, state) => ({
    vertices: {
      scores: f64(state, 'scores').slice(0, vertexCount),
      turns: state.turns!,
      gaps: state.gaps!,
    },
    hyperedges: {},
  }),
};

/** One step of direction and scores in all slots. @returns how far own ones are from standing still. */
function follow({ vertexCount }: PartitionData, state: ProgramState, total: number): readonly number[] {
  const [scores, direction, sums] = [f64(state, 'scores'), f64(state, 'direction'), f64(state, 'sums')];
  const [turns, gaps] = [f64(state, 'turns'), f64(state, 'gaps')];
  let [turn, gap] = [0, 0];
  for (let slot = 0; slot < scores.length; slot++) {
    const old = direction[slot]!;
    const next = (old + sums[slot]! / total) / 2;
    const score = scores[slot]!;
    direction[slot] = next;
    scores[slot] = score + STEP * (next - score);
    if (slot >= vertexCount) continue;
    turns[slot] = Math.abs(next - old);
    gaps[slot] = Math.abs(next - score);
    turn += turns[slot]!;
    gap += gaps[slot]!;
  }
  return [turn, gap];
}

/** For each member of own hyperedges the product of what the others have, one of them its direction and the rest their scores. */
function multiplyDerivatives(data: PartitionData, state: ProgramState, size: number): void {
  const { hyperedgeCount, edgeOffsets, edgeMembers } = data;
  const { places } = derived(data, memberRoutes);
  const [scores, direction, products] = [
    f64(state, 'scores'),
    f64(state, 'direction'),
    f64(state, 'products'),
  ];
  const before = new Float64Array(2 * size);
  for (let hyperedge = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const [from, end] = [edgeOffsets[hyperedge]!, edgeOffsets[hyperedge + 1]!];
    let [product, derivative, count] = [1, 0, 0];
    for (let i = from; i < end; i++) {
      if (places[i] === NO_PLACE) continue;
      before[count++] = product;
      before[count++] = derivative;
      const member = edgeMembers[i]!;
      derivative = derivative * scores[member]! + product * direction[member]!;
      product *= scores[member]!;
    }
    [product, derivative] = [1, 0];
    for (let i = end; i-- > from; ) {
      if (places[i] === NO_PLACE) continue;
      count -= 2;
      products[places[i]!] = before[count]! * derivative + before[count + 1]! * product;
      const member = edgeMembers[i]!;
      derivative = derivative * scores[member]! + product * direction[member]!;
      product *= scores[member]!;
    }
  }
}

/** @param inputs `start`: where each vertex of the whole graph starts, one value for some and 0 elsewhere. */
export function zEigenvectorCoordinator(
  { vertexCount, hyperedgeCount }: WholeGraph,
  { tolerance = 0, iterationsMax = 0 }: ProgramParameters,
  inputs: Readonly<Record<string, unknown>>,
): Coordinator {
  const { share, marks } = markShare(inputs.start as Float64Array);
  const step = (...globals: readonly number[]) =>
    ({ next: 'step', globals: Float64Array.from(globals) }) as const;
  let iterations = 0;
  let total = 0;
  return {
    first: () => ({ next: 'step', globals: Float64Array.of(share), marks }),
    next(superstep, reports) {
      if (superstep % SUPERSTEPS === 1) {
        const largest = Math.max(...reports.map((report) => report[0]!));
        const { high, low } = cutsFor(vertexCount, largest);
        return step(high, low);
      }
      const first = reported(reports, 0) + reported(reports, 1);
      if (superstep % SUPERSTEPS === 2) {
        iterations += 1;
        total = first;
        return total > 0 ? step(total) : { next: 'collect' };
      }
      const mayEnd = superstep > 0 && (isNear(first, tolerance) || iterations === iterationsMax);
      return mayEnd ? { next: 'collect' } : step();
    },
    conclude(merged) {
      if (!(total > 0)) {
        const gap = hyperedgeCount === 0 ? 0 : Infinity;
        const scores = new Float64Array(vertexCount);
        return { outputs: { scores, state: Float64Array.of(gap, total), result: iterations } };
      }
      const [turn, gap] = ['turns', 'gaps'].map((name) =>
        f64(merged, name).reduce((sum, value) => sum + value, 0),
      );
      const change = turn! + gap!;
      if (change >= tolerance && iterations < iterationsMax) return step();
      return {
        outputs: { scores: merged.scores!, state: Float64Array.of(change, total), result: iterations },
      };
    },
  };
}
