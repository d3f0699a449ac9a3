/**
 * Distances from one vertex in hyperedge hops, level by level. Even supersteps carry the vertices of a level to their
 * hyperedges, odd ones the hyperedges reached first to their members. What was reached is told to its owner.
 */
import { eachValue, NO_GLOBALS, u32 } from '../boundary.js';
import type { Frame, Frames, PartitionData } from '../partition-data.js';
import type { Coordinator, Program, ProgramParameters, StateArray } from '../program.js';
import { indexOf } from '../sorted-index.js';

export const distancesProgram: Program = {
  start: ({ vertexCount, vertexIds, hyperedgeIds }) => ({
    levels: new Int32Array(vertexCount).fill(-1),
    // Whether a slot was reached, or its owner told so.
    isMet: new Uint8Array(vertexIds.length),
    isReached: new Uint8Array(hyperedgeIds.length),
    frontier: new Uint32Array(0),
  }),
  step(data, state, { superstep, frames, globals }) {
    const level = superstep >> 1;
    if (superstep % 2 === 1) return spread(data, state, frames);
    const next = [...u32(state, 'frontier')];
    const levels = state.levels as Int32Array;
    const isMet = state.isMet as Uint8Array;
    for (const vertex of next) levels[vertex] = level;
    const reach = (vertex: number): void => {
      if (levels[vertex] !== -1) return;
      levels[vertex] = level;
      isMet[vertex] = 1;
      next.push(vertex);
    };
    if (superstep === 0) {
      const source = indexOf(data.vertexIds.subarray(0, data.vertexCount), globals[0]!);
      if (source >= 0) reach(source);
    }
    frames.forEach((frame, from) => {
      const start = data.vertexSends.offsets[from]!;
      eachValue(frame, (_, place) => reach(data.vertexSends.indexes[start + place]!));
    });
    return climb(data, state, next);
  },
  collect: (_data, { levels }) => ({ vertices: { levels: levels! }, hyperedges: {} }),
};

/** From vertices to hyperedges. */
function climb(data: PartitionData, state: Record<string, StateArray>, vertices: readonly number[]) {
  const isReached = state.isReached as Uint8Array;
  const { hyperedgeCount, nodeOffsets, nodeMembers } = data;
  const reached: number[] = [];
  const told = new Told(data.ghostOffsets, hyperedgeCount);
  for (const vertex of vertices) {
    for (let i = nodeOffsets[vertex]!; i < nodeOffsets[vertex + 1]!; i++) {
      const hyperedge = nodeMembers[i]!;
      if (isReached[hyperedge]) continue;
      isReached[hyperedge] = 1;
      if (hyperedge < hyperedgeCount) reached.push(hyperedge);
      else told.add(hyperedge);
    }
  }
  state.frontier = Uint32Array.from(reached);
  return { frames: told.frames(), report: Float64Array.of(reached.length + told.count) };
}

/** From hyperedges to their members. */
function spread(data: PartitionData, state: Record<string, StateArray>, frames: Frames) {
  const isMet = state.isMet as Uint8Array;
  const isReached = state.isReached as Uint8Array;
  const { vertexCount, edgeOffsets, edgeMembers, edgeSends } = data;
  const hyperedges = [...u32(state, 'frontier')];
  frames.forEach((frame, from) => {
    eachValue(frame, (_, place) => {
      const hyperedge = edgeSends.indexes[edgeSends.offsets[from]! + place]!;
      if (isReached[hyperedge]) return;
      isReached[hyperedge] = 1;
      hyperedges.push(hyperedge);
    });
  });
  const reached: number[] = [];
  const told = new Told(data.haloOffsets, vertexCount);
  for (const hyperedge of hyperedges) {
    for (let i = edgeOffsets[hyperedge]!; i < edgeOffsets[hyperedge + 1]!; i++) {
      const vertex = edgeMembers[i]!;
      if (isMet[vertex]) continue;
      isMet[vertex] = 1;
      if (vertex < vertexCount) reached.push(vertex);
      else told.add(vertex);
    }
  }
  state.frontier = Uint32Array.from(reached);
  return { frames: told.frames(), report: Float64Array.of(reached.length + told.count) };
}

/** Collects slots that other parts own, for their owners. */
class Told {
  readonly #offsets: Uint32Array;
  readonly #base: number;
  readonly #places: number[][];
  count = 0;

  constructor(offsets: Uint32Array, base: number) {
    this.#offsets = offsets;
    this.#base = base;
    this.#places = Array.from({ length: offsets.length - 1 }, () => []);
  }

  add(slot: number): void {
    const at = slot - this.#base;
    let owner = 0;
    while (this.#offsets[owner + 1]! <= at) owner++;
    this.#places[owner]!.push(at - this.#offsets[owner]!);
    this.count += 1;
  }

  /** The values are places: there is nothing else to say of them. */
  frames(): (Frame | null)[] {
    return this.#places.map((places) => (places.length > 0 ? { values: Uint32Array.from(places) } : null));
  }
}

export function distancesCoordinator({ source = 0 }: ProgramParameters): Coordinator {
  return {
    first: () => ({ next: 'step', globals: Float64Array.of(source) }),
    next: (_superstep, reports) =>
      reports.some((report) => report[0]! > 0) ? { next: 'step', globals: NO_GLOBALS } : { next: 'collect' },
    conclude({ levels }) {
      const all = levels as Int32Array;
      return {
        outputs: { levels: all, result: all.reduce((count, level) => count + Number(level >= 0), 0) },
      };
    },
  };
}
