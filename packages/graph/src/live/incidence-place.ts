/** Which place of a hyperedge a change names. */
import { AnantError } from '@anant/core';
import type { IncidenceName } from './change.js';

/** Where a vertex stands among the members. @throws AnantError `E_GRAPH_INVALID` when nowhere, or in several places */
export function placeOf(
  members: Uint32Array,
  vertex: number,
  { hyperedge, vertex: id, place }: IncidenceName,
): number {
  const [named, first] = [JSON.stringify(hyperedge), members.indexOf(vertex)];
  if (place !== undefined) {
    if (members[place] === vertex) return place;
    throw new AnantError(
      'E_GRAPH_INVALID',
      `Place ${place} of hyperedge ${named} is not vertex ${JSON.stringify(id)}.`,
      { advice: 'Places count from 0, in the order of membersOf.' },
    );
  }
  if (first < 0) {
    throw new AnantError(
      'E_GRAPH_INVALID',
      `Vertex ${JSON.stringify(id)} is no member of hyperedge ${named}.`,
      { advice: 'membersOf of a snapshot lists the members.' },
    );
  }
  if (first === members.lastIndexOf(vertex)) return first;
  throw new AnantError(
    'E_GRAPH_INVALID',
    `Hyperedge ${named} lists vertex ${JSON.stringify(id)} more than once.`,
    { advice: 'Say which with place, counted from 0.' },
  );
}
