/** Kernels of communities and of the clique expansion as portable tasks; inputs as in `tasks.ts`. */
import { defineKernelTask, type KernelArrayType, type KernelLength } from '@anant/core';
import { BOTH_INPUTS, EDGE_INPUTS } from './graph-inputs.js';
import { KERNELS_URL } from './module-url.js';

/** At least the number of pairs in all hyperedges, repeated ones too, or 0: then no room is taken for a list of them. */
const PAIRS_MAX = { name: 'pairsMax', role: 'in', type: 'u32' } as const;
const PAIRS = dirty('pairs', 'f64[]', { of: 'pairsMax' });

/** Scratch that is written before it is read. */
function dirty<const Name extends string, const Type extends KernelArrayType>(
  name: Name,
  type: Type,
  length: KernelLength,
) {
  return { name, role: 'scratch', type, length, contents: 'any' } as const;
}

/**
 * Communities by label propagation (definition: docs/graph.md). `labels` is the smallest vertex of each
 * community, `changed` counts the vertices that the last iteration changed: above 0 means it did not converge.
 * `modularity` is the strict hypergraph modularity, `result` the number of iterations. `arcsMax` bounds the pairs of
 * hyperedges up to 32 members, in both directions; `largeMembers` is the number of incidences when there are larger ones.
 */
export const labelPropagationTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'labelPropagation',
  name: 'graph.label-propagation',
  parameters: [
    ...BOTH_INPUTS,
    { name: 'resolution', role: 'in', type: 'f64' },
    { name: 'seed', role: 'in', type: 'u32' },
    { name: 'iterationsMax', role: 'in', type: 'u32' },
    { name: 'arcsMax', role: 'in', type: 'u32' },
    PAIRS_MAX,
    { name: 'largeMembers', role: 'in', type: 'u32' },
    { name: 'labels', role: 'out', type: 'u32[]', length: { of: 'nodeOffsets', plus: -1 } },
    { name: 'changed', role: 'out', type: 'u32[]', length: 1 },
    { name: 'modularity', role: 'out', type: 'f64[]', length: 1 },
    { name: 'order', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets' } },
    { name: 'active', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets' } },
    { name: 'sums', role: 'scratch', type: 'f64[]', length: { of: 'nodeOffsets' } },
    { name: 'touched', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets' } },
    { name: 'strengths', role: 'scratch', type: 'f64[]', length: { of: 'nodeOffsets' } },
    { name: 'volumes', role: 'scratch', type: 'f64[]', length: { of: 'nodeOffsets' } },
    { name: 'offsets', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets' } },
    dirty('neighbours', 'u32[]', { of: 'arcsMax' }),
    dirty('weights', 'f64[]', { of: 'arcsMax' }),
    { name: 'topLabels', role: 'scratch', type: 'u32[]', length: { of: 'largeMembers' } },
    { name: 'topCounts', role: 'scratch', type: 'u32[]', length: { of: 'largeMembers' } },
    { name: 'sizeCounts', role: 'scratch', type: 'u32[]', length: { of: 'edgeMembers', plus: 1 } },
    PAIRS,
  ],
  returns: 'u32',
});

/** Communities by label propagation that moves vertices at the same time (definition: docs/graph.md); outputs as before. */
export const parallelLabelsTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'parallelLabels',
  name: 'graph.parallel-label-propagation',
  parameters: [
    ...BOTH_INPUTS,
    { name: 'seed', role: 'in', type: 'u32' },
    { name: 'iterationsMax', role: 'in', type: 'u32' },
    { name: 'labels', role: 'out', type: 'u32[]', length: { of: 'nodeOffsets', plus: -1 } },
    { name: 'changed', role: 'out', type: 'u32[]', length: 1 },
    { name: 'modularity', role: 'out', type: 'f64[]', length: 1 },
    { name: 'sums', role: 'scratch', type: 'f64[]', length: { of: 'nodeOffsets' } },
    { name: 'touched', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets' } },
    { name: 'strengths', role: 'scratch', type: 'f64[]', length: { of: 'nodeOffsets' } },
    { name: 'volumes', role: 'scratch', type: 'f64[]', length: { of: 'nodeOffsets' } },
    dirty('topLabels', 'u32[]', { of: 'edgeMembers' }),
    { name: 'topCounts', role: 'scratch', type: 'u32[]', length: { of: 'edgeMembers' } },
    { name: 'sizeCounts', role: 'scratch', type: 'u32[]', length: { of: 'edgeMembers', plus: 1 } },
  ],
  returns: 'u32',
});

/**
 * Communities of the clique expansion by Louvain (`refinement` 0) or Leiden (1). `weighting` is 0 for one, 1 for count,
 * 2 for share; `arcsMax` bounds the pairs in both directions. `result` is the number of levels.
 */
export const louvainTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'louvain',
  name: 'graph.louvain',
  parameters: [
    ...BOTH_INPUTS,
    { name: 'weighting', role: 'in', type: 'u32' },
    { name: 'resolution', role: 'in', type: 'f64' },
    { name: 'seed', role: 'in', type: 'u32' },
    { name: 'refinement', role: 'in', type: 'u32' },
    { name: 'arcsMax', role: 'in', type: 'u32' },
    PAIRS_MAX,
    { name: 'labels', role: 'out', type: 'u32[]', length: { of: 'nodeOffsets', plus: -1 } },
    { name: 'modularity', role: 'out', type: 'f64[]', length: 1 },
    { name: 'rowOffsets', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets', times: 3 } },
    dirty('neighbours', 'u32[]', { of: 'arcsMax', times: 3 }),
    dirty('weights', 'f64[]', { of: 'arcsMax', times: 3 }),
    { name: 'vertices', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets', times: 8 } },
    { name: 'numbers', role: 'scratch', type: 'f64[]', length: { of: 'nodeOffsets', times: 7 } },
    PAIRS,
  ],
  returns: 'u32',
});

/**
 * The same of a weighted graph, without refinement: rows of `columns` and their `values`, every pair in both, as sparse
 * products give them.
 */
export const louvainRowsTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'louvainRows',
  name: 'graph.louvain-rows',
  parameters: [
    { name: 'offsets', role: 'in', type: 'u32[]' },
    { name: 'columns', role: 'in', type: 'u32[]' },
    { name: 'values', role: 'in', type: 'f64[]' },
    { name: 'resolution', role: 'in', type: 'f64' },
    { name: 'seed', role: 'in', type: 'u32' },
    { name: 'labels', role: 'out', type: 'u32[]', length: { of: 'offsets', plus: -1 } },
    { name: 'modularity', role: 'out', type: 'f64[]', length: 1 },
    { name: 'rowOffsets', role: 'scratch', type: 'u32[]', length: { of: 'offsets', times: 3 } },
    { name: 'neighbours', role: 'scratch', type: 'u32[]', length: { of: 'columns', times: 3 } },
    { name: 'weights', role: 'scratch', type: 'f64[]', length: { of: 'columns', times: 3 } },
    { name: 'vertices', role: 'scratch', type: 'u32[]', length: { of: 'offsets', times: 8 } },
    { name: 'numbers', role: 'scratch', type: 'f64[]', length: { of: 'offsets', times: 7 } },
  ],
  returns: 'u32',
});

