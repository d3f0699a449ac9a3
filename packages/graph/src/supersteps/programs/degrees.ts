/** Degrees of vertices or sizes of hyperedges: what each part has, without a superstep. */
import type { Coordinator, Program } from '../program.js';

const lengths = (offsets: Uint32Array) =>
  Uint32Array.from({ length: offsets.length - 1 }, (_, list) => offsets[list + 1]! - offsets[list]!);

export const degreesProgram: Program = {
  start: () => ({}),
  step: () => ({ frames: [], report: new Float64Array(0) }),
  collect: ({ nodeOffsets, edgeOffsets }) => ({
    vertices: { degrees: lengths(nodeOffsets) },
    hyperedges: { sizes: lengths(edgeOffsets) },
  }),
};

/** @param ofHyperedges 1 for sizes of hyperedges, 0 for degrees of vertices. */
export function degreesCoordinator({ ofHyperedges = 0 }: Readonly<Record<string, number>>): Coordinator {
  return {
    first: () => ({ next: 'collect' }),
    next: () => ({ next: 'collect' }),
    conclude: ({ degrees, sizes }) => ({ outputs: { degrees: (ofHyperedges === 1 ? sizes : degrees)! } }),
  };
}
