import { expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { communityCalls } from '../testing/community-calls.js';
import { dataPath } from '../testing/data-folder.js';
import { matrixCalls } from '../testing/matrix-calls.js';
import { traversalCalls } from '../testing/traversal-calls.js';
import {
  hashesInV8,
  hashesInWasmtime,
  type KernelCall,
  kernelCall,
  skewedHypergraph,
  wasmtimePython,
} from '../testing/two-engines.js';
import { bfsTask, componentsTask, degreesTask, kCoreTask, pagerankTask, sComponentsTask } from './tasks.js';

function callsOn(graph: Hypergraph): KernelCall[] {
  const { vertexCount, edgeToNodes, nodeToEdges } = graph;
  const edges = { edgeOffsets: edgeToNodes.offsets, edgeMembers: edgeToNodes.members };
  const nodes = { nodeOffsets: nodeToEdges.offsets, nodeMembers: nodeToEdges.members };
  return [
    kernelCall(degreesTask, { offsets: nodeToEdges.offsets }),
    kernelCall(bfsTask, { ...edges, ...nodes, source: vertexCount >> 1 }),
    kernelCall(componentsTask, { ...edges, vertexCount }),
    kernelCall(sComponentsTask, { ...edges, vertexCount, s: 2 }),
    kernelCall(kCoreTask, { ...edges, ...nodes, s: 2 }),
    ...communityCalls(graph),
    ...traversalCalls(graph),
    ...matrixCalls(graph),
    kernelCall(pagerankTask, {
      ...edges,
      vertexCount,
      sumCount: 3 * vertexCount,
      damping: 0.85,
      tolerance: 1e-10,
      iterationsMax: 500,
    }),
  ];
}

async function compare(graph: Hypergraph): Promise<void> {
  try {
    const calls = callsOn(graph);
    expect(hashesInWasmtime(calls)).toEqual(hashesInV8(calls));
  } finally {
    graph[Symbol.dispose]();
  }
}

test.skipIf(!wasmtimePython)(
  'V8 and wasmtime give the same bits (needs ANANT_PYTHON)',
  () => compare(skewedHypergraph()),
  120_000,
);

const tags = dataPath('medium', 'tags-ask-ubuntu');
test.skipIf(!wasmtimePython || !tags)(
  'V8 and wasmtime give the same bits on tags-ask-ubuntu (needs ANANT_PYTHON and ANANT_DATA_DIR)',
  async () => compare(await Hypergraph.load(tags!)),
  120_000,
);
