/** Sums over all distances of an s-line graph, by node: what closeness, eccentricity and diameter are made of. */
import { allDistancesTask } from '../kernels/path-tasks.js';
import { arcsOf, type LineGraph } from './line-graph.js';
import type { KernelRun } from './run-kernel-task.js';

export interface LineDistances {
  readonly line: LineGraph;
  /** Of the distances to the nodes in reach: the largest, the sum, and the sum of the reciprocals. */
  readonly eccentricities: Uint32Array;
  readonly farness: Float64Array;
  readonly harmonic: Float64Array;
  /** Nodes in reach, the node itself included. */
  readonly reached: Uint32Array;
}

/** @throws AnantError `E_OUT_OF_MEMORY` */
export async function lineDistances(run: KernelRun, line: LineGraph): Promise<LineDistances> {
  const { eccentricities, farness, harmonic, reached } = await run.call(
    allDistancesTask,
    { ...(await arcsOf(run, line)) },
    {},
  );
  return { line, eccentricities, farness, harmonic, reached };
}

/** Whether every node can be reached from every other. */
export function isConnected({ reached }: LineDistances): boolean {
  return reached.length === 0 || reached[0] === reached.length;
}
