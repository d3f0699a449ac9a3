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

/** A maximal independent set, `strong` 1 or weak 0, in an order shuffled by `seed`; `result` is how many `isIn` it. */
export const independentSetTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'independentSet',
  name: 'graph.independent-set',
  parameters: [
    ...BOTH_INPUTS,
    { name: 'strong', role: 'in', type: 'u32' },
    { name: 'seed', role: 'in', type: 'u32' },
    { name: 'isIn', role: 'out', type: 'u32[]', length: { of: 'nodeOffsets', plus: -1 } },
    { name: 'order', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets' } },
    { name: 'blocked', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets' } },
    { name: 'missing', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
  ],
  returns: 'u32',
});
