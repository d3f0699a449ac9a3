/** Which kernels have the same results by supersteps, and how their inputs become parameters of the program. */
import type { Coordinator, ProgramParameters, WholeGraph } from './program.js';
import { componentsCoordinator } from './programs/components.js';
import { coresCoordinator } from './programs/cores.js';
import { degreesCoordinator } from './programs/degrees.js';
import { distancesCoordinator } from './programs/distances.js';
import { katzCoordinator } from './programs/katz.js';
import { pagerankCoordinator } from './programs/pagerank.js';
import type { ProgramName } from './programs/table.js';

export interface SuperstepKernel {
  readonly program: ProgramName;
  /** @param arrays Which array of the graph each input is. */
  parameters(arrays: Readonly<Record<string, unknown>>, scalars: ProgramParameters): ProgramParameters;
  coordinator(whole: WholeGraph, parameters: ProgramParameters): Coordinator;
}

const scalarsOnly = (_arrays: unknown, scalars: ProgramParameters) => scalars;

const kernels: Readonly<Record<string, SuperstepKernel>> = {
  'graph.pagerank': { program: 'pagerank', parameters: scalarsOnly, coordinator: pagerankCoordinator },
  'graph.components': { program: 'components', parameters: scalarsOnly, coordinator: componentsCoordinator },
  'graph.bfs': {
    program: 'bfs',
    parameters: scalarsOnly,
    coordinator: (_whole, parameters) => distancesCoordinator(parameters),
  },
  'graph.degrees': {
    program: 'degrees',
    parameters: ({ offsets }) => ({ ofHyperedges: offsets === 'edgeOffsets' ? 1 : 0 }),
    coordinator: (_whole, parameters) => degreesCoordinator(parameters),
  },
  'graph.katz': { program: 'katz', parameters: scalarsOnly, coordinator: katzCoordinator },
  'graph.k-core': { program: 'k-core', parameters: scalarsOnly, coordinator: coresCoordinator },
};

/** Algorithms that run on partitions. */
export const SUPERSTEP_ALGORITHMS = Object.values(kernels).map(({ program }) => program);

export function superstepKernel(task: string): SuperstepKernel | undefined {
  return Object.hasOwn(kernels, task) ? kernels[task] : undefined;
}
