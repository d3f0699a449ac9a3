/**
 * Kernels about shortest paths in ordinary undirected graphs, as portable tasks. `arcs` from `offsets[n]` are all
 * neighbours of node n, every edge in both directions, as `mirrorArcsTask` gives them; `nodeCount` is their number. Or they are
 * nodes and what joins them, the shared subsets that `linkSubsetsTask` puts behind the first `nodeCount`: a step then leads from
 * node to subset to node. Malformed arrays end as `E_KERNEL_TRAP`.
 */
import { defineKernelTask } from '@anant/core';
import { KERNELS_URL } from './module-url.js';

const GRAPH = [
  { name: 'offsets', role: 'in', type: 'u32[]' },
  { name: 'arcs', role: 'in', type: 'u32[]' },
] as const;

const NODE_COUNT = { name: 'nodeCount', role: 'in', type: 'u32' } as const;

/** Sources, and how many of them are summed up before their sums are added to those of the others. */
const SOURCES = [
  { name: 'sources', role: 'in', type: 'u32[]' },
  { name: 'blockSize', role: 'in', type: 'u32' },
] as const;

const BLOCK = { name: 'block', role: 'scratch', type: 'f64[]', length: { of: 'nodeCount' } } as const;

/** Distances along arcs (half a step each where there are subsets) from `source`, -1 where there is no way; `result` counts the nodes reached. */
export const nodeDistancesTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'nodeDistances',
  name: 'graph.node-distances',
  parameters: [
    ...GRAPH,
    { name: 'source', role: 'in', type: 'u32' },
    { name: 'distances', role: 'out', type: 'i32[]', length: { of: 'offsets', plus: -1 } },
    { name: 'queue', role: 'scratch', type: 'u32[]', length: { of: 'offsets' } },
  ],
  returns: 'u32',
});

/**
 * Of all distances from each node: the largest, the number of nodes in reach (itself included), the sum, and the sum of
 * the reciprocals. Of the nodes from `from` to `to` only, counted as a search of the components lists them; 0 for others.
 */
export const allDistancesTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'allDistances',
  name: 'graph.all-distances',
  parameters: [
    ...GRAPH,
    NODE_COUNT,
    { name: 'from', role: 'in', type: 'u32' },
    { name: 'to', role: 'in', type: 'u32' },
    { name: 'eccentricities', role: 'out', type: 'u32[]', length: { of: 'nodeCount' } },
    { name: 'reached', role: 'out', type: 'u32[]', length: { of: 'nodeCount' } },
    { name: 'farness', role: 'out', type: 'f64[]', length: { of: 'nodeCount' } },
    { name: 'harmonic', role: 'out', type: 'f64[]', length: { of: 'nodeCount' } },
    { name: 'order', role: 'scratch', type: 'u32[]', length: { of: 'offsets' } },
    { name: 'listed', role: 'scratch', type: 'u32[]', length: { of: 'offsets' } },
    { name: 'seen', role: 'scratch', type: 'u32[]', length: { of: 'offsets', times: 4 } },
    { name: 'visit', role: 'scratch', type: 'u32[]', length: { of: 'offsets', times: 4 } },
    { name: 'next', role: 'scratch', type: 'u32[]', length: { of: 'offsets', times: 4 } },
    { name: 'counts', role: 'scratch', type: 'u32[]', length: 128 },
  ],
});

/**
 * Of the distances between each node and some `sources`: the sum, the sum of the reciprocals, how many are in reach, and the
 * least eccentricity of those; `reached` is the size of the node's component.
 */
export const sampleDistancesTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'sampleDistances',
  name: 'graph.sample-distances',
  parameters: [
    ...GRAPH,
    NODE_COUNT,
    ...SOURCES,
    { name: 'farness', role: 'out', type: 'f64[]', length: { of: 'nodeCount' } },
    { name: 'harmonic', role: 'out', type: 'f64[]', length: { of: 'nodeCount' } },
    { name: 'near', role: 'out', type: 'u32[]', length: { of: 'nodeCount' } },
    { name: 'depths', role: 'out', type: 'u32[]', length: { of: 'nodeCount' } },
    { name: 'reached', role: 'out', type: 'u32[]', length: { of: 'nodeCount' } },
    { name: 'distances', role: 'scratch', type: 'i32[]', length: { of: 'offsets' } },
    { name: 'queue', role: 'scratch', type: 'u32[]', length: { of: 'offsets' } },
    BLOCK,
  ],
});

/**
 * Sum over `sources` of the share of their shortest paths that runs through each node. `factors` are those of the subsets; of
 * length 0 without subsets.
 */
export const betweennessTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'betweenness',
  name: 'graph.betweenness',
  parameters: [
    ...GRAPH,
    { name: 'factors', role: 'in', type: 'f64[]' },
    NODE_COUNT,
    ...SOURCES,
    { name: 'scores', role: 'out', type: 'f64[]', length: { of: 'nodeCount' } },
    { name: 'distances', role: 'scratch', type: 'i32[]', length: { of: 'offsets' } },
    { name: 'paths', role: 'scratch', type: 'f64[]', length: { of: 'offsets' } },
    { name: 'ratios', role: 'scratch', type: 'f64[]', length: { of: 'offsets' } },
    { name: 'scales', role: 'scratch', type: 'f64[]', length: { of: 'offsets', plus: 1 } },
    { name: 'order', role: 'scratch', type: 'u32[]', length: { of: 'offsets' } },
    BLOCK,
  ],
});
