/**
 * Connected components: every part joins the members of its own hyperedges at once, then parts tell each other the
 * smallest vertex that they know of each vertex on their boundary, both ways, until nothing changes.
 */
import { eachValue, gatherChanges, isAnyFrame, NO_GLOBALS, u32 } from '../boundary.js';
import type { Frame, PartitionData } from '../partition-data.js';
import type { Coordinator, Program } from '../program.js';
import { mirrored, vertexBoundary } from '../vertex-boundary.js';

export const componentsProgram: Program = {
  start(data) {
    const roots = joinMembers(data);
    const { indexes } = vertexBoundary(data);
    const sent = new Uint32Array(indexes.length);
    // What the other side knows by itself: every vertex, of itself.
    for (let i = 0; i < sent.length; i++) sent[i] = data.vertexIds[indexes[i]!]!;
    return { roots, smallest: smallestOf(data, roots), labels: new Uint32Array(roots.length), sent };
  },
  step(data, state, { frames }) {
    const [roots, smallest] = [u32(state, 'roots'), u32(state, 'smallest')];
    const { offsets, indexes } = vertexBoundary(data);
    frames.forEach((frame, from) => {
      eachValue(frame, (place, label) => {
        const at = mirrored(data, from, place) + offsets[from]!;
        const root = roots[indexes[at]!]!;
        if (label < smallest[root]!) smallest[root] = label;
      });
    });
    const labels = u32(state, 'labels');
    for (let slot = 0; slot < labels.length; slot++) labels[slot] = smallest[roots[slot]!]!;
    const out = gatherChanges({ offsets, indexes }, labels, u32(state, 'sent')) as (Frame | null)[];
    return { frames: out, report: Float64Array.of(isAnyFrame(out) ? 1 : 0) };
  },
  collect: ({ vertexCount }, state) => ({
    vertices: { labels: u32(state, 'labels').slice(0, vertexCount) },
    hyperedges: {},
  }),
};

/** Disjoint sets over the slots, flat: the root of each. */
function joinMembers({ vertexIds, hyperedgeCount, edgeOffsets, edgeMembers }: PartitionData): Uint32Array {
  const parents = Uint32Array.from(vertexIds, (_, slot) => slot);
  const rootOf = (slot: number): number => {
    let at = slot;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at]!]!;
      at = parents[at]!;
    }
    return at;
  };
  for (let hyperedge = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const from = edgeOffsets[hyperedge]!;
    const end = edgeOffsets[hyperedge + 1]!;
    if (end - from < 2) continue;
    let root = rootOf(edgeMembers[from]!);
    for (let i = from + 1; i < end; i++) {
      const other = rootOf(edgeMembers[i]!);
      if (other === root) continue;
      parents[Math.max(root, other)] = Math.min(root, other);
      root = Math.min(root, other);
    }
  }
  for (let slot = 0; slot < parents.length; slot++) parents[slot] = rootOf(slot);
  return parents;
}

/** The smallest vertex of the whole graph below each root. */
function smallestOf({ vertexIds }: PartitionData, roots: Uint32Array): Uint32Array {
  const smallest = vertexIds.slice();
  for (let slot = 0; slot < roots.length; slot++) {
    const root = roots[slot]!;
    if (vertexIds[slot]! < smallest[root]!) smallest[root] = vertexIds[slot]!;
  }
  return smallest;
}

export function componentsCoordinator(): Coordinator {
  return {
    first: () => ({ next: 'step', globals: NO_GLOBALS }),
    next: (_superstep, reports) =>
      reports.some((report) => report[0]! > 0) ? { next: 'step', globals: NO_GLOBALS } : { next: 'collect' },
    conclude({ labels }) {
      const ids = labels as Uint32Array;
      return {
        outputs: {
          labels: ids,
          result: ids.reduce((count, label, vertex) => count + Number(label === vertex), 0),
        },
      };
    },
  };
}
