/** What algorithms of communities have in common: the parameters, and how communities are told to people. */
import type { Hypergraph } from '../hypergraph.js';
import type { Computed } from './algorithm.js';
import { describeGroups } from './groups.js';
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
  const count = labels.reduce((sum, label, vertex) => sum + (label === vertex ? 1 : 0), 0);
  const { summary, table } = describeGroups(graph, labels, { one: 'community', many: 'communities', count });
  return { values, summary: [...summary, ...facts], table };
}
