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

/**
 * Sums for the correlation of the degrees x and y of two members of a hyperedge: over hyperedges those of the means of x, x²
 * and x y, over vertices those of the degree and its square. `kind` 0 is any two, 1 the two of highest degree, 2 those of
 * highest and lowest. `result` counts the hyperedges of two members or more.
 */
export const assortativityTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'assortativity',
  name: 'graph.assortativity',
  parameters: [
    ...EDGE_INPUTS,
    { name: 'vertexCount', role: 'in', type: 'u32' },
    { name: 'kind', role: 'in', type: 'u32' },
    { name: 'moments', role: 'out', type: 'f64[]', length: 5 },
    { name: 'starts', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
    { name: 'members', role: 'scratch', type: 'u32[]', length: { of: 'edgeMembers' } },
    { name: 'stamps', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'degrees', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
  ],
  returns: 'u32',
});

/**
 * Pairs of hyperedges of which one contains the other, `pairsMax` of them at most; `result` is how many there are. `sets[e]` is
 * the first hyperedge with the members of e, `sizes[e]` the number of its different members.
 */
export const encapsulationTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'encapsulation',
  name: 'graph.encapsulation',
  parameters: [
    ...BOTH_INPUTS,
    { name: 'pairsMax', role: 'in', type: 'u32' },
    { name: 'containers', role: 'out', type: 'u32[]', length: { of: 'pairsMax' } },
    { name: 'contained', role: 'out', type: 'u32[]', length: { of: 'pairsMax' } },
    { name: 'sets', role: 'out', type: 'u32[]', length: { of: 'edgeOffsets', plus: -1 } },
    { name: 'sizes', role: 'out', type: 'u32[]', length: { of: 'edgeOffsets', plus: -1 } },
    { name: 'hashes', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
    { name: 'table', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets', times: 4 } },
    { name: 'stamps', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets' } },
    { name: 'seen', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets' } },
  ],
  returns: 'f64',
});
