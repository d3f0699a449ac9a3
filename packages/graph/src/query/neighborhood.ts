/** Vertices around a vertex, hop by hop: a hop goes from a vertex to the other members of its hyperedges. */
import { AnantError } from '@anant/core';
import type { Hypergraph } from '../hypergraph.js';
import { HOPS_MAX } from './query.js';
import type { QueryBudget } from './query-budget.js';
import { scratchOf } from './scratch.js';

export interface NeighborsOptions {
  /** Most hops; 1 to 64. @default 1 */
  readonly hops?: number;
  /** Most vertices; those fewest hops away come first. @default no limit */
  readonly limit?: number;
  /** Index of the relation that every hop must have. @default any */
  readonly relation?: number;
}

export interface Neighbors {
  /** By rising hops, in the order found; without the vertex itself. */
  readonly vertices: Uint32Array;
  readonly hops: Uint8Array;
  /** Whether there are more than the limit. */
  readonly isCut: boolean;
}

/**
 * @throws RangeError when there is no such vertex; AnantError `E_GRAPH_INVALID` for hops outside 1 to 64, `E_QUERY_LIMIT` with a
 *   budget that is used up
 */
export function neighborsOf(
  graph: Hypergraph,
  vertex: number,
  options: NeighborsOptions = {},
  budget?: QueryBudget,
): Neighbors {
  const { hops = 1, limit = graph.vertexCount, relation } = options;
  graph.degreeOf(vertex);
  if (!Number.isInteger(hops) || hops < 1 || hops > HOPS_MAX)
    throw new AnantError('E_GRAPH_INVALID', `"hops" must be an integer from 1 to ${HOPS_MAX}, not ${hops}.`);
  const scratch = scratchOf(graph);
  const { vertexStamps, edgeStamps, queue } = scratch;
  const stamp = scratch.nextStamp();
  const { offsets: nodeOffsets, members: nodeMembers } = graph.nodeToEdges;
  const { offsets: edgeOffsets, members: edgeMembers } = graph.edgeToNodes;
  const relations = relation === undefined ? undefined : graph.properties.hyperedges.relation?.values;
  /** Ends of the hops in the queue. */
  const ends: number[] = [];
  vertexStamps[vertex] = stamp;
  queue[0] = vertex;
  let tail = 1;
  let isCut = false;
  search: for (let hop = 0, from = 0; hop < hops && from < tail; hop++) {
    const to = tail;
    for (let at = from; at < to; at++) {
      const end = nodeOffsets[queue[at]! + 1]!;
      for (let i = nodeOffsets[queue[at]!]!; i < end; i++) {
        const edge = nodeMembers[i]!;
        if (edgeStamps[edge] === stamp) continue;
        edgeStamps[edge] = stamp;
        if (relations !== undefined && relations[edge] !== relation) continue;
        const last = edgeOffsets[edge + 1]!;
        budget?.spend(last - edgeOffsets[edge]!);
        for (let j = edgeOffsets[edge]!; j < last; j++) {
          const member = edgeMembers[j]!;
          if (vertexStamps[member] === stamp) continue;
          if (tail > limit) {
            isCut = true;
            ends.push(tail);
            break search;
          }
          vertexStamps[member] = stamp;
          queue[tail++] = member;
        }
      }
    }
    ends.push(tail);
    from = to;
  }
  return { vertices: queue.slice(1, tail), hops: hopsOf(ends, tail - 1), isCut };
}

function hopsOf(ends: readonly number[], length: number): Uint8Array {
  const hops = new Uint8Array(length);
  let from = 0;
  ends.forEach((end, index) => {
    hops.fill(index + 1, from, end - 1);
    from = end - 1;
  });
  return hops;
}
