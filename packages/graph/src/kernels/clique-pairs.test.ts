import { seededRandom } from '@anant/core/testing';
import { expect, test } from 'vitest';
import { Hypergraph } from '../graph.js';
import { kernelCall, runInV8 } from '../testing/two-engines.js';
import { cliqueDegreesTask, labelPropagationTask, louvainTask } from './community-tasks.js';

test('communities do not depend on whether pairs are listed or gathered', () => {
  const random = seededRandom(11);
  for (let round = 0; round < 20; round++) {
    const vertexCount = 2 + Math.floor(random() * 40);
    const member = () => Math.floor(random() * vertexCount);
    const lists = Array.from({ length: 60 }, () => Array.from({ length: Math.floor(random() * 7) }, member));
    const vertices = Array.from({ length: vertexCount }, (_, vertex) => vertex);
    using graph = Hypergraph.from(lists, { vertices, repeatedMembers: round % 2 === 0 ? 'keep' : 'merge' });
    const edges = { edgeOffsets: graph.edgeToNodes.offsets, edgeMembers: graph.edgeToNodes.members };
    const both = { ...edges, nodeOffsets: graph.nodeToEdges.offsets, nodeMembers: graph.nodeToEdges.members };
    const degrees = runInV8(kernelCall(cliqueDegreesTask, both)).degrees as Uint32Array;
    const arcsMax = degrees.reduce((sum, degree) => sum + degree, 0);
    const settings = { resolution: 0.5, seed: 3, arcsMax };
    const inBothWays = (call: (pairsMax: number) => Record<string, unknown>) =>
      [21 * 60, 0].map((pairsMax) => Array.from(call(pairsMax).labels as Uint32Array));
    const propagated = inBothWays((pairsMax) =>
      runInV8(
        kernelCall(labelPropagationTask, {
          ...both,
          ...settings,
          iterationsMax: 50,
          largeMembers: 0,
          pairsMax,
        }),
      ),
    );
    expect(propagated[0]).toEqual(propagated[1]);
    const moved = inBothWays((pairsMax) =>
      runInV8(kernelCall(louvainTask, { ...both, ...settings, weighting: 2, refinement: 1, pairsMax })),
    );
    expect(moved[0]).toEqual(moved[1]);
  }
});
