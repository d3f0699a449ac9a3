/**
 * Kernels that walk along hyperedges as portable tasks; inputs as in `tasks.ts`. `directions` has one value per incidence
 * (`DIRECTION`) or is empty: then the first member of a hyperedge is its tail and the others are heads. `way` is 0 for
 * through hyperedges from any member to any other, 1 from tails to heads, 2 from heads to tails.
 */
import { defineKernelTask } from '@anant/core';
import { BOTH_INPUTS, EDGE_INPUTS } from './graph-inputs.js';
import { KERNELS_URL } from './module-url.js';

const DIRECTED_INPUTS = [...EDGE_INPUTS, { name: 'directions', role: 'in', type: 'u8[]' }] as const;

/** Hyperedges by the vertices that enter them. */
const ENTERED = [
  { name: 'outOffsets', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount', plus: 2 } },
  { name: 'outEdges', role: 'scratch', type: 'u32[]', length: { of: 'edgeMembers' } },
] as const;

/** Smallest vertex of each vertex's strongly connected component; `result` counts the components. */
export const strongComponentsTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'strongComponents',
  name: 'graph.strong-components',
  parameters: [
    ...DIRECTED_INPUTS,
    { name: 'vertexCount', role: 'in', type: 'u32' },
    { name: 'labels', role: 'out', type: 'u32[]', length: { of: 'vertexCount' } },
    ...ENTERED,
    { name: 'vertexSlots', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount', times: 6 } },
    { name: 'edgeSlots', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets', times: 6 } },
    { name: 'state', role: 'scratch', type: 'u32[]', length: 4 },
  ],
  returns: 'u32',
});

/** Vertices in the order that a depth-first search first meets them, and whence; `result` counts those reached. */
export const depthFirstTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'depthFirstSearch',
  name: 'graph.dfs',
  parameters: [
    ...DIRECTED_INPUTS,
    { name: 'vertexCount', role: 'in', type: 'u32' },
    { name: 'way', role: 'in', type: 'u32' },
    { name: 'source', role: 'in', type: 'u32' },
    { name: 'order', role: 'out', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'parents', role: 'out', type: 'u32[]', length: { of: 'vertexCount' } },
    ...ENTERED,
    { name: 'vertexPlaces', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'edgePlaces', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
    { name: 'path', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'isMet', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'state', role: 'scratch', type: 'u32[]', length: 2 },
  ],
  returns: 'u32',
});

/**
 * Distances from `source`, the vertex before each and the hyperedge between; infinite and 4294967295 where there is no way.
 * `edgeWeights` has one weight per hyperedge, none negative, or is empty: each costs 1. `result` counts those reached.
 */
export const shortestPathsTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'shortestPaths',
  name: 'graph.shortest-paths',
  parameters: [
    ...DIRECTED_INPUTS,
    { name: 'edgeWeights', role: 'in', type: 'f64[]' },
    { name: 'vertexCount', role: 'in', type: 'u32' },
    { name: 'way', role: 'in', type: 'u32' },
    { name: 'source', role: 'in', type: 'u32' },
    { name: 'distances', role: 'out', type: 'f64[]', length: { of: 'vertexCount' } },
    { name: 'parents', role: 'out', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'through', role: 'out', type: 'u32[]', length: { of: 'vertexCount' } },
    ...ENTERED,
    { name: 'heap', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'places', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'isPassed', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
  ],
  returns: 'u32',
});

/** 1 for vertices without which the others of their component are not all connected; `result` counts them. */
export const cutVerticesTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'cutVertices',
  name: 'graph.cut-vertices',
  parameters: [
    ...BOTH_INPUTS,
    { name: 'isCut', role: 'out', type: 'u32[]', length: { of: 'nodeOffsets', plus: -1 } },
    { name: 'vertexSlots', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets', times: 4 } },
    { name: 'edgeSlots', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets', times: 4 } },
    { name: 'state', role: 'scratch', type: 'u32[]', length: 3 },
  ],
  returns: 'u32',
});
