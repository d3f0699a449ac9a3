/** For tests: calls of the kernels that walk, to compare hosts with. */
import type { Hypergraph } from '../hypergraph.js';
import {
  assortativityTask,
  encapsulationTask,
  independentSetTask,
  starExpansionTask,
  toplexesTask,
} from '../kernels/structure-tasks.js';
import * as tasks from '../kernels/traversal-tasks.js';
import { type KernelCall, kernelCall } from './two-engines.js';

export function traversalCalls({ edgeToNodes, nodeToEdges, vertexCount }: Hypergraph): KernelCall[] {
  const edges = { edgeOffsets: edgeToNodes.offsets, edgeMembers: edgeToNodes.members };
  const nodes = { nodeOffsets: nodeToEdges.offsets, nodeMembers: nodeToEdges.members };
  const walk = { ...edges, directions: new Uint8Array(0), vertexCount };
  const edgeWeights = Float64Array.from(
    { length: edges.edgeOffsets.length - 1 },
    (_, edge) => 1 + (edge % 7) / 8,
  );
  const source = vertexCount >> 1;
  return [
    kernelCall(tasks.strongComponentsTask, walk),
    kernelCall(tasks.depthFirstTask, { ...walk, way: 1, source }),
    kernelCall(tasks.shortestPathsTask, { ...walk, edgeWeights, way: 0, source }),
    kernelCall(tasks.cutVerticesTask, { ...edges, ...nodes }),
    kernelCall(toplexesTask, { ...edges, ...nodes }),
    kernelCall(encapsulationTask, { ...edges, ...nodes, pairsMax: 1_000 }),
    ...[0, 1, 2].map((kind) => kernelCall(assortativityTask, { ...edges, vertexCount, kind })),
    kernelCall(independentSetTask, { ...edges, ...nodes, strong: 1, seed: 3 }),
    kernelCall(starExpansionTask, { ...edges, vertexCount }),
  ];
}