/**
 * Communities of the hyperedges themselves, from the labels `start`: `kind` is 0 for strict, 1 for majority, 2 for linear
 * modularity. `result` is the number of rounds.
 */
export const hyperLouvainTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'hyperLouvain',
  name: 'graph.hyper-louvain',
  parameters: [
    ...EDGE_INPUTS,
    { name: 'start', role: 'in', type: 'u32[]' },
    { name: 'kind', role: 'in', type: 'u32' },
    { name: 'resolution', role: 'in', type: 'f64' },
    { name: 'seed', role: 'in', type: 'u32' },
    { name: 'labels', role: 'out', type: 'u32[]', length: { of: 'start' } },
    { name: 'modularity', role: 'out', type: 'f64[]', length: 1 },
    { name: 'levelOffsets', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets', times: 2 } },
    { name: 'levelMembers', role: 'scratch', type: 'u32[]', length: { of: 'edgeMembers', times: 8 } },
    { name: 'nodeWords', role: 'scratch', type: 'u32[]', length: { of: 'start', times: 11, plus: 3 } },
    { name: 'reals', role: 'scratch', type: 'f64[]', length: { of: 'start', times: 4 } },
    { name: 'sizeWords', role: 'scratch', type: 'u32[]', length: { of: 'edgeMembers', times: 2, plus: 2 } },
  ],
  returns: 'u32',
});

/** Number of different other vertices that share a hyperedge with each vertex. */
export const cliqueDegreesTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'cliqueDegrees',
  name: 'graph.clique-degrees',
  parameters: [
    ...BOTH_INPUTS,
    { name: 'degrees', role: 'out', type: 'u32[]', length: { of: 'nodeOffsets', plus: -1 } },
    { name: 'stamps', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets' } },
  ],
});

/**
 * The clique expansion as rows of neighbours, rising, with the weights of the pairs: every pair is in two rows. `arcs` is
 * the sum of the degrees of `cliqueDegreesTask`; `weighting` is 0 for one, 1 for count, 2 for share.
 */
