import { independentSetTask } from '../kernels/structure-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { percent } from './groups.js';
import { BOTH_SIDES } from './run-kernel-task.js';

export interface IndependentSetParameters {
  /**
   * `strong`: no two vertices of the set share a hyperedge; `weak`: no hyperedge has all its members in it. @default
   * 'strong'
   */
  readonly kind?: 'strong' | 'weak';
  /** Gives the order in which vertices are taken; 0 to 4,294,967,295. @default 0 */
  readonly seed?: number;
}

/**
 * A maximal independent set: a set of vertices to which none can be added. Vertices are taken greedily, in an order shuffled
 * by `seed`; the largest such set is not sought. Vertices without hyperedges are always in it; with `weak` one that is alone in a hyperedge never is.
 * `values.vertices` are their indexes, rising. Definitions of Berge, "Hypergraphs" (1989), chapter 2 (strongly stable and
 * stable sets); greedily in random order as Luby (SIAM J. Comput. 15, 1986).
 */
export const independentSet = defineAlgorithm<IndependentSetParameters, { readonly vertices: Uint32Array }>({
  name: 'independent-set',
  description: 'A maximal set of vertices that share no hyperedge, or fill none.',
  parameters: {
    kind: {
      type: 'choice',
      description: 'no two share a hyperedge, or no hyperedge is filled',
      default: 'strong',
      choices: ['strong', 'weak'],
    },
    seed: {
      type: 'integer',
      description: 'gives the order in which vertices are taken',
      default: 0,
      minimum: 0,
      maximum: 0xffff_ffff,
    },
  },
  async compute(run, { kind, seed }) {
    const { graph } = run;
    const { isIn, result } = await run.call(independentSetTask, BOTH_SIDES, {
      strong: kind === 'strong' ? 1 : 0,
      seed,
    });
    const vertices = Uint32Array.from(isIn.keys()).filter((vertex) => isIn[vertex] === 1);
    return {
      values: { vertices },
      summary: [{ name: 'vertices in the set', value: `${result} (${percent(result, graph.vertexCount)})` }],
      table: (count) => ({
        columns: ['vertex', 'degree'],
        rows: Array.from(vertices.subarray(0, count), (vertex) => [
          graph.labelOf(vertex),
          graph.degreeOf(vertex),
        ]),
      }),
    };
  },
});
