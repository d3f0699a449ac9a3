/**
 * Kernels about clustering as portable tasks, on an ordinary undirected graph as `sLineFillTask` gives it: `neighbours`
 * from `offsets[n]` are the neighbours after node n. Malformed arrays end as `E_KERNEL_TRAP`.
 */
import { defineKernelTask } from '@anant/core';
import { KERNELS_URL } from './module-url.js';

/** How many triangles have each node as a corner; `result` is the number of triangles. */
export const countTrianglesTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'countTriangles',
  name: 'graph.count-triangles',
  parameters: [
    { name: 'offsets', role: 'in', type: 'u32[]' },
    { name: 'neighbours', role: 'in', type: 'u32[]' },
    { name: 'triangles', role: 'out', type: 'f64[]', length: { of: 'offsets', plus: -1 } },
    { name: 'marks', role: 'scratch', type: 'u32[]', length: { of: 'offsets' } },
  ],
  returns: 'f64',
});

/** Mean share of hyperedges that each node has in common with its neighbours; `kind` 0 of all, 1 of the fewer, 2 of the more. */
export const overlapClusteringTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'overlapClustering',
  name: 'graph.overlap-clustering',
  parameters: [
    { name: 'offsets', role: 'in', type: 'u32[]' },
    { name: 'neighbours', role: 'in', type: 'u32[]' },
    { name: 'overlaps', role: 'in', type: 'u32[]' },
    { name: 'degrees', role: 'in', type: 'u32[]' },
    { name: 'kind', role: 'in', type: 'u32' },
    { name: 'coefficients', role: 'out', type: 'f64[]', length: { of: 'offsets', plus: -1 } },
    { name: 'counts', role: 'scratch', type: 'u32[]', length: { of: 'offsets' } },
  ],
});
