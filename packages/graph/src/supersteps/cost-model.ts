/**
 * What an algorithm takes on one machine and on partitions, estimated before anything runs. Pure. The constants are measured by
 * `bench/graph-supersteps.mjs` and `bench/graph.mjs` on the machine that docs/distributed-graphs.md names: they tell an
 * order of magnitude elsewhere.
 */
import type { ProgramName } from './programs/table.js';

/** Of an algorithm. */
export interface AlgorithmCosts {
  /** One thread's time per incidence and round, in nanoseconds. */
  readonly nsPerIncidence: number;
  /** Rounds of the kernel: iterations, or 1 for what reads the graph once. */
  readonly rounds: number;
  /** Supersteps on partitions. */
  readonly supersteps: number;
  /** Share of the boundary that crosses in a superstep, on average. */
  readonly boundaryShare: number;
  readonly bytesPerValue: number;
  /** What a superstep takes for an incidence, as a multiple of PageRank's, of which those of backends are. @default 1 */
  readonly stepFactor?: number;
}

/** Of a backend. */
export interface BackendCosts {
  /** A run of no supersteps, on an engine that runs already. */
  readonly startMs: number;
  /** A superstep with next to nothing to do. */
  readonly stepMs: number;
  /** Per incidence of the largest part and superstep, in nanoseconds; what moves the state included. */
  readonly nsPerIncidence: number;
  readonly nsPerByte: number;
}

export const ALGORITHM_COSTS: Readonly<Record<ProgramName, AlgorithmCosts>> = {
  pagerank: { nsPerIncidence: 5, rounds: 60, supersteps: 121, boundaryShare: 0.5, bytesPerValue: 8 },
  'restart-pagerank': {
    nsPerIncidence: 7,
    rounds: 60,
    supersteps: 121,
    boundaryShare: 0.5,
    bytesPerValue: 8,
  },
  components: { nsPerIncidence: 5, rounds: 1, supersteps: 5, boundaryShare: 0.2, bytesPerValue: 8 },
  'strong-components': {
    nsPerIncidence: 40,
    rounds: 1,
    supersteps: 60,
    boundaryShare: 0.1,
    bytesPerValue: 16,
  },
  'parallel-label-propagation': {
    nsPerIncidence: 40,
    rounds: 20,
    supersteps: 41,
    boundaryShare: 0.3,
    bytesPerValue: 12,
    stepFactor: 15,
  },
  bfs: { nsPerIncidence: 6, rounds: 1, supersteps: 14, boundaryShare: 0.1, bytesPerValue: 4 },
  degrees: { nsPerIncidence: 0.5, rounds: 1, supersteps: 0, boundaryShare: 0, bytesPerValue: 0 },
  katz: { nsPerIncidence: 7, rounds: 30, supersteps: 60, boundaryShare: 0.5, bytesPerValue: 8 },
  'clique-eigenvector': {
    nsPerIncidence: 7,
    rounds: 60,
    supersteps: 121,
    boundaryShare: 0.5,
    bytesPerValue: 8,
  },
  // Rounds vary more than those of others: tens on a dense hypergraph, thousands on a long one.
  'h-eigenvector': {
    nsPerIncidence: 18,
    rounds: 40,
    supersteps: 122,
    boundaryShare: 0.67,
    bytesPerValue: 8,
  },
  'z-eigenvector': {
    nsPerIncidence: 18,
    rounds: 60,
    supersteps: 182,
    boundaryShare: 0.67,
    bytesPerValue: 8,
  },
  'k-core': { nsPerIncidence: 35, rounds: 1, supersteps: 30, boundaryShare: 0.1, bytesPerValue: 8 },
};

export const BACKEND_COSTS: Readonly<Record<string, BackendCosts>> = {
  native: { startMs: 105, stepMs: 1, nsPerIncidence: 17, nsPerByte: 2.4 },
  'native cluster': { startMs: 140, stepMs: 2.2, nsPerIncidence: 15, nsPerByte: 5.2 },
  dask: { startMs: 44, stepMs: 47, nsPerIncidence: 47, nsPerByte: 30 },
  ray: { startMs: 28, stepMs: 3.9, nsPerIncidence: 18, nsPerByte: 2.3 },
  celery: { startMs: 18, stepMs: 13, nsPerIncidence: 107, nsPerByte: 87 },
};

export interface EstimateInput {
  readonly program: ProgramName;
  readonly backend: string;
  readonly incidenceCount: number;
  /** Halo vertices and ghost hyperedges of all parts. */
  readonly boundary: number;
  /** Incidences of both sides of the largest part. */
  readonly incidencesMax: number;
  readonly partitions: number;
  /** Parts that can work at the same moment. */
  readonly slots: number;
  /** Largest graph that one machine holds, in incidences. */
  readonly incidencesMaxOneMemory?: number;
}

export interface Estimate {
  readonly backend: string;
  readonly partitions: number;
  readonly oneMachineMs: number;
  readonly partitionsMs: number;
  readonly supersteps: number;
  readonly boundaryBytesPerSuperstep: number;
  readonly better: 'one machine' | 'partitions';
  readonly reason: string;
}

/** Two 32-bit sides in 4 GiB. */
export const ONE_MEMORY_INCIDENCES_MAX = 400_000_000;
/** A kernel that has next to nothing to do, and its result. */
const TASK_MS = 0.4;
/** Measured on two parts, each with half of the incidences of both sides. */
const SIDES = 2;

/** @returns undefined for a backend that nothing is known of */
export function estimateSupersteps(input: EstimateInput): Estimate | undefined {
  const algorithm = ALGORITHM_COSTS[input.program];
  const costs = BACKEND_COSTS[input.backend];
  if (costs === undefined) return undefined;
  const { partitions, slots, incidenceCount, boundary, incidencesMax } = input;
  const oneMachineMs = TASK_MS + (incidenceCount * algorithm.nsPerIncidence * algorithm.rounds) / 1e6;
  const turns = Math.ceil(partitions / Math.max(1, slots));
  const boundaryBytes = boundary * algorithm.boundaryShare * algorithm.bytesPerValue;
  const partNs = turns * (incidencesMax / SIDES) * costs.nsPerIncidence * (algorithm.stepFactor ?? 1);
  const stepMs = costs.stepMs + (partNs + boundaryBytes * costs.nsPerByte) / 1e6;
  const partitionsMs = costs.startMs + algorithm.supersteps * stepMs;
  const isTooLarge = incidenceCount > (input.incidencesMaxOneMemory ?? ONE_MEMORY_INCIDENCES_MAX);
  const better = isTooLarge || partitionsMs < oneMachineMs ? 'partitions' : 'one machine';
  return {
    backend: input.backend,
    partitions,
    oneMachineMs,
    partitionsMs,
    supersteps: algorithm.supersteps,
    boundaryBytesPerSuperstep: Math.round(boundaryBytes),
    better,
    reason: reasonOf(better, isTooLarge, oneMachineMs, partitionsMs),
  };
}

function reasonOf(better: Estimate['better'], isTooLarge: boolean, oneMs: number, partsMs: number): string {
  if (isTooLarge) return 'the graph does not fit into one memory';
  const times = better === 'one machine' ? partsMs / oneMs : oneMs / partsMs;
  return `${better} is about ${times < 10 ? times.toFixed(1) : Math.round(times)} times as fast`;
}
