import type { Hypergraph } from '../hypergraph.js';
import { hMotifsTask } from '../kernels/counting-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { type LineGraph, lineGraph } from './line-graph.js';
import { describeMotif, isOpenMotif, MOTIF_CLASSES } from './motif-classes.js';
import { topIndexes } from './top-indexes.js';

/**
 * Hypergraph motifs: how three connected hyperedges meet, by which of the seven parts of their Venn diagram have
 * vertices. There are 26 up to the order of the hyperedges, taken as different sets; `values.counts[m]` is the number of
 * triples of motif m, exact up to 2^53. Motifs are numbered by rising pattern (docs/graph.md). MoCHy-E of Lee, Ko and
 * Shin, "Hypergraph motifs: concepts, algorithms, and discoveries", PVLDB 13 (2020). The time grows with the pairs of
 * hyperedges that meet a third.
 * @throws AnantError `E_OUT_OF_MEMORY` when the line graph does not fit into one kernel memory
 */
export const hMotifs = defineAlgorithm<Record<never, never>, { readonly counts: Float64Array }>({
  name: 'h-motifs',
  description: 'Triples of connected hyperedges by how they meet: 26 motifs.',
  parameters: {},
  async compute(run) {
    const { graph } = run;
    const line = await lineGraph(run, { s: 1, of: 'hyperedges', multiEdges: 'merge' }, 'overlaps');
    const { counts } = await run.call(
      hMotifsTask,
      { ...setsOf(graph, line.nodes), ...bothWays(line) },
      { vertexCount: graph.vertexCount, classes: MOTIF_CLASSES },
    );
    const total = counts.reduce((sum, count) => sum + count, 0);
    const open = counts.reduce((sum, count, motif) => sum + (isOpenMotif(motif) ? count : 0), 0);
    return {
      values: { counts },
      summary: [
        { name: 'distinct hyperedges', value: line.nodes.length },
        { name: 'triples', value: total },
        { name: 'triples of which two share nothing', value: open },
      ],
      table: (count) => ({
        columns: ['motif', 'parts with vertices', 'triples'],
        rows: topIndexes(counts, count).map((motif) => [motif, describeMotif(motif), counts[motif]!]),
      }),
    };
  },
});

/** The different members of the hyperedges that stand for their sets. */
function setsOf(
  graph: Hypergraph,
  nodes: Uint32Array,
): { edgeOffsets: Uint32Array; edgeMembers: Uint32Array } {
  const edgeOffsets = new Uint32Array(nodes.length + 1);
  const members: number[] = [];
  nodes.forEach((hyperedge, node) => {
    for (const vertex of new Set(graph.membersOf(hyperedge))) members.push(vertex);
    edgeOffsets[node + 1] = members.length;
  });
  return { edgeOffsets, edgeMembers: Uint32Array.from(members) };
}

/** All neighbours of each node, rising, with what they share. */
function bothWays({ nodes, offsets, neighbours, overlaps }: LineGraph) {
  const starts = new Uint32Array(nodes.length + 1);
  for (let node = 0; node < nodes.length; node++) starts[node + 1]! += offsets[node + 1]! - offsets[node]!;
  for (const node of neighbours) starts[node + 1]! += 1;
  for (let node = 0; node < nodes.length; node++) starts[node + 1]! += starts[node]!;
  const next = starts.slice(0, nodes.length);
  const all = new Uint32Array(2 * neighbours.length);
  const shared = new Uint32Array(2 * neighbours.length);
  const put = (from: number, to: number, count: number): void => {
    const at = next[from]!++;
    all[at] = to;
    shared[at] = count;
  };
  // Rows rise, so what a node gets from those before it comes first, in order; its own follow.
  for (let node = 0; node < nodes.length; node++) {
    for (let i = offsets[node]!; i < offsets[node + 1]!; i++) put(neighbours[i]!, node, overlaps[i]!);
  }
  for (let node = 0; node < nodes.length; node++) {
    for (let i = offsets[node]!; i < offsets[node + 1]!; i++) put(node, neighbours[i]!, overlaps[i]!);
  }
  return { offsets: starts, neighbours: all, overlaps: shared };
}
