/** Decides whether a graph is divided, where nobody asked for a number of parts: only where the estimate says that it pays. */
import { availableParallelism } from 'node:os';
import type { Hypergraph } from '../hypergraph.js';
import { kernelFor } from './coordinators.js';
import { type Estimate, estimateSupersteps } from './cost-model.js';
import { type DivideOptions, planOf } from './plan.js';

export interface ChooseOptions {
  readonly backend: string;
  readonly partitioner: DivideOptions['partitioner'];
  /** Parts that can work at the same moment: slots of the backend. @default processors of this machine */
  readonly slots?: number;
  /** Largest graph that one machine holds, in incidences. */
  readonly incidencesMaxOneMemory?: number;
}

export interface PartitionChoice {
  /** Missing when it is not divided. */
  readonly partitions?: number;
  /** For people: `not divided: …` or `divided into 8: …`. */
  readonly reason: string;
  readonly estimate?: Estimate;
}

const PARTITIONS_MAX = 64;

/** Divides the graph only when it could pay with a cut of nothing and parts of equal size. */
export async function choosePartitions(
  graph: Hypergraph,
  algorithm: string,
  { backend, partitioner, slots = availableParallelism(), incidencesMaxOneMemory }: ChooseOptions,
): Promise<PartitionChoice> {
  const program = kernelFor(algorithm)?.program;
  if (program === undefined) return { reason: `not divided: ${algorithm} does not run on partitions` };
  const partitions = Math.min(slots, graph.vertexCount, PARTITIONS_MAX);
  if (partitions < 2) return { reason: 'not divided: there is one slot, or one vertex' };
  const { incidenceCount } = graph;
  const limit = incidencesMaxOneMemory !== undefined && { incidencesMaxOneMemory };
  const common = { program, backend, incidenceCount, partitions, slots, ...limit };
  const best = estimateSupersteps({
    ...common,
    boundary: 0,
    incidencesMax: (2 * incidenceCount) / partitions,
  });
  if (best === undefined) return { reason: `not divided: no costs are known of ${backend}` };
  if (best.better === 'one machine') return { reason: `not divided: ${told(best)}, at best`, estimate: best };
  const { cut } = await planOf(graph, { partitions, partitioner });
  const estimate = estimateSupersteps({ ...common, ...cut })!;
  return estimate.better === 'one machine'
    ? { reason: `not divided: ${told(estimate)}`, estimate }
    : { partitions, reason: `divided into ${partitions}: ${told(estimate)}`, estimate };
}

function told({ reason, oneMachineMs, partitionsMs, partitions, backend }: Estimate): string {
  const ms = (value: number) => `${Math.max(1, Math.round(value))} ms`;
  return `${reason} (${ms(oneMachineMs)} on one thread, ${ms(partitionsMs)} in ${partitions} parts on ${backend})`;
}
