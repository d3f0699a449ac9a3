/** Which kernels have the same results by supersteps, and how their inputs become parameters of the program. */
import { AnantError } from '@anant/core';
import type { Coordinator, ProgramParameters, WholeGraph } from './program.js';
import { cliqueEigenvectorCoordinator } from './programs/clique-eigenvector.js';
import { componentsCoordinator } from './programs/components.js';
import { coresCoordinator } from './programs/cores.js';
import { degreesCoordinator } from './programs/degrees.js';
import { distancesCoordinator } from './programs/distances.js';
import { hEigenvectorCoordinator } from './programs/h-eigenvector.js';
import { katzCoordinator } from './programs/katz.js';
import { pagerankCoordinator } from './programs/pagerank.js';
import { parallelLabelsCoordinator } from './programs/parallel-labels.js';
import { restartPagerankCoordinator } from './programs/restart-pagerank.js';
import { strongComponentsCoordinator } from './programs/strong-components.js';
import type { ProgramName } from './programs/table.js';
import { zEigenvectorCoordinator } from './programs/z-eigenvector.js';

export interface SuperstepKernel {
  readonly program: ProgramName;
  /** Names of the algorithms that need nothing else. */
  readonly algorithms: readonly string[];
  /** @param arrays Which array of the graph each input is. */
  parameters(arrays: Readonly<Record<string, unknown>>, scalars: ProgramParameters): ProgramParameters;
  /** @param inputs Those of the kernel that are no arrays of the graph. */
  coordinator(
    whole: WholeGraph,
    parameters: ProgramParameters,
    inputs: Readonly<Record<string, unknown>>,
  ): Coordinator;
}

const scalarsOnly = (_arrays: unknown, scalars: ProgramParameters) => scalars;
const uniformParameters = (
  _arrays: unknown,
  { size = 2, tolerance = 0, iterationsMax = 0 }: ProgramParameters,
) => ({ size, tolerance, iterationsMax });

const kernels: Readonly<Record<string, SuperstepKernel>> = {
  'graph.pagerank': {
    algorithms: ['pagerank'],
    program: 'pagerank',
    parameters: scalarsOnly,
    coordinator: pagerankCoordinator,
  },
  'graph.restart-pagerank': {
    algorithms: ['pagerank'],
    program: 'restart-pagerank',
    parameters: (_arrays, { damping = 0, tolerance = 0, iterationsMax = 0 }) => ({
      damping,
      tolerance,
      iterationsMax,
    }),
    coordinator: restartPagerankCoordinator,
  },
  'graph.components': {
    algorithms: ['components'],
    program: 'components',
    parameters: scalarsOnly,
    coordinator: componentsCoordinator,
  },
  'graph.strong-components': {
    algorithms: ['strong-components'],
    program: 'strong-components',
    parameters: () => ({}),
    coordinator: strongComponentsCoordinator,
  },
  'graph.parallel-label-propagation': {
    algorithms: ['parallel-label-propagation'],
    program: 'parallel-label-propagation',
    parameters: scalarsOnly,
    coordinator: parallelLabelsCoordinator,
  },
  'graph.bfs': {
    algorithms: ['bfs'],
    program: 'bfs',
    parameters: scalarsOnly,
    coordinator: (_whole, parameters) => distancesCoordinator(parameters),
  },
  'graph.degrees': {
    algorithms: ['degrees'],
    program: 'degrees',
    parameters: ({ offsets }) => ({ ofHyperedges: offsets === 'edgeOffsets' ? 1 : 0 }),
    coordinator: (_whole, parameters) => degreesCoordinator(parameters),
  },
  'graph.katz': {
    algorithms: ['katz'],
    program: 'katz',
    parameters: scalarsOnly,
    coordinator: katzCoordinator,
  },
  'graph.clique-eigenvector': {
    algorithms: ['clique-eigenvector'],
    program: 'clique-eigenvector',
    parameters: (_arrays, { tolerance = 0, iterationsMax = 0 }) => ({ tolerance, iterationsMax }),
    coordinator: cliqueEigenvectorCoordinator,
  },
  'graph.h-eigenvector': {
    algorithms: ['h-eigenvector'],
    program: 'h-eigenvector',
    parameters: uniformParameters,
    coordinator: hEigenvectorCoordinator,
  },
  'graph.z-eigenvector': {
    algorithms: ['z-eigenvector'],
    program: 'z-eigenvector',
    parameters: uniformParameters,
    coordinator: zEigenvectorCoordinator,
  },
  'graph.k-core': {
    algorithms: ['k-core', 'hypercore'],
    program: 'k-core',
    parameters: scalarsOnly,
    coordinator: coresCoordinator,
  },
};

/** Algorithms that run on partitions. */
export const SUPERSTEP_ALGORITHMS = [
  ...new Set(Object.values(kernels).flatMap(({ algorithms }) => algorithms)),
];

/** The kernel whose program an algorithm runs on parts, with its default parameters. */
export function kernelFor(algorithm: string): SuperstepKernel | undefined {
  return Object.values(kernels).find(({ algorithms }) => algorithms.includes(algorithm));
}

/** @throws AnantError `E_GRAPH_INVALID` for an algorithm that does not run on partitions */
export function kernelOf(algorithm: string): SuperstepKernel {
  const kernel = kernelFor(algorithm);
  if (kernel !== undefined) return kernel;
  throw new AnantError('E_GRAPH_INVALID', `"${algorithm}" does not run on partitions.`, {
    advice: `Those that do: ${SUPERSTEP_ALGORITHMS.join(', ')}.`,
  });
}

export function superstepKernel(task: string): SuperstepKernel | undefined {
  return Object.hasOwn(kernels, task) ? kernels[task] : undefined;
}
