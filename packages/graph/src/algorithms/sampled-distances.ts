/** Closeness and harmonic centrality from the distances to some nodes, with what they may be off by. */
import { sampleDistancesTask } from '../kernels/path-tasks.js';
import type { LineNodes } from './line-graph.js';
import type { LineWalks } from './line-walks.js';
import type { Fact } from './result.js';
import type { KernelRun } from './run-kernel-task.js';
import { sampleIndexes } from './sample-indexes.js';
import { blockSizeFor, inBlocks } from './source-blocks.js';

/** How likely it is that no score is further off than the bound. */
export const CONFIDENCE = 0.95;

/** The parameters of everything that can look at some nodes only. */
export const SAMPLING_PARAMETERS = {
  samples: {
    type: 'integer',
    description: 'nodes whose paths are counted; 0 for all',
    default: 0,
    minimum: 0,
    maximum: 0xffff_fffe,
  },
  seed: {
    type: 'integer',
    description: 'chooses the samples',
    default: 0,
    minimum: 0,
    maximum: 0xffff_ffff,
  },
} as const;

export interface SamplingParameters {
  /** Nodes whose shortest paths are counted, chosen by `seed`; 0 for all of them, which is exact. @default 0 */
  readonly samples?: number;
  /** From 0. @default 0 */
  readonly seed?: number;
}

/** Scores by hyperedge (or vertex), and how far the largest error goes; 0 when exact. */
export interface SampledValues {
  readonly [name: string]: Float64Array;
  readonly scores: Float64Array;
  readonly errorBound: Float64Array;
}

export interface SampledDistances {
  readonly line: LineWalks;
  readonly samples: number;
  /** Sums over the samples in reach, and how many those are. */
  readonly farness: Float64Array;
  readonly harmonic: Float64Array;
  readonly near: Uint32Array;
  /** Least eccentricity of a sample in reach, and the size of the component. */
  readonly depths: Uint32Array;
  readonly reached: Uint32Array;
}

/** Whether so many samples are fewer than all nodes. */
export const isSample = (samples: number, { nodes }: LineNodes): boolean =>
  samples > 0 && samples < nodes.length;

/** @throws AnantError `E_TIMEOUT` when it takes longer than the run may */
export async function sampledDistances(
  run: KernelRun,
  line: LineWalks,
  { samples, seed }: { readonly samples: number; readonly seed: number },
): Promise<SampledDistances> {
  const { offsets, arcs } = line;
  const nodeCount = line.nodes.length;
  const sources = sampleIndexes(nodeCount, samples, seed);
  const blockSize = blockSizeFor(arcs.length);
  const sums = {
    farness: new Float64Array(nodeCount),
    harmonic: new Float64Array(nodeCount),
    near: new Uint32Array(nodeCount),
    depths: new Uint32Array(nodeCount),
    reached: new Uint32Array(nodeCount),
  };
  await inBlocks(run, {
    total: sources.length,
    blockSize,
    isDivided: run.isOnGraphMemory(sampleDistancesTask),
    call: (from, to) =>
      run.call(
        sampleDistancesTask,
        { offsets, arcs, sources: sources.subarray(from, to) },
        { nodeCount, blockSize },
      ),
    add(block) {
      sums.reached.set(block.reached);
      for (let node = 0; node < nodeCount; node++) {
        sums.farness[node]! += block.farness[node]!;
        sums.harmonic[node]! += block.harmonic[node]!;
        const depth = block.near[node]! === 0 ? sums.depths[node]! : block.depths[node]!;
        sums.depths[node] = sums.near[node]! === 0 ? depth : Math.min(depth, sums.depths[node]!);
        sums.near[node]! += block.near[node]!;
      }
    },
  });
  return { line, samples, ...sums };
}

/** Of means of k of n numbers in [0, 1], for all n nodes at once: Hoeffding 1963, theorem 2 and section 6. */
export function deviation(n: number, k: number): number {
  return Math.sqrt(Math.log((2 * n) / (1 - CONFIDENCE)) / (2 * k));
}

export interface FarnessRange {
  readonly least: number;
  readonly most: number;
  /** The value to take; undefined without a sample in reach. */
  readonly middle: number | undefined;
}

/** Where the sum of the distances of a node lies. No two nodes of its component are further apart than twice any depth. */
export function farnessOf(sampled: SampledDistances, node: number): FarnessRange {
  const { farness, near, depths, reached, line } = sampled;
  const [r, k] = [reached[node]!, near[node]!];
  const ends = { least: r - 1, most: (r * (r - 1)) / 2 };
  if (k === 0) return { ...ends, middle: undefined };
  const middle = (r * farness[node]!) / k;
  if (k === r) return { least: middle, most: middle, middle };
  const off = r * Math.min(2 * depths[node]!, r - 1) * deviation(line.nodes.length, k);
  const within = (value: number) => Math.min(Math.max(value, ends.least), ends.most);
  return { least: within(middle - off), most: within(middle + off), middle: within(middle) };
}

export function samplingFacts(sources: number, bound: number): Fact[] {
  return [
    { name: 'sources', value: sources },
    { name: `largest error (probability ${CONFIDENCE})`, value: Number(bound.toPrecision(3)) },
  ];
}
