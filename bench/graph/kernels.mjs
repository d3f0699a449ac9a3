/** The kernels on the memory of a graph, in this thread: laid out, run and read as a native worker does. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileKernel, runKernel } from '@anant/core';
import {
  bfsTask,
  componentsTask,
  KERNELS_URL,
  kCoreTask,
  pagerankSumCount,
  pagerankTask,
  sComponentsTask,
  spmvTask,
} from '@anant/graph';

const kernel = compileKernel(readFileSync(fileURLToPath(KERNELS_URL)));

/** Runs one kernel, gives its result arrays back to the memory and returns its `result`. */
function run(graph, definition, input) {
  const { export: name, signature } = definition.reference();
  const { result, ...arrays } = runKernel({ kernel, export: name, signature }, input);
  for (const array of Object.values(arrays)) graph.memory.free(array);
  return result;
}

/** The arrays of a graph by the names that kernels use. */
export function inputsOf(graph) {
  const { edgeToNodes, nodeToEdges, vertexCount } = graph;
  return {
    edgeOffsets: edgeToNodes.offsets,
    edgeMembers: edgeToNodes.members,
    nodeOffsets: nodeToEdges.offsets,
    nodeMembers: nodeToEdges.members,
    vertexCount,
  };
}

export function components(graph) {
  const { edgeOffsets, edgeMembers, vertexCount } = inputsOf(graph);
  return run(graph, componentsTask, { edgeOffsets, edgeMembers, vertexCount });
}

export function bfs(graph, source) {
  const { vertexCount, ...arrays } = inputsOf(graph);
  return run(graph, bfsTask, { ...arrays, source });
}

export function pagerank(graph, parameters) {
  const { edgeOffsets, edgeMembers, vertexCount } = inputsOf(graph);
  const sumCount = pagerankSumCount(graph);
  return run(graph, pagerankTask, { edgeOffsets, edgeMembers, vertexCount, sumCount, ...parameters });
}

export function sComponents(graph, s) {
  const { edgeOffsets, edgeMembers, vertexCount } = inputsOf(graph);
  return run(graph, sComponentsTask, { edgeOffsets, edgeMembers, vertexCount, s });
}

export function kCore(graph) {
  const { vertexCount: _, ...arrays } = inputsOf(graph);
  return run(graph, kCoreTask, { ...arrays, s: 2 });
}

/** Input of one product of the incidence matrix with a vector; give its arrays back with `free`. */
export function spmvInput(graph) {
  const { memory, edgeToNodes, vertexCount } = graph;
  const x = memory.allocate('f64[]', vertexCount);
  for (let vertex = 0; vertex < vertexCount; vertex++) x[vertex] = 1 / (vertex + 1);
  return {
    offsets: edgeToNodes.offsets,
    columns: edgeToNodes.members,
    values: memory.allocate('f64[]', 0),
    x,
    mask: memory.allocate('u8[]', 0),
    semiring: 0,
  };
}

export function spmv(graph, input) {
  run(graph, spmvTask, input);
}
