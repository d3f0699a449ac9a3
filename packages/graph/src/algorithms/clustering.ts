import type { Hypergraph } from '../hypergraph.js';
import { countTrianglesTask, overlapClusteringTask } from '../kernels/clustering-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { type LineGraph, lineGraph, spread } from './line-graph.js';
import type { KernelRun } from './run-kernel-task.js';
import { scoreTable } from './vertex-scores.js';

const KINDS = ['projection', 'union', 'least', 'most'] as const;

export interface ClusteringParameters {
  /** How the coefficient of a vertex is defined, see `clustering`. @default 'projection' */
  readonly kind?: (typeof KINDS)[number];
}

/** Coefficients of vertices; their mean and the transitivity: one number each. */
export interface ClusteringValues {
  readonly [name: string]: Float64Array;
  readonly coefficients: Float64Array;
  readonly average: Float64Array;
  readonly transitivity: Float64Array;
}

/**
 * Clustering coefficients of vertices, from 0 to 1. `projection`: the share of pairs of neighbours that are neighbours
 * too, where neighbours share a hyperedge (Watts and Strogatz 1998 on the clique expansion). `union`, `least`, `most`:
 * the mean over neighbours of the number of hyperedges shared with them, divided by the number of hyperedges of either,
 * of the one in fewer, of the one in more (Gallagher and Goldberg, "Clustering coefficients in protein interaction
 * hypernetworks", BCB 2013). Without neighbours, and for `projection` with one, it is 0. `values.average` is the mean
 * over all vertices; `values.transitivity` is 3 * triangles / pairs of edges at a vertex, of the clique expansion, 0
 * without such a pair. Multi-edges count each for what is shared; repeated members once.
 * @throws AnantError `E_OUT_OF_MEMORY` when the clique expansion does not fit into one kernel memory
 */
export const clustering = defineAlgorithm<ClusteringParameters, ClusteringValues>({
  name: 'clustering',
  description: 'Clustering coefficients of vertices, and transitivity.',
  parameters: {
    kind: {
      type: 'choice',
      description: 'by neighbours of neighbours, or by shared hyperedges',
      default: 'projection',
      choices: KINDS,
    },
  },
  async compute(run, { kind }) {
    const { graph } = run;
    const line = await lineGraph(run, { s: 1, of: 'vertices', multiEdges: 'keep' });
    const { offsets, neighbours } = line;
    const { triangles, result } = await run.call(countTrianglesTask, { offsets, neighbours }, {});
    const pairs = neighbourPairs(line);
    const byNode =
      kind === 'projection'
        ? triangles.map((count, node) => (pairs[node] === 0 ? 0 : count / pairs[node]!))
        : await overlaps(run, line, KINDS.indexOf(kind) - 1);
    const coefficients = spread(line, byNode, 0);
    const sum = coefficients.reduce((total, value) => total + value, 0);
    const average = graph.vertexCount === 0 ? 0 : sum / graph.vertexCount;
    const wedges = pairs.reduce((total, value) => total + value, 0);
    const transitivity = wedges === 0 ? 0 : (3 * result) / wedges;
    return {
      values: {
        coefficients,
        average: Float64Array.of(average),
        transitivity: Float64Array.of(transitivity),
      },
      summary: [
        { name: 'average', value: Number(average.toPrecision(6)) },
        { name: 'transitivity', value: Number(transitivity.toPrecision(6)) },
        { name: 'triangles of the clique expansion', value: result },
      ],
      table: (count) => scoreTable(graph, coefficients, count),
    };
  },
});

/** For each node the number of pairs of its neighbours. */
function neighbourPairs({ nodes, offsets, neighbours }: LineGraph): Float64Array {
  const degrees = new Float64Array(nodes.length);
  for (let node = 0; node < nodes.length; node++) degrees[node]! += offsets[node + 1]! - offsets[node]!;
  for (const node of neighbours) degrees[node]! += 1;
  return degrees.map((degree) => (degree * (degree - 1)) / 2);
}

async function overlaps(run: KernelRun, line: LineGraph, kind: number): Promise<Float64Array> {
  const degrees = line.nodes.map((vertex) => differentHyperedges(run.graph, vertex));
  const { offsets, neighbours, overlaps: shared } = line;
  const inputs = { offsets, neighbours, overlaps: shared, degrees };
  return (await run.call(overlapClusteringTask, inputs, { kind })).coefficients;
}

/** Lists of hyperedges rise, so a repetition follows what it repeats. */
function differentHyperedges(graph: Hypergraph, vertex: number): number {
  return graph.hyperedgesOf(vertex).reduce((count, id, at, list) => count + Number(list[at - 1] !== id), 0);
}
