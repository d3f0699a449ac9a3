/** For tests: calls of the kernels that count and walk, to compare hosts with. */
import { MOTIF_CLASSES } from '../algorithms/motif-classes.js';
import * as tasks from '../kernels/counting-tasks.js';
import { type KernelCall, kernelCall, skewedHypergraph } from './two-engines.js';

export function countingCalls(): KernelCall[] {
  const { edgeToNodes, nodeToEdges, vertexCount } = skewedHypergraph();
  const edges = { edgeOffsets: edgeToNodes.offsets, edgeMembers: edgeToNodes.members };
  const both = { ...edges, nodeOffsets: nodeToEdges.offsets, nodeMembers: nodeToEdges.members };
  const walks = { length: 7, walkCount: 2 * vertexCount, seed: 3, placeCount: 16 * vertexCount };
  // Three hyperedges of which each two share one vertex.
  const line = { offsets: Uint32Array.of(0, 2, 4, 6), neighbours: Uint32Array.of(1, 2, 0, 2, 0, 1) };
  const motifs = {
    edgeOffsets: Uint32Array.of(0, 2, 4, 6),
    edgeMembers: Uint32Array.of(0, 1, 1, 2, 2, 0),
    vertexCount: 3,
    ...line,
    overlaps: new Uint32Array(6).fill(1),
    classes: MOTIF_CLASSES,
  };
  return [
    kernelCall(tasks.closedTriplesTask, both),
    kernelCall(tasks.randomWalksTask, { ...both, ...walks }),
    kernelCall(tasks.simplicialClosureTask, {
      edgeOffsets: Uint32Array.of(0, 2, 4, 6, 9),
      edgeMembers: Uint32Array.of(0, 1, 1, 2, 2, 0, 0, 1, 2),
      nodeOffsets: Uint32Array.of(0, 3, 6, 9),
      nodeMembers: Uint32Array.of(0, 2, 3, 0, 1, 3, 1, 2, 3),
      pairOffsets: Uint32Array.of(0, 2, 4, 6),
      pairs: Uint32Array.of(1, 2, 0, 2, 0, 1),
      pairCounts: Float64Array.of(2, 1, 2, 1, 1, 1),
      before: 3,
    }),
    kernelCall(tasks.hMotifsTask, motifs),
    kernelCall(tasks.sampleHMotifsTask, { ...motifs, samples: 50, seed: 4 }),
  ];
}
