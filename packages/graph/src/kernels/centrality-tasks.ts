/**
 * Centralities of vertices as portable tasks (definitions: docs/graph.md). Repeated members count once. `start` has one
 * value per vertex, sum 1; scores never leave the vertices where it is not 0. `state[0]` is how far the last step was
 * from standing still: at or above `tolerance` means that it did not converge. `result` is the number of steps.
 * Malformed arrays end as `E_KERNEL_TRAP`.
 */
import { defineKernelTask } from '@anant/core';
import { KERNELS_URL } from './module-url.js';

const EDGES = [
  { name: 'edgeOffsets', role: 'in', type: 'u32[]' },
  { name: 'edgeMembers', role: 'in', type: 'u32[]' },
  { name: 'vertexCount', role: 'in', type: 'u32' },
] as const;

const LIMITS = [
  { name: 'tolerance', role: 'in', type: 'f64' },
  { name: 'iterationsMax', role: 'in', type: 'u32' },
  { name: 'scores', role: 'out', type: 'f64[]', length: { of: 'vertexCount' } },
] as const;

const START = { name: 'start', role: 'in', type: 'f64[]' } as const;

const MEMBER_LISTS = [
  { name: 'starts', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
  { name: 'members', role: 'scratch', type: 'u32[]', length: { of: 'edgeMembers' } },
  { name: 'stamps', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
] as const;

const SUMS = { name: 'sums', role: 'scratch', type: 'f64[]', length: { of: 'vertexCount' } } as const;

/** Leading eigenvector of the clique expansion; `state[1]` is its eigenvalue. */
export const cliqueEigenvectorTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'cliqueEigenvector',
  name: 'graph.clique-eigenvector',
  parameters: [
    ...EDGES,
    START,
    ...LIMITS,
    { name: 'state', role: 'out', type: 'f64[]', length: 2 },
    ...MEMBER_LISTS,
    SUMS,
  ],
  returns: 'u32',
});

/** H-eigenvector of a hypergraph with `size` members per hyperedge; `state[1]` is its eigenvalue / (size - 1)!. */
export const hEigenvectorTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'hEigenvector',
  name: 'graph.h-eigenvector',
  parameters: [
    ...EDGES,
    { name: 'size', role: 'in', type: 'u32' },
    START,
    ...LIMITS,
    { name: 'state', role: 'out', type: 'f64[]', length: 2 },
    ...MEMBER_LISTS,
    SUMS,
    { name: 'before', role: 'scratch', type: 'f64[]', length: { of: 'vertexCount', plus: 1 } },
  ],
  returns: 'u32',
});

/** Z-eigenvector of a hypergraph with `size` members per hyperedge; `state[1]` is its factor / (size - 2)!. */
export const zEigenvectorTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'zEigenvector',
  name: 'graph.z-eigenvector',
  parameters: [
    ...EDGES,
    { name: 'size', role: 'in', type: 'u32' },
    START,
    ...LIMITS,
    { name: 'state', role: 'out', type: 'f64[]', length: 2 },
    ...MEMBER_LISTS,
    { name: 'direction', role: 'scratch', type: 'f64[]', length: { of: 'vertexCount' } },
    SUMS,
    { name: 'before', role: 'scratch', type: 'f64[]', length: { of: 'vertexCount', times: 2, plus: 2 } },
  ],
  returns: 'u32',
});

/** Node-edge centrality: scores of vertices and of hyperedges. Both powers are from 1. */
export const nodeEdgeTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'nodeEdge',
  name: 'graph.node-edge',
  parameters: [
    ...EDGES,
    { name: 'edgePower', role: 'in', type: 'u32' },
    { name: 'nodePower', role: 'in', type: 'u32' },
    START,
    ...LIMITS,
    { name: 'edgeScores', role: 'out', type: 'f64[]', length: { of: 'edgeOffsets', plus: -1 } },
    { name: 'state', role: 'out', type: 'f64[]', length: 1 },
    ...MEMBER_LISTS,
    { name: 'powers', role: 'scratch', type: 'f64[]', length: { of: 'vertexCount' } },
    SUMS,
    { name: 'edgeSums', role: 'scratch', type: 'f64[]', length: { of: 'edgeOffsets' } },
  ],
  returns: 'u32',
});

/** Katz centrality; `state[0]` is Infinity when the scores grow without bound. */
export const katzTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'katz',
  name: 'graph.katz',
  parameters: [
    ...EDGES,
    { name: 'alpha', role: 'in', type: 'f64' },
    ...LIMITS,
    { name: 'state', role: 'out', type: 'f64[]', length: 1 },
    ...MEMBER_LISTS,
    SUMS,
  ],
  returns: 'u32',
});

/** PageRank that jumps to vertices drawn by `restart` (sum 1); otherwise as `pagerankTask`. */
export const restartPagerankTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'restartPagerank',
  name: 'graph.restart-pagerank',
  parameters: [
    ...EDGES,
    { name: 'restart', role: 'in', type: 'f64[]' },
    { name: 'damping', role: 'in', type: 'f64' },
    { name: 'tolerance', role: 'in', type: 'f64' },
    { name: 'iterationsMax', role: 'in', type: 'u32' },
    { name: 'ranks', role: 'out', type: 'f64[]', length: { of: 'vertexCount' } },
    { name: 'change', role: 'out', type: 'f64[]', length: 1 },
    { name: 'weights', role: 'scratch', type: 'f64[]', length: { of: 'vertexCount' } },
    SUMS,
    { name: 'degrees', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
  ],
  returns: 'u32',
});
