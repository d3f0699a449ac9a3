/** Measures that are defined for uniform hypergraphs only, and the others refused. */
import { AnantError } from '@anant/core';
import type { MemberRange } from '../store/member-range.js';

/**
 * The number of different members that every hyperedge has; 2 without hyperedges.
 * @param nameOf The id of a hyperedge.
 * @throws AnantError `E_GRAPH_INVALID`, naming two hyperedges of different sizes, or one with fewer than two members.
 */
export function uniformSize(
  range: MemberRange,
  algorithm: string,
  nameOf: (hyperedge: number) => unknown,
): number {
  if (range === undefined) return 2;
  const { least, most } = range;
  if (least.count === most.count && least.count >= 2) return least.count;
  const found = (least.count === most.count ? [least] : [least, most])
    .toSorted((a, b) => a.hyperedge - b.hyperedge)
    .map(
      ({ hyperedge, count }) =>
        `hyperedge ${nameOf(hyperedge)} has ${count} different member${count === 1 ? '' : 's'}`,
    );
  throw new AnantError(
    'E_GRAPH_INVALID',
    `"${algorithm}" is defined only for hypergraphs whose hyperedges all have the same number of members, at least 2: ` +
      `${found.join(', ')}.`,
    {
      advice:
        'Take the hyperedges of one size, or an algorithm for any: clique-eigenvector, node-edge, pagerank.',
    },
  );
}
