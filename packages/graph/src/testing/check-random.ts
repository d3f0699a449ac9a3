/** For tests: a check on many random hypergraphs, as lists and as a `Hypergraph` that keeps them as they are. */
import fc from 'fast-check';
import { Hypergraph } from '../hypergraph.js';
import { type RandomHypergraph, randomHypergraph } from './random-hypergraph.js';

export function onRandomHypergraphs(
  check: (random: RandomHypergraph, graph: Hypergraph) => Promise<void>,
  runs = 60,
): Promise<void> {
  return fc.assert(
    fc.asyncProperty(randomHypergraph, async (random) => {
      using graph = Hypergraph.from(random.hyperedges, {
        vertices: Array.from({ length: random.vertexCount }, (_, id) => id),
        repeatedMembers: 'keep',
      });
      await check(random, graph);
    }),
    { numRuns: runs },
  );
}
