import type { ExternalId } from '../ids/id-table.js';
import { restartPagerankTask } from '../kernels/centrality-tasks.js';
import { pagerankSumCount } from '../kernels/pagerank-sums.js';
import { pagerankTask } from '../kernels/tasks.js';
import { pagerankTeam } from '../kernels/team-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { BOTH_SIDES, EDGE_SIDE } from './run-kernel-task.js';
import { topIndexes } from './top-indexes.js';

export interface PagerankParameters {
  /** Probability to walk on instead of jumping to a uniform vertex; between 0 and 1. @default 0.85 */
  readonly damping?: number;
  /** L1 change of the ranks below which the iteration ends; greater than 0. @default 1e-9 */
  readonly tolerance?: number;
  /** Most iterations; 1 to 1,000,000. Stopping there without convergence is a warning. @default 1000 */
  readonly iterationsMax?: number;
  /** Ids or labels of the vertices that jumps lead to, evenly; as one text, with commas. @default all vertices */
  readonly restart?: ExternalId | readonly ExternalId[];
}

/**
 * PageRank of vertices under the edge-then-vertex walk: from a vertex to one of its hyperedges, uniformly, then to one
 * of that hyperedge's members, uniformly and itself included. A vertex without hyperedges passes its rank on to all
 * vertices evenly. `values.ranks` sums to 1. With `restart` jumps, and what vertices without hyperedges pass on, go to those vertices
 * only: personalised PageRank (Haveliwala, "Topic-sensitive PageRank", WWW 2002). Page, Brin, Motwani and Winograd, "The PageRank citation ranking"
 * (1999); walk of Zhou, Huang and Schölkopf, "Learning with hypergraphs" (NIPS 2006).
 */
export const pagerank = defineAlgorithm<PagerankParameters, { readonly ranks: Float64Array }>({
  name: 'pagerank',
  description: 'PageRank of vertices under the walk vertex, hyperedge, vertex.',
  parameters: {
    damping: {
      type: 'number',
      description: 'probability to walk on instead of jumping',
      default: 0.85,
      minimum: 0,
      maximum: 1,
      bounds: 'exclusive',
    },
    tolerance: {
      type: 'number',
      description: 'L1 change at which the iteration ends',
      default: 1e-9,
      minimum: 0,
      bounds: 'exclusive',
    },
    iterationsMax: {
      type: 'integer',
      description: 'most iterations',
      default: 1000,
      minimum: 1,
      maximum: 1_000_000,
    },
    restart: {
      type: 'vertices',
      description: 'ids or labels of the vertices that jumps lead to, with commas',
      default: new Uint32Array(0),
      defaultText: 'all',
    },
  },
  async compute(run, { restart, ...limits }) {
    const { graph } = run;
    const { damping, tolerance, iterationsMax } = limits;
    const { vertexCount } = graph;
    const scalars = { damping, tolerance, iterationsMax };
    const whole = { ...scalars, sumCount: pagerankSumCount(graph) };
    const { ranks, change, result } =
      restart.length === 0
        ? await run.callTeam(pagerankTeam, BOTH_SIDES, whole, () =>
            run.call(pagerankTask, EDGE_SIDE, { vertexCount, ...whole }),
          )
        : await run.call(restartPagerankTask, EDGE_SIDE, {
            vertexCount,
            ...scalars,
            restart: evenlyOn(restart, vertexCount),
          });
    const last = change[0]!;
    const hasConverged = graph.vertexCount === 0 || last < tolerance;
    return {
      values: { ranks },
      summary: [
        { name: 'iterations', value: result },
        { name: 'last change (L1)', value: last.toExponential(2) },
        { name: 'converged', value: hasConverged ? 'yes' : 'no' },
      ],
      table: (count) => ({
        columns: ['vertex', 'rank', 'degree'],
        rows: topIndexes(ranks, count).map((vertex) => [
          graph.labelOf(vertex),
          Number(ranks[vertex]!.toPrecision(6)),
          graph.degreeOf(vertex),
        ]),
      }),
      ...(!hasConverged && {
        warnings: [
          `PageRank did not converge: the change after ${result} iterations is ${last.toPrecision(3)}, ` +
            `above the tolerance ${tolerance}.`,
        ],
      }),
    };
  },
});

function evenlyOn(vertices: Uint32Array, vertexCount: number): Float64Array {
  const values = new Float64Array(vertexCount);
  for (const vertex of vertices) values[vertex] = 1 / vertices.length;
  return values;
}
