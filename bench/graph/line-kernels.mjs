/** s-line graphs and what is computed on them, kernel by kernel on the memory of a graph, in this thread. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileKernel, runKernel } from '@anant/core';
import {
  allDistancesTask,
  betweennessTask,
  cliqueEigenvectorTask,
  Hypergraph,
  KERNELS_URL,
  mirrorArcsTask,
  sComponentsTask,
  sLineBoundTask,
  sLineCountTask,
  sLineFillTask,
} from '@anant/graph';
import { inputsOf } from './kernels.mjs';

const kernel = compileKernel(readFileSync(fileURLToPath(KERNELS_URL)));

/** As the algorithms do: beyond this much room edges are counted first. */
const ROOM_BYTES_MAX = 2 ** 28;

/** Runs steps one after the other and gives all their arrays back to the memory at the end. */
function together(graph, steps) {
  const kept = [];
  const run = (definition, input) => {
    const { export: name, signature } = definition.reference();
    const result = runKernel({ kernel, export: name, signature }, input);
    kept.push(...Object.values(result).filter((value) => ArrayBuffer.isView(value)));
    return result;
  };
  const answer = steps(run);
  for (const array of kept) graph.memory.free(array);
  return answer;
}

function edgeSide(graph) {
  const { edgeOffsets, edgeMembers, vertexCount } = inputsOf(graph);
  return { edgeOffsets, edgeMembers, vertexCount };
}

function build(run, graph, s, detail) {
  const edges = { ...edgeSide(graph), s };
  const { sets, totals } = run(sLineBoundTask, { ...edges, merges: 1 });
  const [nodeCount, bound] = totals;
  const counted = () => run(sLineCountTask, { ...edges, sets, nodeCount }).result;
  const edgesMax = bound * 8 > ROOM_BYTES_MAX ? counted() : bound;
  const overlapCount = detail === 'overlaps' ? edgesMax : 0;
  const filled = run(sLineFillTask, { ...edges, sets, nodeCount, edgesMax, overlapCount });
  return { offsets: filled.offsets, neighbours: filled.neighbours.subarray(0, filled.result) };
}

function arcsOf(run, graph, s) {
  const { offsets, neighbours } = build(run, graph, s, 'no overlaps');
  const { arcOffsets, arcs } = run(mirrorArcsTask, { offsets, neighbours });
  return { offsets: arcOffsets, arcs, nodeCount: arcOffsets.length - 1 };
}

/** Number of edges, each with its overlap. */
export const lineGraph = (graph, s) =>
  together(graph, (run) => build(run, graph, s, 'overlaps').neighbours.length);

/** Number of components. */
export const sComponents = (graph, s) =>
  together(graph, (run) => run(sComponentsTask, { ...edgeSide(graph), s }).result);

/** The largest score, without any division. */
export const betweenness = (graph, s) =>
  together(graph, (run) => {
    const line = arcsOf(run, graph, s);
    const sources = Uint32Array.from({ length: line.nodeCount }, (_, node) => node);
    const input = { ...line, factors: new Float64Array(0), sources, blockSize: sources.length };
    return Math.max(...run(betweennessTask, input).scores) / 2;
  });

/** The sum of all distances, each pair once. */
export const allDistances = (graph, s) =>
  together(graph, (run) => {
    const line = arcsOf(run, graph, s);
    const { farness } = run(allDistancesTask, { ...line, from: 0, to: line.nodeCount });
    return farness.reduce((sum, far) => sum + far, 0) / 2;
  });

/** The eigenvalue. */
export const cliqueEigenvector = (graph, tolerance) =>
  together(graph, (run) => {
    const start = new Float64Array(graph.vertexCount).fill(1 / graph.vertexCount);
    const input = { ...edgeSide(graph), start, tolerance, iterationsMax: 10_000 };
    return run(cliqueEigenvectorTask, input).state[1];
  });

/** Every member set once: what other libraries are given too. */
export function distinctSets(graph) {
  const seen = new Map();
  for (let hyperedge = 0; hyperedge < graph.hyperedgeCount; hyperedge++) {
    const members = [...graph.membersOf(hyperedge)].sort((a, b) => a - b);
    seen.set(members.join(), members);
  }
  const vertices = Array.from({ length: graph.vertexCount }, (_, vertex) => vertex);
  return Hypergraph.from(seen.values(), { vertices });
}
