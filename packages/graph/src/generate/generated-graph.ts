/** Puts what a generator made into a hypergraph. */
import { Hypergraph } from '../graph.js';
import { RangeIds } from '../ids/range-ids.js';
import { deriveParts } from '../store/derive.js';

export interface Generated {
  readonly vertexCount: number;
  readonly offsets: Uint32Array;
  readonly members: Uint32Array;
}

/** @throws AnantError `E_OUT_OF_MEMORY` */
export function generatedGraph(model: string, { vertexCount, offsets, members }: Generated): Hypergraph {
  const parts = deriveParts({
    edgeToNodes: { offsets, members },
    vertices: new RangeIds(0, vertexCount),
    hyperedges: new RangeIds(0, offsets.length - 1),
    format: model,
  });
  return new Hypergraph(parts);
}

/** Offsets of lists of given sizes. */
export function offsetsOf(sizes: ArrayLike<number>): Uint32Array {
  const offsets = new Uint32Array(sizes.length + 1);
  for (let i = 0; i < sizes.length; i++) offsets[i + 1] = offsets[i]! + sizes[i]!;
  return offsets;
}
