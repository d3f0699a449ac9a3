import { defineAlgorithm } from './algorithm.js';
import { lineDistances } from './line-distances.js';
import { LINE_PARAMETERS, type LineParameters } from './line-graph.js';
import { scoresByNode } from './line-scores.js';
import { lineWalks } from './line-walks.js';
import {
  farnessOf,
  isSample,
  SAMPLING_PARAMETERS,
  type SampledDistances,
  type SampledValues,
  type SamplingParameters,
  sampledDistances,
  samplingFacts,
} from './sampled-distances.js';

export interface SClosenessParameters extends LineParameters, SamplingParameters {
  /** `whole` weighs by the share of nodes in reach, `component` looks at the own component only. @default 'whole' */
  readonly normalisation?: 'whole' | 'component';
}

/**
 * s-closeness of hyperedges. With r nodes of the s-line graph in reach, the own one included, sum F of the s-distances to
 * them and n nodes in all: `(r - 1) / F * (r - 1) / (n - 1)` for `whole` (Wasserman and Faust 1994, section 5.3.2,
 * which compares nodes of different components), `(r - 1) / F` for `component`. 0 for a hyperedge that shares s
 * vertices with no other or has fewer than `s` different members. With `of: 'vertices'` of vertices. Aksoy, Joslyn,
 * Ortiz Marrero, Praggastis and Purvine, "Hypernetwork science via high-order hypergraph walks" (2020), section 3.
 *
 * With `samples` k below n, F is estimated as r times the mean distance to those of the k nodes that are in reach (Eppstein and
 * Wang, "Fast approximation of centrality", 2004); r is exact. With probability at least 0.95 no score is off by more than
 * `values.errorBound[0]`: each mean of j samples is off by at most D * sqrt(ln(2 n / 0.05) / (2 j)), where D, twice the least
 * eccentricity of a sample in reach, bounds all distances there (Hoeffding 1963, theorem 2 and section 6), and F is from
 * r - 1 to r (r - 1) / 2. Where no sample is in reach the score is the middle of what these allow. `s-harmonic` has a tighter bound.
 * @throws AnantError `E_OUT_OF_MEMORY`; `E_TIMEOUT` when it takes longer than the run may
 */
export const sCloseness = defineAlgorithm<SClosenessParameters, SampledValues>({
  name: 's-closeness',
  description: 'How near each hyperedge is to those it can reach, by s-distance.',
  parameters: {
    ...LINE_PARAMETERS,
    normalisation: {
      type: 'choice',
      description: 'by all nodes of the line graph, or by those of the component',
      default: 'whole',
      choices: ['whole', 'component'],
    },
    ...SAMPLING_PARAMETERS,
  },
  async compute(run, { normalisation, samples, seed, ...parameters }) {
    const line = await lineWalks(run, parameters, 'distances');
    const others = line.nodes.length - 1;
    const closeness = (near: number, far: number) =>
      normalisation === 'whole' ? (near / far) * (near / others) : near / far;
    if (isSample(samples, line)) {
      const sampled = await sampledDistances(run, line, { samples, seed });
      const { scores, bound } = estimate(sampled, closeness);
      const computed = scoresByNode(run.graph, line, scores, 'closeness', samplingFacts(samples, bound));
      return { ...computed, values: { ...computed.values, errorBound: Float64Array.of(bound) } };
    }
    const { farness, reached } = await lineDistances(run, line);
    const scores = farness.map((far, node) => (reached[node] === 1 ? 0 : closeness(reached[node]! - 1, far)));
    const computed = scoresByNode(run.graph, line, scores, 'closeness');
    return { ...computed, values: { ...computed.values, errorBound: Float64Array.of(0) } };
  },
});

function estimate(sampled: SampledDistances, closeness: (near: number, far: number) => number) {
  let bound = 0;
  const scores = sampled.farness.map((_, node) => {
    const near = sampled.reached[node]! - 1;
    if (near === 0) return 0;
    const { least, most, middle } = farnessOf(sampled, node);
    const [highest, lowest] = [closeness(near, least), closeness(near, most)];
    const score = middle === undefined ? (highest + lowest) / 2 : closeness(near, middle);
    bound = Math.max(bound, highest - score, score - lowest);
    return score;
  });
  return { scores, bound };
}
