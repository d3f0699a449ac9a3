import { defineAlgorithm } from './algorithm.js';
import { lineDistances } from './line-distances.js';
import { LINE_PARAMETERS, type LineParameters } from './line-graph.js';
import { scoresByNode } from './line-scores.js';

export interface SHarmonicParameters extends LineParameters {
  /** `whole` divides by the number of other nodes, so that scores are from 0 to 1. @default 'whole' */
  readonly normalisation?: 'whole' | 'none';
}

/**
 * s-harmonic centrality of hyperedges: the sum of 1 / s-distance to every other node of the s-line graph, where a node
 * out of reach adds 0; for `whole` divided by the number of other nodes. 0 for a hyperedge that shares s vertices with
 * no other or has fewer than `s` different members. With `of: 'vertices'` of vertices. Boldi and Vigna, "Axioms for
 * centrality" (Internet Mathematics 10, 2014), on the s-line graph of Aksoy and others (2020).
 * @throws AnantError `E_OUT_OF_MEMORY`
 */
export const sHarmonic = defineAlgorithm<SHarmonicParameters, { readonly scores: Float64Array }>({
  name: 's-harmonic',
  description: 'Sum of reciprocal s-distances from each hyperedge.',
  parameters: {
    ...LINE_PARAMETERS,
    normalisation: {
      type: 'choice',
      description: 'by the number of other nodes, or none',
      default: 'whole',
      choices: ['whole', 'none'],
    },
  },
  async compute(run, { normalisation, ...parameters }) {
    const { line, harmonic } = await lineDistances(run, parameters);
    const others = Math.max(line.nodes.length - 1, 1);
    const scores = normalisation === 'whole' ? harmonic.map((sum) => sum / others) : harmonic;
    return scoresByNode(run.graph, line, scores, 'harmonic');
  },
});
