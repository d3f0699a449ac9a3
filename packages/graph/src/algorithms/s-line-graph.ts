import { copyArray } from '@anant/core';
import { defineAlgorithm } from './algorithm.js';
import {
  columnOf,
  LINE_PARAMETERS,
  type LineGraph,
  type LineParameters,
  lineGraph,
  nameOf,
} from './line-graph.js';
import { topIndexes } from './top-indexes.js';

/** The nodes, and for every edge its two ends and how many members they share. */
export interface SLineGraphValues {
  readonly [name: string]: Uint32Array;
  readonly nodes: Uint32Array;
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  readonly overlaps: Uint32Array;
}

/**
 * The s-line graph: its nodes are the hyperedges with at least `s` different members, two are joined when they share at
 * least `s` vertices. `values.nodes` are the hyperedges that are nodes, rising; edge i joins `values.sources[i]` with
 * `values.targets[i]`, which share `values.overlaps[i]` vertices. Edges are in rising order of source, then target, and
 * source < target. By default hyperedges with the same members are one node, the first of them. With `of: 'vertices'`
 * it is the s-line graph of the dual: vertices in at least `s` hyperedges, joined when they share `s`; with s = 1 the
 * clique expansion, weighted by multiplicity. Aksoy, Joslyn, Ortiz Marrero, Praggastis and Purvine, "Hypernetwork
 * science via high-order hypergraph walks", EPJ Data Science 9 (2020), section 2.
 * @throws AnantError `E_OUT_OF_MEMORY`, with the number of edges, when it does not fit into one kernel memory
 */
export const sLineGraph = defineAlgorithm<LineParameters, SLineGraphValues>({
  name: 's-line-graph',
  description: 'Hyperedges joined when they share at least s vertices, with the number they share.',
  parameters: LINE_PARAMETERS,
  async compute(run, parameters) {
    const { graph } = run;
    const line = await lineGraph(run, parameters);
    const { nodes, neighbours, side } = line;
    const sources = sourcesOf(line);
    const targets = neighbours.map((node) => nodes[node]!);
    const overlaps = copyArray(line.overlaps);
    return {
      values: { nodes, sources, targets, overlaps },
      summary: [
        { name: 's', value: parameters.s },
        { name: 'nodes', value: nodes.length },
        { name: 'edges', value: sources.length },
        { name: 'nodes without edges', value: isolated(line) },
        { name: 'largest overlap', value: overlaps.reduce((most, shared) => Math.max(most, shared), 0) },
      ],
      table: (count) => ({
        columns: [columnOf(side), columnOf(side), 'shared'],
        rows: topIndexes(overlaps, count).map((edge) => [
          nameOf(graph, side, sources[edge]!),
          nameOf(graph, side, targets[edge]!),
          overlaps[edge]!,
        ]),
      }),
    };
  },
});

/** The hyperedge that each edge comes from. */
function sourcesOf({ nodes, offsets, neighbours }: LineGraph): Uint32Array {
  const sources = new Uint32Array(neighbours.length);
  for (let node = 0; node < nodes.length; node++) {
    sources.fill(nodes[node]!, offsets[node]!, offsets[node + 1]!);
  }
  return sources;
}

function isolated({ nodes, offsets, neighbours }: LineGraph): number {
  const isJoined = new Uint8Array(nodes.length);
  for (const node of neighbours) isJoined[node] = 1;
  return nodes.reduce(
    (count, _, node) => count + Number(!isJoined[node] && offsets[node] === offsets[node + 1]),
    0,
  );
}
