/** The partitioners that come with the package, by name. */
import { BOTH_SIDES, EDGE_SIDE, type KernelRun } from '../algorithms/run-kernel-task.js';
import { partitionTask, streamPartitionTask } from '../kernels/partition-tasks.js';
import type { Partitioner, PartitionOptions } from './partitioner.js';

/** Values of the kernel's `method`. */
const HASH = 0;
const STREAM = 1;

/** Words of working memory per vertex, hyperedge and incidence, and beside. */
const WORDS_EACH = 24;
const WORDS_BESIDE = 262_144;

async function onePass(
  run: KernelRun,
  method: number,
  { k, seed }: PartitionOptions,
  partMax: number,
): Promise<Uint32Array> {
  return (await run.call(streamPartitionTask, BOTH_SIDES, { method, k, seed, partMax })).parts;
}

/** By a hash of the vertex: knows nothing of hyperedges and keeps to no bound. */
export const hashPartitioner: Partitioner = {
  name: 'hash',
  divide: (run, options, partMax) => onePass(run, HASH, options, partMax),
};

/**
 * One pass over the vertices by connectivity, keeping to the bound. Eyubov, Fonseca Faraj and Schulz, "FREIGHT: fast
 * streaming hypergraph partitioning" (SEA 2023).
 */
export const streamPartitioner: Partitioner = {
  name: 'stream',
  divide: (run, options, partMax) => onePass(run, STREAM, options, partMax),
};

/**
 * Multilevel bisection with moves of Fiduccia and Mattheyses, the best of `restarts` runs, keeping to the bound. Karypis,
 * Aggarwal, Kumar and Shekhar, "Multilevel hypergraph partitioning: applications in VLSI domain", IEEE Trans. VLSI 7 (1999).
 * @param restarts From 1.
 */
export function multilevelPartitioner(restarts: number): Partitioner {
  return {
    name: 'multilevel',
    async divide(run, { k, seed }, partMax) {
      const { vertexCount, hyperedgeCount, incidenceCount } = run.graph;
      const arenaWords = WORDS_EACH * (vertexCount + hyperedgeCount + incidenceCount) + WORDS_BESIDE;
      const { parts } = await run.call(partitionTask, EDGE_SIDE, {
        vertexCount,
        k,
        partMax,
        seed,
        restarts,
        arenaWords,
      });
      return parts;
    },
  };
}
