import { defineAlgorithm } from './algorithm.js';
import { lineDistances } from './line-distances.js';
import { LINE_PARAMETERS, type LineParameters } from './line-graph.js';
import { scoresByNode } from './line-scores.js';
import { lineWalks } from './line-walks.js';
import {
  deviation,
  isSample,
  SAMPLING_PARAMETERS,
  type SampledValues,
  type SamplingParameters,
  sampledDistances,
  samplingFacts,
} from './sampled-distances.js';

export interface SHarmonicParameters extends LineParameters, SamplingParameters {
  /** `whole` divides by the number of other nodes, so that scores are from 0 to 1. @default 'whole' */
  readonly normalisation?: 'whole' | 'none';
}

/**
 * s-harmonic centrality of hyperedges: the sum of 1 / s-distance to every other node of the s-line graph, where a node
 * out of reach adds 0; for `whole` divided by the number of other nodes. 0 for a hyperedge that shares s vertices with
 * no other or has fewer than `s` different members. With `of: 'vertices'` of vertices. Boldi and Vigna, "Axioms for
 * centrality" (Internet Mathematics 10, 2014), on the s-line graph of Aksoy and others (2020).
 *
 * With `samples` k below n it is n / k times the sum over k nodes (Eppstein and Wang, "Fast approximation of centrality",
 * 2004). With probability at least 0.95 no score is off by more than `values.errorBound[0]` = n / (n - 1) *
 * sqrt(ln(2 n / 0.05) / (2 k)) for `whole`, n - 1 times that for `none` (Hoeffding 1963, theorem 2 and section 6, and the
 * union bound).
 * @throws AnantError `E_OUT_OF_MEMORY`; `E_TIMEOUT` when it takes longer than the run may
 */
export const sHarmonic = defineAlgorithm<SHarmonicParameters, SampledValues>({
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
    ...SAMPLING_PARAMETERS,
  },
  async compute(run, { normalisation, samples, seed, ...parameters }) {
    const line = await lineWalks(run, parameters, 'distances');
    const n = line.nodes.length;
    const divisor = normalisation === 'whole' ? Math.max(n - 1, 1) : 1;
    const isSampled = isSample(samples, line);
    const { harmonic } = isSampled
      ? await sampledDistances(run, line, { samples, seed })
      : await lineDistances(run, line);
    const factor = isSampled ? n / samples : 1;
    const scores = harmonic.map((sum) => (sum * factor) / divisor);
    const bound = isSampled ? (n * deviation(n, samples)) / divisor : 0;
    const facts = isSampled ? samplingFacts(samples, bound) : [];
    const computed = scoresByNode(run.graph, line, scores, 'harmonic', facts);
    return { ...computed, values: { ...computed.values, errorBound: Float64Array.of(bound) } };
  },
});
