/**
 * One side of an incidence in compressed form: list i is `members[offsets[i]]` to `members[offsets[i + 1] - 1]`.
 * `edgeToNodes` lists the vertices of each hyperedge, `nodeToEdges` the hyperedges of each vertex.
 */
export interface Incidence {
  /** One more element than there are lists; starts at 0, never falls. */
  readonly offsets: Uint32Array;
  readonly members: Uint32Array;
}

/** A view of list `index`. @throws RangeError */
export function listOf(side: Incidence, index: number): Uint32Array {
  const count = side.offsets.length - 1;
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new RangeError(`An index must be a whole number from 0 to ${count - 1}, not ${index}.`);
  }
  return side.members.subarray(side.offsets[index], side.offsets[index + 1]);
}
