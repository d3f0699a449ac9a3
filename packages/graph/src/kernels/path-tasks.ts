/**
 * Kernels about shortest paths in ordinary undirected graphs, as portable tasks. `arcs` from `offsets[n]` are all
 * neighbours of node n, rising, every edge in both directions, as `mirrorArcsTask` gives them. Malformed arrays end as
 * `E_KERNEL_TRAP`.
 */
import { defineKernelTask } from '@anant/core';
import { KERNELS_URL } from './module-url.js';

/** Distances from `source`, -1 where there is no way; `result` counts the nodes reached. */
export const nodeDistancesTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'nodeDistances',
  name: 'graph.node-distances',
  parameters: [
    { name: 'offsets', role: 'in', type: 'u32[]' },
    { name: 'arcs', role: 'in', type: 'u32[]' },
    { name: 'source', role: 'in', type: 'u32' },
    { name: 'distances', role: 'out', type: 'i32[]', length: { of: 'offsets', plus: -1 } },
    { name: 'queue', role: 'scratch', type: 'u32[]', length: { of: 'offsets' } },
  ],
  returns: 'u32',
});

/**
 * Of all distances from each node: the largest, the number of nodes in reach (itself included), the sum, and the sum of
 * the reciprocals.
 */
export const allDistancesTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'allDistances',
  name: 'graph.all-distances',
  parameters: [
    { name: 'offsets', role: 'in', type: 'u32[]' },
    { name: 'arcs', role: 'in', type: 'u32[]' },
    { name: 'eccentricities', role: 'out', type: 'u32[]', length: { of: 'offsets', plus: -1 } },
    { name: 'reached', role: 'out', type: 'u32[]', length: { of: 'offsets', plus: -1 } },
    { name: 'farness', role: 'out', type: 'f64[]', length: { of: 'offsets', plus: -1 } },
    { name: 'harmonic', role: 'out', type: 'f64[]', length: { of: 'offsets', plus: -1 } },
    { name: 'order', role: 'scratch', type: 'u32[]', length: { of: 'offsets' } },
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
    { name: 'offsets', role: 'in', type: 'u32[]' },
    { name: 'arcs', role: 'in', type: 'u32[]' },
    { name: 'sources', role: 'in', type: 'u32[]' },
    { name: 'farness', role: 'out', type: 'f64[]', length: { of: 'offsets', plus: -1 } },
    { name: 'harmonic', role: 'out', type: 'f64[]', length: { of: 'offsets', plus: -1 } },
    { name: 'near', role: 'out', type: 'u32[]', length: { of: 'offsets', plus: -1 } },
    { name: 'depths', role: 'out', type: 'u32[]', length: { of: 'offsets', plus: -1 } },
    { name: 'reached', role: 'out', type: 'u32[]', length: { of: 'offsets', plus: -1 } },
    { name: 'distances', role: 'scratch', type: 'i32[]', length: { of: 'offsets' } },
    { name: 'queue', role: 'scratch', type: 'u32[]', length: { of: 'offsets' } },
  ],
});

/** Sum over `sources` of the share of their shortest paths that runs through each node. */
export const betweennessTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'betweenness',
  name: 'graph.betweenness',
  parameters: [
    { name: 'offsets', role: 'in', type: 'u32[]' },
    { name: 'arcs', role: 'in', type: 'u32[]' },
    { name: 'sources', role: 'in', type: 'u32[]' },
    { name: 'scores', role: 'out', type: 'f64[]', length: { of: 'offsets', plus: -1 } },
    { name: 'distances', role: 'scratch', type: 'i32[]', length: { of: 'offsets' } },
    { name: 'paths', role: 'scratch', type: 'f64[]', length: { of: 'offsets' } },
    { name: 'ratios', role: 'scratch', type: 'f64[]', length: { of: 'offsets' } },
    { name: 'scales', role: 'scratch', type: 'f64[]', length: { of: 'offsets', plus: 1 } },
    { name: 'order', role: 'scratch', type: 'u32[]', length: { of: 'offsets' } },
  ],
});
