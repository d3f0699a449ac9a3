/** What nodes of an s-line graph carry of the shortest walks from some of them: what betweenness is made of. */
import { betweennessTask } from '../kernels/path-tasks.js';
import type { LineWalks } from './line-walks.js';
import type { KernelRun } from './run-kernel-task.js';
import { blockSizeFor, inBlocks } from './source-blocks.js';

/**
 * Sums over `sources` of the share of their shortest s-walks that run through each node.
 * @throws AnantError `E_TIMEOUT` when it takes longer than the run may
 */
export async function lineDependencies(
  run: KernelRun,
  line: LineWalks,
  sources: Uint32Array,
): Promise<Float64Array> {
  const { offsets, arcs, factors } = line;
  const nodeCount = line.nodes.length;
  const blockSize = blockSizeFor(arcs.length);
  const sums = new Float64Array(nodeCount);
  await inBlocks(run, {
    total: sources.length,
    blockSize,
    isDivided: run.isOnGraphMemory(betweennessTask),
    call: (from, to) =>
      run.call(
        betweennessTask,
        { offsets, arcs, sources: sources.subarray(from, to) },
        { factors, nodeCount, blockSize },
      ),
    add({ scores }) {
      for (let node = 0; node < nodeCount; node++) sums[node]! += scores[node]!;
    },
  });
  return sums;
}
