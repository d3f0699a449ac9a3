/** For tests: reachability and distances by their definitions, over lists of members. */
import type { Lists } from './naive.js';

/** From which members a hyperedge is entered and to which it is left. */
export interface Arc {
  readonly hyperedge: number;
  readonly tails: readonly number[];
  readonly heads: readonly number[];
}

/** With `directions` 1 is a head, 2 a tail, 0 both; without, the first member is the tail. */
export function naiveArcs(
  hyperedges: Lists,
  directions: Lists | undefined,
  way: 'both' | 'forward' | 'backward',
): Arc[] {
  return hyperedges.map((members, hyperedge) => {
    if (way === 'both') return { hyperedge, tails: members, heads: members };
    const isTail = (place: number) => (directions ? directions[hyperedge]![place] !== 1 : place === 0);
    const isHead = (place: number) => (directions ? directions[hyperedge]![place] !== 2 : place > 0);
    const [tails, heads] = [isTail, isHead].map((is) => members.filter((_, place) => is(place)));
    return way === 'forward'
      ? { hyperedge, tails: tails!, heads: heads! }
      : { hyperedge, tails: heads!, heads: tails! };
  });
}

/** Distances from a source, by relaxing all arcs until nothing changes. */
export function naiveDistances(
  arcs: readonly Arc[],
  vertexCount: number,
  source: number,
  weightOf: (hyperedge: number) => number,
): number[] {
  const distances = new Array<number>(vertexCount).fill(Infinity);
  distances[source] = 0;
  for (let isChanging = true; isChanging; ) {
    isChanging = false;
    for (const { hyperedge, tails, heads } of arcs) {
      const reach = Math.min(...tails.map((vertex) => distances[vertex]!)) + weightOf(hyperedge);
      for (const vertex of heads) {
        if (!(reach < distances[vertex]!)) continue;
        distances[vertex] = reach;
        isChanging = true;
      }
    }
  }
  return distances;
}
