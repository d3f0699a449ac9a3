/** Kernels that divide vertices into parts as portable tasks; inputs as in `tasks.ts`. */
import { defineKernelTask } from '@anant/core';
import { BOTH_INPUTS, EDGE_INPUTS } from './graph-inputs.js';
import { KERNELS_URL } from './module-url.js';

/**
 * Parts from 0 to `k` - 1 of at most `partMax` vertices by multilevel bisection; `result` is the sum over hyperedges of
 * parts less one, hyperedges counted once. `k` times `partMax` is at least `vertexCount`. The working memory has
 * `arenaWords` words: 24 per incidence, 24 per vertex and hyperedge, and 262144 more suffice.
 */
export const partitionTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'partition',
  name: 'graph.partition',
  parameters: [
    ...EDGE_INPUTS,
    { name: 'vertexCount', role: 'in', type: 'u32' },
    { name: 'k', role: 'in', type: 'u32' },
    { name: 'partMax', role: 'in', type: 'u32' },
    { name: 'seed', role: 'in', type: 'u32' },
    { name: 'restarts', role: 'in', type: 'u32' },
    { name: 'arenaWords', role: 'in', type: 'u32' },
    { name: 'parts', role: 'out', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'arena', role: 'scratch', type: 'u32[]', length: { of: 'arenaWords' } },
  ],
  returns: 'u32',
});

/** Parts from 0 to `k` - 1 in one pass over the vertices: `method` 0 by hash, 1 by connectivity. */
export const streamPartitionTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'streamPartition',
  name: 'graph.stream-partition',
  parameters: [
    ...BOTH_INPUTS,
    { name: 'method', role: 'in', type: 'u32' },
    { name: 'k', role: 'in', type: 'u32' },
    { name: 'partMax', role: 'in', type: 'u32' },
    { name: 'seed', role: 'in', type: 'u32' },
    { name: 'parts', role: 'out', type: 'u32[]', length: { of: 'nodeOffsets', plus: -1 } },
    { name: 'lastParts', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
    { name: 'sizes', role: 'scratch', type: 'u32[]', length: { of: 'k' } },
    { name: 'scores', role: 'scratch', type: 'f64[]', length: { of: 'k' } },
  ],
});

/**
 * What parts cut: `totals` are the hyperedges in several parts and the sum over hyperedges of parts less one; `sizes` the
 * vertices of each part. Parts are below `partBound`.
 */
export const partitionCutTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'partitionCut',
  name: 'graph.partition-cut',
  parameters: [
    ...EDGE_INPUTS,
    { name: 'parts', role: 'in', type: 'u32[]' },
    { name: 'partBound', role: 'in', type: 'u32' },
    { name: 'totals', role: 'out', type: 'u32[]', length: 2 },
    { name: 'sizes', role: 'out', type: 'u32[]', length: { of: 'partBound' } },
    { name: 'stamps', role: 'scratch', type: 'u32[]', length: { of: 'partBound' } },
  ],
});
