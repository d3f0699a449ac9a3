/** A shortest path between two vertices, through hyperedges. */
import type { Hypergraph } from '../hypergraph.js';
import type { QueryBudget } from './query-budget.js';
import { scratchOf } from './scratch.js';

/** One hop: through which hyperedge to which vertex. */
export interface PathHop {
  readonly hyperedge: number;
  readonly vertex: number;
}

export interface PathOptions {
  /** Longest path. */
  readonly hops: number;
  /** Index of the relation that every hop must have. @default any */
  readonly relation?: number | undefined;
}

/**
 * The hops from `from` to `to`, none when they are the same vertex; undefined when there is no path that short.
 * @throws AnantError `E_QUERY_LIMIT` with a budget that is used up
 */
export function shortestPath(
  graph: Hypergraph,
  from: number,
  to: number,
  { hops, relation }: PathOptions,
  budget?: QueryBudget,
): PathHop[] | undefined {
  const scratch = scratchOf(graph);
  const { vertexStamps, edgeStamps, queue } = scratch;
  const stamp = scratch.nextStamp();
  const relations = relation === undefined ? undefined : graph.properties.hyperedges.relation?.values;
  /** By place in the queue: the place it was reached from, and the hyperedge. */
  const parents: number[] = [-1];
  const edges: number[] = [-1];
  vertexStamps[from] = stamp;
  queue[0] = from;
  let tail = 1;
  if (from === to) return [];
  for (let hop = 0, start = 0; hop < hops && start < tail; hop++) {
    const end = tail;
    for (let at = start; at < end; at++) {
      for (const edge of graph.hyperedgesOf(queue[at]!)) {
        if (edgeStamps[edge] === stamp) continue;
        edgeStamps[edge] = stamp;
        if (relations !== undefined && relations[edge] !== relation) continue;
        const members = graph.membersOf(edge);
        budget?.spend(members.length);
        for (const member of members) {
          if (vertexStamps[member] === stamp) continue;
          vertexStamps[member] = stamp;
          queue[tail] = member;
          parents[tail] = at;
          edges[tail] = edge;
          if (member === to) return backFrom(tail, queue, parents, edges);
          tail += 1;
        }
      }
    }
    start = end;
  }
  return undefined;
}

function backFrom(
  last: number,
  queue: Uint32Array,
  parents: readonly number[],
  edges: readonly number[],
): PathHop[] {
  const path: PathHop[] = [];
  for (let at = last; at > 0; at = parents[at]!) path.unshift({ hyperedge: edges[at]!, vertex: queue[at]! });
  return path;
}
