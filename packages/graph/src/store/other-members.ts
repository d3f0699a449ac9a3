import type { Incidence } from './incidence.js';

/**
 * Most other members over all hyperedges of a vertex, each as often as they share one, at least 1: the largest row sum of the clique
 * expansion, and no eigenvalue of it is larger.
 */
export function mostOtherMembers(
  { offsets, members }: Incidence,
  sizeOf: (hyperedge: number) => number,
): number {
  let most = 1;
  for (let vertex = 0; vertex + 1 < offsets.length; vertex++) {
    let sum = 0;
    for (let i = offsets[vertex]!; i < offsets[vertex + 1]!; i++) sum += sizeOf(members[i]!) - 1;
    most = Math.max(most, sum);
  }
  return most;
}
