/**
 * A part as a directed graph, from tails to heads: nodes are the slots of vertices, then own hyperedges. A vertex leads to the
 * hyperedges that it can enter, a hyperedge to the members that it can be left to.
 */
import { offsetsOf } from '../store/offsets.js';
import { DIRECTION } from '../store/properties.js';
import type { PartitionData } from './partition-data.js';

/** Nodes that each node leads to: `targets[offsets[n]]` to `targets[offsets[n + 1] - 1]`. */
export interface Arcs {
  readonly offsets: Uint32Array;
  readonly targets: Uint32Array;
}

export interface BothArcs {
  readonly nodeCount: number;
  readonly forward: Arcs;
  readonly backward: Arcs;
}

export function arcsOf(data: PartitionData): BothArcs {
  const { vertexIds, hyperedgeCount } = data;
  const nodeCount = vertexIds.length + hyperedgeCount;
  const entering = (visit: (vertex: number, hyperedge: number) => void) => eachOpen(data, 'tail', visit);
  const leaving = (visit: (vertex: number, hyperedge: number) => void) => eachOpen(data, 'head', visit);
  return {
    nodeCount,
    forward: listArcs(nodeCount, entering, leaving),
    backward: listArcs(nodeCount, leaving, entering),
  };
}

/** Calls `visit` for each incidence that is open as tail or as head: all but those that are only the other. */
function eachOpen(
  { vertexIds, hyperedgeCount, edgeOffsets, edgeMembers, edgeDirections }: PartitionData,
  end: 'head' | 'tail',
  visit: (vertex: number, hyperedge: number) => void,
): void {
  const closed = DIRECTION[end === 'tail' ? 'head' : 'tail'];
  for (let hyperedge = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const first = edgeOffsets[hyperedge]!;
    for (let place = first; place < edgeOffsets[hyperedge + 1]!; place++) {
      const isOpen = edgeDirections
        ? edgeDirections[place] !== closed
        : (place === first) === (end === 'tail');
      if (isOpen) visit(edgeMembers[place]!, vertexIds.length + hyperedge);
    }
  }
}

type Visits = (visit: (vertex: number, hyperedge: number) => void) => void;

function listArcs(nodeCount: number, fromVertices: Visits, fromHyperedges: Visits): Arcs {
  const lengths = new Uint32Array(nodeCount);
  fromVertices((vertex) => {
    lengths[vertex]! += 1;
  });
  fromHyperedges((_, hyperedge) => {
    lengths[hyperedge]! += 1;
  });
  const offsets = offsetsOf(lengths);
  const targets = new Uint32Array(offsets[nodeCount]!);
  const ends = offsets.slice(0, nodeCount);
  fromVertices((vertex, hyperedge) => {
    targets[ends[vertex]!++] = hyperedge;
  });
  fromHyperedges((vertex, hyperedge) => {
    targets[ends[hyperedge]!++] = vertex;
  });
  return { offsets, targets };
}