export const cliqueExpansionTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'cliqueExpansion',
  name: 'graph.clique-expansion',
  parameters: [
    ...BOTH_INPUTS,
    { name: 'weighting', role: 'in', type: 'u32' },
    { name: 'arcs', role: 'in', type: 'u32' },
    { name: 'offsets', role: 'out', type: 'u32[]', length: { of: 'nodeOffsets' } },
    { name: 'neighbours', role: 'out', type: 'u32[]', length: { of: 'arcs' } },
    { name: 'weights', role: 'out', type: 'f64[]', length: { of: 'arcs' } },
    { name: 'sums', role: 'scratch', type: 'f64[]', length: { of: 'nodeOffsets' } },
    { name: 'touched', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets' } },
    dirty('unsorted', 'u32[]', { of: 'arcs' }),
    dirty('unsortedWeights', 'f64[]', { of: 'arcs' }),
  ],
});

/**
 * Modularities of given labels, each below the number of vertices: `values` are those of the clique expansion, strict,
 * majority and linear. `weighting` and `arcsMax` as for `louvainTask`.
 */
export const modularitiesTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'modularities',
  name: 'graph.modularities',
  parameters: [
    ...BOTH_INPUTS,
    { name: 'labels', role: 'in', type: 'u32[]' },
    { name: 'weighting', role: 'in', type: 'u32' },
    { name: 'resolution', role: 'in', type: 'f64' },
    { name: 'arcsMax', role: 'in', type: 'u32' },
    { name: 'values', role: 'out', type: 'f64[]', length: 4 },
    { name: 'sizeCounts', role: 'scratch', type: 'u32[]', length: { of: 'edgeMembers', plus: 1 } },
    { name: 'sums', role: 'scratch', type: 'f64[]', length: { of: 'nodeOffsets' } },
    { name: 'touched', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets' } },
    { name: 'offsets', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets' } },
    dirty('neighbours', 'u32[]', { of: 'arcsMax' }),
    dirty('weights', 'f64[]', { of: 'arcsMax' }),
  ],
});

/** Conductance of every label, at the label; labels are below the number of vertices. */
export const conductancesTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'conductances',
  name: 'graph.conductances',
  parameters: [
    ...EDGE_INPUTS,
    { name: 'labels', role: 'in', type: 'u32[]' },
    { name: 'values', role: 'out', type: 'f64[]', length: { of: 'labels' } },
    { name: 'volumes', role: 'scratch', type: 'u32[]', length: { of: 'labels' } },
    { name: 'cuts', role: 'scratch', type: 'u32[]', length: { of: 'labels' } },
    { name: 'stamps', role: 'scratch', type: 'u32[]', length: { of: 'labels' } },
  ],
});

/**
 * Spectral clustering into `k` clusters: `labels` is the smallest vertex of each vertex's cluster, a vertex without
 * hyperedges is alone; `eigenvalues` are the k largest. `residual` holds the largest residual of their vectors: from `tolerance`
 * on it did not converge. Sizes are those of `spectralRoom`. `result` is the number of products with a block.
 */
export const spectralClustersTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'spectralClusters',
  name: 'graph.spectral-clustering',
  parameters: [
    ...EDGE_INPUTS,
    { name: 'vertexCount', role: 'in', type: 'u32' },
    { name: 'k', role: 'in', type: 'u32' },
    { name: 'width', role: 'in', type: 'u32' },
    { name: 'basisSize', role: 'in', type: 'u32' },
    { name: 'seed', role: 'in', type: 'u32' },
    { name: 'tolerance', role: 'in', type: 'f64' },
    { name: 'iterationsMax', role: 'in', type: 'u32' },
    { name: 'rowNumbers', role: 'in', type: 'u32' },
    { name: 'imageNumbers', role: 'in', type: 'u32' },
    { name: 'smallNumbers', role: 'in', type: 'u32' },
    { name: 'labels', role: 'out', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'eigenvalues', role: 'out', type: 'f64[]', length: { of: 'k' } },
    { name: 'residual', role: 'out', type: 'f64[]', length: 1 },
    { name: 'scales', role: 'scratch', type: 'f64[]', length: { of: 'vertexCount' } },
    { name: 'isOut', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'trial', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'rows', role: 'scratch', type: 'f64[]', length: { of: 'rowNumbers' } },
    { name: 'image', role: 'scratch', type: 'f64[]', length: { of: 'imageNumbers' } },
    { name: 'values', role: 'scratch', type: 'f64[]', length: { of: 'width' } },
    { name: 'order', role: 'scratch', type: 'u32[]', length: { of: 'width' } },
    { name: 'small', role: 'scratch', type: 'f64[]', length: { of: 'smallNumbers' } },
  ],
  returns: 'u32',
});
