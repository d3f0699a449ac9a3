import { seededRandom } from '@anant/core/testing';
import { expect, test } from 'vitest';
import { Hypergraph } from '../graph.js';
import { kernelCall, runInV8 } from '../testing/two-engines.js';
import { cliqueDegreesTask, countArcsTask, labelPropagationTask } from './community-tasks.js';

test('cells of pairs count the pairs that rows have, and communities do not depend on which are used', () => {
  const random = seededRandom(11);
  for (let round = 0; round < 20; round++) {
    const vertexCount = 2 + Math.floor(random() * 40);
    const member = () => Math.floor(random() * vertexCount);
    const lists = Array.from({ length: 60 }, () => Array.from({ length: Math.floor(random() * 7) }, member));
    const vertices = Array.from({ length: vertexCount }, (_, vertex) => vertex);
    using graph = Hypergraph.from(lists, { vertices, repeatedMembers: round % 2 === 0 ? 'keep' : 'merge' });
    const edges = { edgeOffsets: graph.edgeToNodes.offsets, edgeMembers: graph.edgeToNodes.members };
    const both = { ...edges, nodeOffsets: graph.nodeToEdges.offsets, nodeMembers: graph.nodeToEdges.members };
    const cellCount = (vertexCount * (vertexCount - 1)) / 2;
    const degrees = runInV8(kernelCall(cliqueDegreesTask, both)).degrees as Uint32Array;
    const arcsMax = degrees.reduce((sum, degree) => sum + degree, 0);
    expect(runInV8(kernelCall(countArcsTask, { ...edges, vertexCount, cellCount })).result).toBe(arcsMax);
    const settings = { resolution: 0.5, seed: 3, iterationsMax: 50, arcsMax, largeMembers: 0 };
    const [dense, sparse] = [cellCount, 0].map((count) =>
      runInV8(kernelCall(labelPropagationTask, { ...both, ...settings, cellCount: count })),
    );
    expect(Array.from(dense!.labels as Uint32Array)).toEqual(Array.from(sparse!.labels as Uint32Array));
  }
});
