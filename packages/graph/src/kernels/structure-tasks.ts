/** Kernels of structure as portable tasks; inputs as in `tasks.ts`. */
import { defineKernelTask } from '@anant/core';
import { BOTH_INPUTS, EDGE_INPUTS } from './graph-inputs.js';
import { KERNELS_URL } from './module-url.js';

/** 1 for the smallest hyperedge of each set of members that no other set contains; `result` counts them. */
export const toplexesTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'toplexes',
  name: 'graph.toplexes',
  parameters: [
    ...BOTH_INPUTS,
    { name: 'isToplex', role: 'out', type: 'u32[]', length: { of: 'edgeOffsets', plus: -1 } },
    { name: 'sets', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
    { name: 'sizes', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
    { name: 'hashes', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
    { name: 'table', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets', times: 4 } },
    { name: 'stamps', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets' } },
    { name: 'seen', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets' } },
  ],
  returns: 'u32',
});

/** Pairs of vertex and hyperedge, one after the other, hyperedges numbered after the vertices. */
export const starExpansionTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'starExpansion',
  name: 'graph.star-expansion',
  parameters: [
    ...EDGE_INPUTS,
    { name: 'vertexCount', role: 'in', type: 'u32' },
    { name: 'pairs', role: 'out', type: 'u32[]', length: { of: 'edgeMembers', times: 2 } },
  ],
});
