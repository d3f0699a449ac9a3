/** For tests: calls of the community kernels, to compare hosts with. */
import type { Hypergraph } from '../hypergraph.js';
import * as tasks from '../kernels/community-tasks.js';
import { partitionCutTask, partitionTask, streamPartitionTask } from '../kernels/partition-tasks.js';
import { spectralRoom } from '../kernels/spectral-room.js';
import { type KernelCall, kernelCall } from './two-engines.js';

export function communityCalls({ edgeToNodes, nodeToEdges, vertexCount }: Hypergraph): KernelCall[] {
  const edges = { edgeOffsets: edgeToNodes.offsets, edgeMembers: edgeToNodes.members };
  const nodes = { nodeOffsets: nodeToEdges.offsets, nodeMembers: nodeToEdges.members };
  const sizes = edgeToNodes.offsets
    .subarray(1)
    .map((end, hyperedge) => end - edgeToNodes.offsets[hyperedge]!);
  const arcsMax = Math.min(
    sizes.reduce((sum, size) => sum + size * (size - 1), 0),
    vertexCount * (vertexCount - 1),
  );
  const labels = Uint32Array.from({ length: vertexCount }, (_, vertex) => vertex % 7);
  const pairsMax = sizes.reduce((sum, size) => sum + (size * (size - 1)) / 2, 0);
  const one = { ...edges, ...nodes, resolution: 1, arcsMax };
  const words = edgeToNodes.offsets.length + nodeToEdges.offsets.length + edgeToNodes.members.length;
  const arenaWords = 24 * words + 262_144;
  const parts = { k: 3, partMax: Math.ceil(vertexCount / 2.5), seed: 5 };
  const spectral = {
    k: 4,
    seed: 3,
    tolerance: 1e-9,
    iterationsMax: 8,
    ...spectralRoom(vertexCount, 4),
  };
  return [
    kernelCall(tasks.labelPropagationTask, {
      ...one,
      pairsMax: 0,
      seed: 7,
      iterationsMax: 100,
      largeMembers: edgeToNodes.members.length,
    }),
    kernelCall(tasks.parallelLabelsTask, { ...edges, ...nodes, seed: 7, iterationsMax: 100 }),
    kernelCall(tasks.louvainTask, { ...one, pairsMax, seed: 7, weighting: 2, refinement: 0 }),
    kernelCall(tasks.louvainTask, { ...one, pairsMax: 0, seed: 8, weighting: 1, refinement: 1 }),
    kernelCall(tasks.louvainRowsTask, {
      offsets: Uint32Array.of(0, 2, 4, 6, 8),
      columns: Uint32Array.of(1, 2, 0, 3, 0, 3, 1, 2),
      values: Float64Array.of(2, 0.1, 2, 0.3, 0.1, 1.7, 0.3, 1.7),
      resolution: 1,
      seed: 4,
    }),
    ...[0, 1, 2].map((kind) =>
      kernelCall(tasks.hyperLouvainTask, { ...edges, start: labels, kind, resolution: 1, seed: 9 }),
    ),
    kernelCall(tasks.modularitiesTask, { ...one, labels, weighting: 2 }),
    kernelCall(tasks.conductancesTask, { ...edges, labels }),
    kernelCall(tasks.spectralClustersTask, { ...edges, vertexCount, ...spectral }),
    kernelCall(tasks.cliqueDegreesTask, { ...edges, ...nodes }),
    kernelCall(partitionTask, { ...edges, vertexCount, ...parts, restarts: 1, arenaWords }),
    kernelCall(streamPartitionTask, { ...edges, ...nodes, ...parts, method: 1 }),
    kernelCall(partitionCutTask, { ...edges, parts: labels, partBound: 7 }),
  ];
}
