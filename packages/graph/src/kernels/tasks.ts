/**
 * The graph kernels as portable tasks. Inputs are the arrays of a `Hypergraph`: `edgeOffsets` and `edgeMembers` are
 * `edgeToNodes`, `nodeOffsets` and `nodeMembers` are `nodeToEdges`. Malformed arrays end as `E_KERNEL_TRAP`.
 */
import { defineKernelTask } from '@anant/core';
import { KERNELS_URL } from './module-url.js';

/** Lengths of the lists of one side: degrees of vertices over `nodeToEdges`, sizes of hyperedges over `edgeToNodes`. */
export const degreesTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'degrees',
  name: 'graph.degrees',
  parameters: [
    { name: 'offsets', role: 'in', type: 'u32[]' },
    { name: 'degrees', role: 'out', type: 'u32[]', length: { of: 'offsets', plus: -1 }, contents: 'any' },
  ],
});

/** Levels of vertices from `source` in hyperedge hops, -1 where there is no way; `result` counts those reached. */
export const bfsTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'breadthFirstSearch',
  name: 'graph.bfs',
  parameters: [
    { name: 'edgeOffsets', role: 'in', type: 'u32[]' },
    { name: 'edgeMembers', role: 'in', type: 'u32[]' },
    { name: 'nodeOffsets', role: 'in', type: 'u32[]' },
    { name: 'nodeMembers', role: 'in', type: 'u32[]' },
    { name: 'source', role: 'in', type: 'u32' },
    { name: 'levels', role: 'out', type: 'i32[]', length: { of: 'nodeOffsets', plus: -1 }, contents: 'any' },
    { name: 'states', role: 'scratch', type: 'u8[]', length: { of: 'edgeOffsets', plus: 3 } },
    { name: 'queue', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets' }, contents: 'any' },
  ],
  returns: 'u32',
});

/** Smallest vertex of each vertex's connected component; `result` counts the components. */
export const componentsTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'connectedComponents',
  name: 'graph.components',
  parameters: [
    { name: 'edgeOffsets', role: 'in', type: 'u32[]' },
    { name: 'edgeMembers', role: 'in', type: 'u32[]' },
    { name: 'vertexCount', role: 'in', type: 'u32' },
    { name: 'labels', role: 'out', type: 'u32[]', length: { of: 'vertexCount' }, contents: 'any' },
  ],
  returns: 'u32',
});

/**
 * Smallest hyperedge of each hyperedge's s-component, 4294967295 where it has fewer than `s` members; `sets` is the
 * smallest hyperedge with the same members; `result` counts the components. `s` is at least 1.
 */
export const sComponentsTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'sComponents',
  name: 'graph.s-components',
  parameters: [
    { name: 'edgeOffsets', role: 'in', type: 'u32[]' },
    { name: 'edgeMembers', role: 'in', type: 'u32[]' },
    { name: 'vertexCount', role: 'in', type: 'u32' },
    { name: 's', role: 'in', type: 'u32' },
    { name: 'labels', role: 'out', type: 'u32[]', length: { of: 'edgeOffsets', plus: -1 } },
    { name: 'sets', role: 'out', type: 'u32[]', length: { of: 'edgeOffsets', plus: -1 } },
    { name: 'sizes', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
    { name: 'hashes', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
    { name: 'table', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets', times: 4 } },
    { name: 'stamps', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'ranks', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'starts', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount', plus: 1 } },
    { name: 'fill', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'blocks', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'sorted', role: 'scratch', type: 'u32[]', length: { of: 'edgeMembers' } },
    { name: 'posts', role: 'scratch', type: 'u32[]', length: { of: 'edgeMembers' } },
  ],
  returns: 'u32',
});

/**
 * Coreness of vertices and hyperedges over the (k, s)-hypercores (definition: docs/graph.md); `result` is the largest.
 * `edgeCores` is 4294967295 for a hyperedge with fewer than `s` different members. `s` is at least 1.
 */
export const kCoreTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'kCore',
  name: 'graph.k-core',
  parameters: [
    { name: 'edgeOffsets', role: 'in', type: 'u32[]' },
    { name: 'edgeMembers', role: 'in', type: 'u32[]' },
    { name: 'nodeOffsets', role: 'in', type: 'u32[]' },
    { name: 'nodeMembers', role: 'in', type: 'u32[]' },
    { name: 's', role: 'in', type: 'u32' },
    { name: 'cores', role: 'out', type: 'u32[]', length: { of: 'nodeOffsets', plus: -1 } },
    { name: 'edgeCores', role: 'out', type: 'u32[]', length: { of: 'edgeOffsets', plus: -1 } },
    { name: 'records', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets', times: 2 } },
    { name: 'lists', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets', times: 4 } },
  ],
  returns: 'u32',
});

/**
 * PageRank of the edge-then-vertex walk (definition: docs/graph.md). `sumCount` is `pagerankSumCount(…)`, for other
 * multiples of `vertexCount` give other bits. `change` holds the last L1 change, `result` is
 * the number of iterations: `iterationsMax` with a change above `tolerance` means it did not converge.
 */
export const pagerankTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'pagerank',
  name: 'graph.pagerank',
  parameters: [
    { name: 'edgeOffsets', role: 'in', type: 'u32[]' },
    { name: 'edgeMembers', role: 'in', type: 'u32[]' },
    { name: 'vertexCount', role: 'in', type: 'u32' },
    { name: 'sumCount', role: 'in', type: 'u32' },
    { name: 'damping', role: 'in', type: 'f64' },
    { name: 'tolerance', role: 'in', type: 'f64' },
    { name: 'iterationsMax', role: 'in', type: 'u32' },
    { name: 'ranks', role: 'out', type: 'f64[]', length: { of: 'vertexCount' } },
    { name: 'change', role: 'out', type: 'f64[]', length: 1 },
    { name: 'weights', role: 'scratch', type: 'f64[]', length: { of: 'vertexCount' } },
    { name: 'sums', role: 'scratch', type: 'f64[]', length: { of: 'sumCount' } },
    { name: 'degrees', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'partials', role: 'scratch', type: 'f64[]', length: 512 },
  ],
  returns: 'u32',
});
