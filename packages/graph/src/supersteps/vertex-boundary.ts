/** The boundary with each part, both ways: vertices that either of the two owns and the other one holds. */
import type { PartitionData, Routes } from './partition-data.js';

/** The slots on the boundary with each part: own vertices that it holds, then halo vertices that it owns. */
export function vertexBoundary({ parts, vertexCount, vertexSends, haloOffsets }: PartitionData): Routes {
  const offsets = new Uint32Array(parts + 1);
  const indexes = new Uint32Array(vertexSends.indexes.length + haloOffsets[parts]!);
  let at = 0;
  for (let part = 0; part < parts; part++) {
    const own = vertexSends.indexes.subarray(vertexSends.offsets[part], vertexSends.offsets[part + 1]);
    indexes.set(own, at);
    at += own.length;
    for (let halo = haloOffsets[part]!; halo < haloOffsets[part + 1]!; halo++)
      indexes[at++] = vertexCount + halo;
    offsets[part + 1] = at;
  }
  return { offsets, indexes };
}

/** A place on the boundary as the other part counts it, as this part does: there the own vertices come first too. */
export function mirrored({ vertexSends, haloOffsets }: PartitionData, part: number, place: number): number {
  const own = vertexSends.offsets[part + 1]! - vertexSends.offsets[part]!;
  const halo = haloOffsets[part + 1]! - haloOffsets[part]!;
  return place < halo ? own + place : place - halo;
}
