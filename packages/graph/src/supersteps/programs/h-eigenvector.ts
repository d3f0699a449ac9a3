/**
 * H-eigenvector of `docs/graph.md` by supersteps, with the bits of the kernel `hEigenvector`. An iteration has three: hyperedges
 * multiply the scores of their members; vertices add up the products; vertices take roots, whose sum over all divides them.
 */
import { f64, gatherValues, placeValues } from '../boundary.js';
import { derived } from '../derived.js';
import { type Cuts, cutsFor, piecesOf } from '../exact-sum.js';
import { isMarked, markShare } from '../marks.js';
import {
  memberRoutes,
  NO_PLACE,
  placeMemberValues,
  sendMemberValues,
  sumMemberValues,
} from '../member-values.js';
import type { PartitionData } from '../partition-data.js';
import type { Coordinator, Program, ProgramParameters, ProgramState, WholeGraph } from '../program.js';
import { power, root } from '../root.js';
import { startEvenly } from './clique-eigenvector.js';
import { reported } from './near.js';

const SUPERSTEPS = 3;

export const hEigenvectorProgram: Program = {
  start: (data) => ({
    scores: new Float64Array(data.vertexIds.length),
    isStarted: new Uint8Array(data.vertexCount),
    sums: new Float64Array(data.vertexCount),
    products: new Float64Array(derived(data, memberRoutes).length),
  }),
  step(data, state, { superstep, frames, globals, marks }, { size = 2 }) {
    const routes = derived(data, memberRoutes);
    const [scores, sums] = [f64(state, 'scores'), f64(state, 'sums')];
    if (superstep % SUPERSTEPS === 0) {
      if (superstep === 0) start(data, state, globals[0]!, marks!);
      else {
        placeValues(frames, data.haloOffsets, data.vertexCount, scores);
        for (let slot = 0; slot < scores.length; slot++) scores[slot]! /= globals[0]!;
      }
      multiplyScores(data, state, size);
      return { frames: sendMemberValues(routes, f64(state, 'products')), report: new Float64Array(0) };
    }
    const cuts = { high: globals[0]!, low: globals[1]! };
    if (superstep % SUPERSTEPS === 1) {
      placeMemberValues(frames, routes, f64(state, 'products'));
      sumMemberValues(data, f64(state, 'products'), sums);
      return { frames: [], report: Float64Array.of(...piecesOf(sums, cuts), ...measure(state, size)) };
    }
    takeRoots(scores, sums, size, globals[2]!);
    const own = scores.subarray(0, data.vertexCount);
    return {
      frames: gatherValues(data.vertexSends, scores),
      report: Float64Array.of(...piecesOf(own, cuts)),
    };
  },
  collect: ({ vertexCount }, state) => ({
    vertices: { scores: f64(state, 'scores').slice(0, vertexCount) },
    hyperedges: {},
  }),
};

function start(data: PartitionData, state: ProgramState, share: number, marks: Uint8Array): void {
  startEvenly(data, f64(state, 'scores'), share, marks);
  const isStarted = state.isStarted as Uint8Array;
  for (let vertex = 0; vertex < isStarted.length; vertex++) {
    isStarted[vertex] = isMarked(marks, data.vertexIds[vertex]!) ? 1 : 0;
  }
}

/** For each member of own hyperedges the product of the scores of the others. */
function multiplyScores(data: PartitionData, state: ProgramState, size: number): void {
  const { hyperedgeCount, edgeOffsets, edgeMembers } = data;
  const { places } = derived(data, memberRoutes);
  const [scores, products] = [f64(state, 'scores'), f64(state, 'products')];
  const before = new Float64Array(size);
  for (let hyperedge = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const [from, end] = [edgeOffsets[hyperedge]!, edgeOffsets[hyperedge + 1]!];
    let product = 1;
    let count = 0;
    for (let i = from; i < end; i++) {
      if (places[i] === NO_PLACE) continue;
      before[count++] = product;
      product *= scores[edgeMembers[i]!]!;
    }
    product = 1;
    for (let i = end; i-- > from; ) {
      if (places[i] === NO_PLACE) continue;
      products[places[i]!] = before[--count]! * product;
      product *= scores[edgeMembers[i]!]!;
    }
  }
}

/** @returns The largest sum, then the least and the largest ratio of sums to powers of scores. */
function measure(state: ProgramState, size: number): readonly [most: number, least: number, largest: number] {
  const [scores, sums] = [f64(state, 'scores'), f64(state, 'sums')];
  const isStarted = state.isStarted as Uint8Array;
  let [most, least, largest] = [0, Infinity, 0];
  for (let vertex = 0; vertex < sums.length; vertex++) {
    most = Math.max(most, sums[vertex]!);
    if (!isStarted[vertex]) continue;
    const scale = power(scores[vertex]!, size - 1);
    const ratio = scale > 0 ? sums[vertex]! / scale : Infinity;
    least = Math.min(least, ratio);
    largest = Math.max(largest, ratio);
  }
  return [most, least, largest];
}

/** The next scores of own vertices, before they are divided. */
function takeRoots(scores: Float64Array, sums: Float64Array, size: number, total: number): void {
  for (let vertex = 0; vertex < sums.length; vertex++) {
    const product = sums[vertex]!;
    scores[vertex] = size === 2 ? (scores[vertex]! + product / total) / 2 : root(product, size - 1);
  }
}

/** @param inputs `start`: where each vertex of the whole graph starts, one value for some and 0 elsewhere. */
export function hEigenvectorCoordinator(
  { vertexCount, hyperedgeCount }: WholeGraph,
  { size = 2, tolerance = 0, iterationsMax = 0 }: ProgramParameters,
  inputs: Readonly<Record<string, unknown>>,
): Coordinator {
  const cuts: Cuts = cutsFor(vertexCount, hyperedgeCount);
  const { share, marks } = markShare(inputs.start as Float64Array);
  const step = (...globals: readonly number[]) =>
    ({ next: 'step', globals: Float64Array.from(globals) }) as const;
  let iterations = 0;
  let isVoid = false;
  let ratios: readonly [gap: number, least: number] = [0, 0];
  return {
    first: () => ({ next: 'step', globals: Float64Array.of(share), marks }),
    next(superstep, reports) {
      const sum = reported(reports, 0) + reported(reports, 1);
      if (superstep % SUPERSTEPS === 0) return step(cuts.high, cuts.low);
      if (superstep % SUPERSTEPS === 2) return step(sum);
      if (superstep > SUPERSTEPS) {
        ratios = ratiosOf(reports);
        if (ratios[0] < tolerance || iterations === iterationsMax) return { next: 'collect' };
      }
      iterations += 1;
      const total = size === 2 ? sum : Math.max(...reports.map((report) => report[2]!));
      isVoid = !(total > 0);
      return isVoid ? { next: 'collect' } : step(cuts.high, cuts.low, total);
    },
    conclude(merged) {
      const scores = isVoid ? new Float64Array(vertexCount) : merged.scores!;
      return { outputs: { scores, state: Float64Array.from(ratios), result: iterations } };
    },
  };
}

/** How far the ratios of all parts differ, relative to the least, and the least. */
function ratiosOf(reports: readonly Float64Array[]): readonly [gap: number, least: number] {
  const least = Math.min(...reports.map((report) => report[3]!));
  const most = Math.max(...reports.map((report) => report[4]!));
  return [most < Infinity ? (most - least) / least : Infinity, least < Infinity ? least : 0];
}
