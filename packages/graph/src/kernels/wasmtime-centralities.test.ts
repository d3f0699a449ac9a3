import { expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import {
  hashesInV8,
  hashesInWasmtime,
  type KernelCall,
  kernelCall,
  skewedHypergraph,
  wasmtimePython,
} from '../testing/two-engines.js';
import {
  cliqueEigenvectorTask,
  hEigenvectorTask,
  katzTask,
  nodeEdgeTask,
  restartPagerankTask,
  zEigenvectorTask,
} from './centrality-tasks.js';

const LIMITS = { tolerance: 1e-9, iterationsMax: 200 };

function inputsOf(graph: Hypergraph) {
  const { vertexCount, edgeToNodes } = graph;
  const start = new Float64Array(vertexCount).fill(1 / vertexCount);
  return {
    edges: { edgeOffsets: edgeToNodes.offsets, edgeMembers: edgeToNodes.members, vertexCount },
    start,
  };
}

function callsOn(graph: Hypergraph, uniform: Hypergraph): KernelCall[] {
  const { edges, start } = inputsOf(graph);
  const restart = new Float64Array(graph.vertexCount);
  restart.fill(0.25, 7, 11);
  const same = inputsOf(uniform);
  return [
    kernelCall(cliqueEigenvectorTask, { ...edges, ...LIMITS, start }),
    kernelCall(nodeEdgeTask, { ...edges, ...LIMITS, start, edgePower: 3, nodePower: 10 }),
    kernelCall(katzTask, { ...edges, ...LIMITS, alpha: 1e-5 }),
    kernelCall(restartPagerankTask, { ...edges, ...LIMITS, restart, damping: 0.85 }),
    kernelCall(hEigenvectorTask, { ...same.edges, ...LIMITS, start: same.start, size: 5 }),
    kernelCall(zEigenvectorTask, { ...same.edges, ...LIMITS, start: same.start, size: 5 }),
  ];
}

/** 5 members each: a chain, and hyperedges across it. */
function uniformHypergraph(): Hypergraph {
  const chain = Array.from({ length: 500 }, (_, link) => [0, 1, 2, 3, 4].map((at) => 4 * link + at));
  const across = Array.from({ length: 2_000 }, (_, i) =>
    [0, 1, 2, 3, 4].map((at) => (i * 7 + at * at * 97) % 2_001),
  );
  return Hypergraph.from([...chain, ...across.filter((members) => new Set(members).size === 5)]);
}

test.skipIf(!wasmtimePython)('V8 and wasmtime give the same bits (needs ANANT_PYTHON)', () => {
  using graph = skewedHypergraph();
  using uniform = uniformHypergraph();
  const calls = callsOn(graph, uniform);
  expect(hashesInWasmtime(calls)).toEqual(hashesInV8(calls));
});
