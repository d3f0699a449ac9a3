import { expect, test } from 'vitest';
import {
  hashesInV8,
  hashesInWasmtime,
  type KernelCall,
  kernelCall,
  runInV8,
  skewedHypergraph,
  wasmtimePython,
} from '../testing/two-engines.js';
import { countTrianglesTask, overlapClusteringTask } from './clustering-tasks.js';
import {
  internSubsetsTask,
  linkSubsetsTask,
  mirrorArcsTask,
  sLineBoundTask,
  sLineCountTask,
  sLineFillTask,
} from './line-tasks.js';
import { allDistancesTask, betweennessTask, nodeDistancesTask, sampleDistancesTask } from './path-tasks.js';

/** Every kernel from the hypergraph to betweenness, each on what the one before it gave. */
function callsOf(s: number): KernelCall[] {
  using graph = skewedHypergraph();
  const { vertexCount, edgeToNodes } = graph;
  const edges = { edgeOffsets: edgeToNodes.offsets.slice(), edgeMembers: edgeToNodes.members.slice() };
  const bound = kernelCall(sLineBoundTask, { ...edges, vertexCount, s, merges: 1 });
  const { sets, totals } = runInV8(bound) as unknown as Record<string, Uint32Array>;
  const [nodeCount] = [...totals!] as [number];
  const chosen = { ...edges, vertexCount, s, sets: sets!, nodeCount };
  const count = kernelCall(sLineCountTask, chosen);
  const edgeCount = runInV8(count).result as number;
  const fill = kernelCall(sLineFillTask, { ...chosen, edgesMax: edgeCount, overlapCount: edgeCount });
  const line = runInV8(fill) as unknown as Record<string, Uint32Array>;
  const mirror = kernelCall(mirrorArcsTask, { offsets: line.offsets!, neighbours: line.neighbours! });
  const mirrored = runInV8(mirror) as unknown as Record<string, Uint32Array>;
  const graphInputs = { offsets: mirrored.arcOffsets!, arcs: mirrored.arcs! };
  const subsetCalls = callsBySubsets(chosen, totals!);
  return [
    bound,
    count,
    fill,
    mirror,
    kernelCall(countTrianglesTask, { offsets: line.offsets!, neighbours: line.neighbours! }),
    kernelCall(overlapClusteringTask, {
      ...{ offsets: line.offsets!, neighbours: line.neighbours!, overlaps: line.overlaps! },
      ...{ degrees: line.nodes!.map((node) => 9 + (node % 7)), kind: 0 },
    }),
    kernelCall(nodeDistancesTask, { ...graphInputs, source: nodeCount >> 1 }),
    ...pathCalls({ ...graphInputs, nodeCount }, new Float64Array(0)),
    ...subsetCalls,
  ];
}

interface ChosenSets {
  readonly edgeOffsets: Uint32Array;
  readonly edgeMembers: Uint32Array;
  readonly vertexCount: number;
  readonly s: number;
  readonly sets: Uint32Array;
  readonly nodeCount: number;
}

/** What `internSubsets` gives. */
interface Subsets {
  readonly starts: Uint32Array;
  readonly subsets: Uint32Array;
  readonly counts: Uint32Array;
  readonly sizes: Uint8Array;
  readonly totals: Uint32Array;
}

interface Walks {
  readonly offsets: Uint32Array;
  readonly arcs: Uint32Array;
  readonly nodeCount: number;
}

/** The same walks through shared subsets, on sets of few vertices. */
function callsBySubsets(chosen: ChosenSets, totals: Uint32Array): KernelCall[] {
  const [, , ofS, , toS] = [...totals] as [number, number, number, number, number];
  const { s, nodeCount } = chosen;
  const intern = kernelCall(internSubsetsTask, {
    ...chosen,
    ...{ sizeMost: s, entryCount: toS, incidenceCount: ofS },
    ...{ slotCount: 2 ** Math.ceil(Math.log2(2 * toS + 2)), idCount: chosen.vertexCount + toS },
  });
  const { starts, subsets, counts, sizes, ...listed } = runInV8(intern) as unknown as Subsets;
  const [subsetCount, placeCount] = [...listed.totals] as [number, number];
  const link = kernelCall(linkSubsetsTask, {
    ...{ starts, subsets, counts, sizes, s, nodeCount, subsetCount, placeCount },
    ...{ rowCount: nodeCount + subsetCount, factorCount: subsetCount },
  });
  const linked = runInV8(link) as unknown as Walks & { readonly factors: Float64Array };
  const { offsets, arcs, factors } = linked;
  return [intern, link, ...pathCalls({ offsets, arcs, nodeCount }, factors)];
}

function pathCalls(input: Walks, factors: Float64Array): KernelCall[] {
  const { nodeCount } = input;
  const sources = Uint32Array.from({ length: 200 }, (_, i) => i);
  return [
    kernelCall(allDistancesTask, { ...input, from: 3, to: nodeCount - 2 }),
    kernelCall(sampleDistancesTask, {
      ...input,
      sources: Uint32Array.of(0, 5, nodeCount - 1),
      blockSize: 2,
    }),
    kernelCall(betweennessTask, { ...input, factors, sources, blockSize: 64 }),
  ];
}

test.skipIf(!wasmtimePython)('V8 and wasmtime give the same bits (needs ANANT_PYTHON)', () => {
  const calls = callsOf(2);
  expect(hashesInWasmtime(calls)).toEqual(hashesInV8(calls));
});
