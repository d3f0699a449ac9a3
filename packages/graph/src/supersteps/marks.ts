/** Some of all vertices, one bit each: where an iteration starts is told to parts that know nothing of each other's vertices. */

/** What some vertices have, the same for each, and the others not. */
export interface MarkedShare {
  readonly share: number;
  readonly marks: Uint8Array;
}

/** @param values By vertex of the whole graph: one value for some and 0 elsewhere. */
export function markShare(values: Float64Array): MarkedShare {
  const marks = new Uint8Array(Math.ceil(values.length / 8));
  let share = 0;
  for (let vertex = 0; vertex < values.length; vertex++) {
    if (values[vertex] === 0) continue;
    share = values[vertex]!;
    marks[vertex >>> 3]! |= 1 << (vertex & 7);
  }
  return { share, marks };
}

export const isMarked = (marks: Uint8Array, vertex: number): boolean =>
  ((marks[vertex >>> 3]! >> (vertex & 7)) & 1) === 1;
