import { defineAlgorithm } from './algorithm.js';
import { lineDependencies } from './line-dependencies.js';
import { LINE_PARAMETERS, type LineParameters } from './line-graph.js';
import { scoresByNode } from './line-scores.js';
import { lineWalks } from './line-walks.js';
import { sampleIndexes } from './sample-indexes.js';
import {
  deviation,
  isSample,
  SAMPLING_PARAMETERS,
  type SampledValues,
  type SamplingParameters,
  samplingFacts,
} from './sampled-distances.js';

export interface SBetweennessParameters extends LineParameters, SamplingParameters {
  /** `pairs` divides by the number of pairs of other nodes, so that scores are from 0 to 1. @default 'pairs' */
  readonly normalisation?: 'pairs' | 'none';
}

/**
 * s-betweenness of hyperedges: the sum over pairs of other nodes of the s-line graph of the share of shortest s-walks
 * between them that run through it; for `pairs` divided by (n - 1)(n - 2) / 2 with n nodes. Pairs without an s-walk add
 * nothing. 0 for hyperedges with fewer than `s` different members. With `of: 'vertices'` of vertices.
 * Brandes, "A faster algorithm for betweenness centrality" (2001), on the s-line graph of Aksoy and others (2020).
 *
 * With `samples` k below n, paths from k nodes without repetition are scaled up by n / k (Brandes and Pich, "Centrality
 * estimation in large networks", 2007). With probability at least 0.95 no score is off by more than
 * `values.errorBound[0]` = n / (n - 1) * sqrt(ln(2 n / 0.05) / (2 k)) for `pairs`, by Hoeffding's inequality (1963,
 * theorem 2, which section 6 extends to samples without repetition) and the union bound.
 * @throws AnantError `E_OUT_OF_MEMORY`; `E_TIMEOUT` when it takes longer than the run may: then fewer samples do
 */
export const sBetweenness = defineAlgorithm<SBetweennessParameters, SampledValues>({
  name: 's-betweenness',
  description: 'Share of the shortest s-walks between other hyperedges that run through each.',
  parameters: {
    ...LINE_PARAMETERS,
    normalisation: {
      type: 'choice',
      description: 'by the number of pairs of other nodes, or none',
      default: 'pairs',
      choices: ['pairs', 'none'],
    },
    ...SAMPLING_PARAMETERS,
  },
  async compute(run, { normalisation, samples, seed, ...parameters }) {
    const line = await lineWalks(run, parameters, 'counts');
    const n = line.nodes.length;
    const isSampled = isSample(samples, line);
    const sources = sampleIndexes(n, isSampled ? samples : n, seed);
    const sums = await lineDependencies(run, line, sources);
    const pairs = ((n - 1) * (n - 2)) / 2;
    const divisor = normalisation === 'pairs' ? Math.max(pairs, 1) : 1;
    // Every pair was seen from both ends.
    const factor = isSampled ? n / samples / 2 / divisor : 0.5 / divisor;
    const bound = isSampled ? ((n / (n - 1)) * deviation(n, samples) * pairs) / divisor : 0;
    const computed = scoresByNode(
      run.graph,
      line,
      sums.map((score) => score * factor),
      'betweenness',
      samplingFacts(sources.length, bound),
    );
    return { ...computed, values: { ...computed.values, errorBound: Float64Array.of(bound) } };
  },
});
