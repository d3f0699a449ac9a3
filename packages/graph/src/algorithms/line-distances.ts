/** Sums over all distances of an s-line graph, by node: what closeness, eccentricity and diameter are made of. */
import { allDistancesTask } from '../kernels/path-tasks.js';
import type { LineWalks } from './line-walks.js';
import type { KernelRun } from './run-kernel-task.js';
import { blockSizeFor, inBlocks } from './source-blocks.js';

export interface LineDistances {
  readonly line: LineWalks;
  /** Of the distances to the nodes in reach: the largest, the sum, and the sum of the reciprocals. */
  readonly eccentricities: Uint32Array;
  readonly farness: Float64Array;
  readonly harmonic: Float64Array;
  /** Nodes in reach, the node itself included. */
  readonly reached: Uint32Array;
}

/** Nodes that the kernel searches from at once. */
const BATCH = 128;

/** @throws AnantError `E_TIMEOUT` when it takes longer than the run may */
export async function lineDistances(run: KernelRun, line: LineWalks): Promise<LineDistances> {
  const { offsets, arcs } = line;
  const nodeCount = line.nodes.length;
  const sums = {
    eccentricities: new Uint32Array(nodeCount),
    farness: new Float64Array(nodeCount),
    harmonic: new Float64Array(nodeCount),
    reached: new Uint32Array(nodeCount),
  };
  await inBlocks(run, {
    total: nodeCount,
    blockSize: Math.ceil(blockSizeFor(arcs.length) / BATCH) * BATCH,
    isDivided: run.isOnGraphMemory(allDistancesTask),
    call: (from, to) => run.call(allDistancesTask, { offsets, arcs }, { nodeCount, from, to }),
    // A node belongs to one block: the others have 0 for it.
    add(block) {
      for (let node = 0; node < nodeCount; node++) {
        sums.eccentricities[node]! += block.eccentricities[node]!;
        sums.farness[node]! += block.farness[node]!;
        sums.harmonic[node]! += block.harmonic[node]!;
        sums.reached[node]! += block.reached[node]!;
      }
    },
  });
  return { line, ...sums };
}

/** Whether every node can be reached from every other. */
export function isConnected({ reached }: LineDistances): boolean {
  return reached.length === 0 || reached[0] === reached.length;
}
