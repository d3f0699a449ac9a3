import { defineAlgorithm } from './algorithm.js';
import { lineDistances } from './line-distances.js';
import { LINE_PARAMETERS, type LineParameters } from './line-graph.js';
import { scoresByNode } from './line-scores.js';

export interface SClosenessParameters extends LineParameters {
  /** `whole` weighs by the share of nodes in reach, `component` looks at the own component only. @default 'whole' */
  readonly normalisation?: 'whole' | 'component';
}

/**
 * s-closeness of hyperedges. With r nodes of the s-line graph in reach, the own one included, sum F of the s-distances to
 * them and n nodes in all: `(r - 1) / F * (r - 1) / (n - 1)` for `whole` (Wasserman and Faust 1994, section 5.3.2,
 * which compares nodes of different components), `(r - 1) / F` for `component`. 0 for a hyperedge that shares s
 * vertices with no other or has fewer than `s` different members. With `of: 'vertices'` of vertices. Aksoy, Joslyn,
 * Ortiz Marrero, Praggastis and Purvine, "Hypernetwork science via high-order hypergraph walks" (2020), section 3.
 * @throws AnantError `E_OUT_OF_MEMORY`
 */
export const sCloseness = defineAlgorithm<SClosenessParameters, { readonly scores: Float64Array }>({
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
  },
  async compute(run, { normalisation, ...parameters }) {
    const { line, farness, reached } = await lineDistances(run, parameters);
    const others = line.nodes.length - 1;
    const scores = farness.map((far, node) => {
      const near = reached[node]! - 1;
      if (near === 0) return 0;
      return normalisation === 'whole' ? (near / far) * (near / others) : near / far;
    });
    return scoresByNode(run.graph, line, scores, 'closeness');
  },
});
