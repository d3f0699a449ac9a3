/** What algorithms of communities have in common: the parameters, and how communities are told to people. */
import type { Hypergraph } from '../hypergraph.js';
import type { Computed } from './algorithm.js';
import { firstOfGroup, groupSizes, largestGroups, percent } from './groups.js';
import type { Fact, ResultValues } from './result.js';

export const SEED = {
  type: 'integer',
  description: 'gives the order of vertices and decides between equals',
  default: 0,
  minimum: 0,
  maximum: 0xffff_ffff,
} as const;

export const RESOLUTION = {
  type: 'number',
  description: 'weight of what is expected by chance: larger for more and smaller communities',
  default: 1,
  minimum: 0,
  maximum: 1e6,
} as const;

const EXAMPLES = 5;

export interface CommunityValues extends ResultValues {
  readonly labels: Uint32Array;
}

/** Six digits, as summaries show numbers. */
export const rounded = (value: number): number => Number(value.toPrecision(6));

/** A result with canonical labels: how many communities, how large, and the largest ones. */
export function describeCommunities<Values extends CommunityValues>(
  graph: Hypergraph,
  values: Values,
  facts: readonly Fact[],
): Computed<Values> {
  const { labels } = values;
  const groups = groupSizes(labels);
  const communities = groups.sizes.reduce((count, size) => count + (size > 0 ? 1 : 0), 0);
  return {
    values,
    summary: [
      { name: 'communities', value: communities },
      { name: 'largest', value: `${groups.largest} vertices (${percent(groups.largest, labels.length)})` },
      { name: 'single vertices', value: groups.singletons },
      ...facts,
    ],
    table: (count) => ({
      columns: ['community', 'vertices', 'examples'],
      rows: largestGroups(groups, count).map((label) => [
        graph.labelOf(label),
        groups.sizes[label]!,
        firstOfGroup(labels, label, EXAMPLES)
          .map((vertex) => graph.labelOf(vertex))
          .join(', '),
      ]),
    }),
  };
}
