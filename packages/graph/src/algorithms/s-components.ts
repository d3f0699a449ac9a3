import type { Hypergraph } from '../hypergraph.js';
import { sComponentsTask } from '../kernels/tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { groupSizes, largestGroups, NO_GROUP } from './groups.js';
import { EDGE_SIDE } from './run-kernel-task.js';

export interface SComponentsParameters {
  /** Fewest vertices that joined hyperedges share; from 1. @default 2 */
  readonly s?: number;
}

/** For every hyperedge: its component, and the first hyperedge with the same members. */
export interface SComponentsValues {
  readonly [name: string]: Uint32Array;
  readonly labels: Uint32Array;
  readonly sets: Uint32Array;
}

const EXAMPLES = 5;

/**
 * s-components of hyperedges: hyperedges with at least `s` different members, joined when they share at least `s`
 * vertices. `values.labels[e]` is the smallest hyperedge of e's component, 4294967295 for a hyperedge with fewer
 * members; `values.sets[e]` is the smallest hyperedge with the same members. Hyperedges are taken as given:
 * multi-edges share all their members, so they are in one component when they have at least `s`. The number of
 * components is therefore that over distinct sets too; sizes are given both ways. A hyperedge that shares s vertices
 * with no other is a component of its own. Aksoy, Joslyn, Ortiz Marrero, Praggastis and Purvine, "Hypernetwork
 * science via high-order hypergraph walks", EPJ Data Science 9 (2020).
 */
export const sComponents = defineAlgorithm<SComponentsParameters, SComponentsValues>({
  name: 's-components',
  description: 'Components of hyperedges that share at least s vertices.',
  parameters: {
    s: {
      type: 'integer',
      description: 'fewest vertices that joined hyperedges share',
      default: 2,
      minimum: 1,
      maximum: 0xffff_fffe,
    },
  },
  async compute(run, { s }) {
    const { graph } = run;
    const { labels, sets, result } = await run.call(sComponentsTask, EDGE_SIDE, {
      vertexCount: graph.vertexCount,
      s,
    });
    const all = groupSizes(labels);
    const distinct = groupSizes(labels, (hyperedge) => sets[hyperedge] === hyperedge);
    return {
      values: { labels, sets },
      summary: [
        { name: 's', value: s },
        { name: 'hyperedges with at least s members', value: sum(all.sizes) },
        { name: 'distinct sets among them', value: sum(distinct.sizes) },
        { name: 's-components', value: result },
        { name: 'of more than one set', value: result - distinct.singletons },
        { name: 'largest, in hyperedges', value: all.largest },
        { name: 'largest, in distinct sets', value: distinct.largest },
      ],
      table: (count) => ({
        columns: ['component', 'distinct sets', 'hyperedges', 'vertices', 'examples'],
        rows: largestGroups(distinct, count).map((label) => {
          const vertices = verticesOf(graph, labels, label);
          const examples = vertices.slice(0, EXAMPLES).map((vertex) => graph.labelOf(vertex));
          return [
            String(graph.hyperedges.externalOf(label)),
            distinct.sizes[label]!,
            all.sizes[label]!,
            vertices.length,
            examples.join(', '),
          ];
        }),
      }),
    };
  },
});

const sum = (sizes: Uint32Array): number => sizes.reduce((total, size) => total + size, 0);

/** Vertices of the hyperedges of one component, in order of appearance. */
function verticesOf(graph: Hypergraph, labels: Uint32Array, label: number): number[] {
  const { offsets, members } = graph.edgeToNodes;
  const isSeen = new Uint8Array(graph.vertexCount);
  const vertices: number[] = [];
  if (label === NO_GROUP) return vertices;
  for (let hyperedge = label; hyperedge < labels.length; hyperedge++) {
    if (labels[hyperedge] !== label) continue;
    for (let i = offsets[hyperedge]!; i < offsets[hyperedge + 1]!; i++) {
      const vertex = members[i]!;
      if (isSeen[vertex] === 0) vertices.push(vertex);
      isSeen[vertex] = 1;
    }
  }
  return vertices;
}
