/** Estimates of a graph: divides it, runs nothing. */
import { availableParallelism } from 'node:os';
import type { Hypergraph } from '../hypergraph.js';
import { kernelOf } from './coordinators.js';
import { BACKEND_COSTS, type Estimate, estimateSupersteps } from './cost-model.js';
import { type Cut, type DivideOptions, planOf } from './plan.js';

export interface GraphEstimates {
  readonly algorithm: string;
  readonly partitions: number;
  readonly partitioner: string;
  readonly cut: Cut;
  /** One per backend that figures were measured for. */
  readonly estimates: readonly Estimate[];
}

/** @throws AnantError `E_GRAPH_INVALID` for an algorithm that does not run on partitions */
export async function estimateOnPartitions(
  graph: Hypergraph,
  algorithm: string,
  options: DivideOptions,
): Promise<GraphEstimates> {
  const { program } = kernelOf(algorithm);
  const { cut, partitioner } = await planOf(graph, options);
  const { partitions } = options;
  const common = { program, partitions, slots: availableParallelism(), incidenceCount: graph.incidenceCount };
  const estimates = Object.keys(BACKEND_COSTS).flatMap(
    (backend) => estimateSupersteps({ ...common, ...cut, backend }) ?? [],
  );
  return { algorithm, partitions, partitioner, cut, estimates };
}
