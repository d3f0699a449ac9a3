/**
 * Coreness by bounds that fall (Montresor, De Pellegrini and Miorandi, "Distributed k-core decomposition", IEEE TPDS 24,
 * 2013), on hypergraphs: a hyperedge is worth the s-th largest bound of its members, and a vertex's bound is the largest k
 * for which k of its hyperedges are worth k. Where no bound falls any more they are the coreness of `k-core`. Even
 * supersteps are of hyperedges, odd ones of vertices.
 */
import { gatherChanges, isAnyFrame, NO_GLOBALS, placeValues, u32 } from '../boundary.js';
import type { PartitionData } from '../partition-data.js';
import type { Coordinator, Program, ProgramState } from '../program.js';

/** No bound yet; also the coreness of a hyperedge with too few members. */
const NONE = 0xffff_ffff;

export const coresProgram: Program = {
  start({ vertexIds, hyperedgeCount, hyperedgeIds, vertexSends, edgeSends }) {
    return {
      bounds: new Uint32Array(vertexIds.length).fill(NONE),
      worths: new Uint32Array(hyperedgeIds.length),
      tooFew: new Uint8Array(hyperedgeCount),
      sentBounds: new Uint32Array(vertexSends.indexes.length).fill(NONE),
      sentWorths: new Uint32Array(edgeSends.indexes.length),
    };
  },
  step(data, state, { superstep, frames }, { s = 2 }) {
    if (superstep % 2 === 0) {
      placeValues(frames, data.haloOffsets, data.vertexCount, u32(state, 'bounds'));
      weighHyperedges(data, state, s, superstep === 0);
      const out = gatherChanges(data.edgeSends, u32(state, 'worths'), u32(state, 'sentWorths'));
      return { frames: out, report: Float64Array.of(isAnyFrame(out) ? 1 : 0) };
    }
    placeValues(frames, data.ghostOffsets, data.hyperedgeCount, u32(state, 'worths'));
    const changes = boundVertices(data, state);
    const out = gatherChanges(data.vertexSends, u32(state, 'bounds'), u32(state, 'sentBounds'));
    return { frames: out, report: Float64Array.of(changes) };
  },
  collect({ vertexCount, hyperedgeCount }, state) {
    const edgeCores = u32(state, 'worths').slice(0, hyperedgeCount);
    const tooFew = state.tooFew as Uint8Array;
    for (let hyperedge = 0; hyperedge < hyperedgeCount; hyperedge++) {
      if (tooFew[hyperedge]) edgeCores[hyperedge] = NONE;
    }
    return { vertices: { cores: u32(state, 'bounds').slice(0, vertexCount) }, hyperedges: { edgeCores } };
  },
};

function weighHyperedges(
  { hyperedgeCount, edgeOffsets, edgeMembers }: PartitionData,
  state: ProgramState,
  s: number,
  isFirst: boolean,
): void {
  const [bounds, worths] = [u32(state, 'bounds'), u32(state, 'worths')];
  const tooFew = state.tooFew as Uint8Array;
  const stamps = new Uint32Array(bounds.length);
  let room = new Uint32Array(64);
  for (let hyperedge = 0; hyperedge < hyperedgeCount; hyperedge++) {
    if (!isFirst && (tooFew[hyperedge] || worths[hyperedge] === 0)) continue;
    const from = edgeOffsets[hyperedge]!;
    const end = edgeOffsets[hyperedge + 1]!;
    if (end - from > room.length) room = new Uint32Array((end - from) * 2);
    let count = 0;
    for (let i = from; i < end; i++) {
      const member = edgeMembers[i]!;
      if (stamps[member] === hyperedge + 1) continue;
      stamps[member] = hyperedge + 1;
      room[count++] = bounds[member]!;
    }
    if (count < s) tooFew[hyperedge] = 1;
    worths[hyperedge] = count < s ? 0 : room.subarray(0, count).sort()[count - s]!;
  }
}

/** @returns How many bounds fell. */
function boundVertices(
  { vertexCount, nodeOffsets, nodeMembers }: PartitionData,
  state: ProgramState,
): number {
  const [bounds, worths] = [u32(state, 'bounds'), u32(state, 'worths')];
  let changes = 0;
  let counts = new Uint32Array(64);
  for (let vertex = 0; vertex < vertexCount; vertex++) {
    const from = nodeOffsets[vertex]!;
    const end = nodeOffsets[vertex + 1]!;
    const most = Math.min(bounds[vertex]!, end - from);
    if (most >= counts.length) counts = new Uint32Array(most * 2);
    counts.fill(0, 0, most + 1);
    let last = NONE;
    for (let i = from; i < end; i++) {
      const hyperedge = nodeMembers[i]!;
      if (hyperedge !== last) counts[Math.min(worths[hyperedge]!, most)]! += 1;
      last = hyperedge;
    }
    let bound = most;
    for (let enough = counts[most]!; enough < bound; enough += counts[bound]!) bound -= 1;
    if (bound === bounds[vertex]) continue;
    bounds[vertex] = bound;
    changes += 1;
  }
  return changes;
}

export function coresCoordinator(): Coordinator {
  return {
    first: () => ({ next: 'step', globals: NO_GLOBALS }),
    next(superstep, reports) {
      const isSettled = superstep % 2 === 1 && !reports.some((report) => report[0]! > 0);
      return isSettled ? { next: 'collect' } : { next: 'step', globals: NO_GLOBALS };
    },
    conclude({ cores, edgeCores }) {
      const all = cores as Uint32Array;
      const result = all.reduce((most, core) => Math.max(most, core), 0);
      return { outputs: { cores: all, edgeCores: edgeCores!, result } };
    },
  };
}
