/** The s-line graph kernels as portable tasks. Malformed arrays end as `E_KERNEL_TRAP`. */
import { defineKernelTask } from '@anant/core';
import { KERNELS_URL } from './module-url.js';

/**
 * Size of the s-line graph (definition: docs/graph.md): `totals` has the number of nodes and of edges; `sets`
 * and `laters` are what `sLineFillTask` needs. `merges` 1 makes one node of hyperedges with equal members.
 */
export const sLineCountTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'sLineCount',
  name: 'graph.s-line-count',
  parameters: [
    { name: 'edgeOffsets', role: 'in', type: 'u32[]' },
    { name: 'edgeMembers', role: 'in', type: 'u32[]' },
    { name: 'vertexCount', role: 'in', type: 'u32' },
    { name: 's', role: 'in', type: 'u32' },
    { name: 'merges', role: 'in', type: 'u32' },
    { name: 'sets', role: 'out', type: 'u32[]', length: { of: 'edgeOffsets', plus: -1 } },
    { name: 'laters', role: 'out', type: 'u32[]', length: { of: 'edgeOffsets', plus: -1 } },
    { name: 'totals', role: 'out', type: 'f64[]', length: 2 },
    { name: 'sizes', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
    { name: 'hashes', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
    { name: 'table', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets', times: 4 } },
    { name: 'stamps', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'nodes', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
    { name: 'starts', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
    { name: 'members', role: 'scratch', type: 'u32[]', length: { of: 'edgeMembers' } },
    { name: 'postStarts', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount', plus: 1 } },
    { name: 'posts', role: 'scratch', type: 'u32[]', length: { of: 'edgeMembers' } },
    { name: 'cursors', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'counts', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
    { name: 'touched', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
  ],
});

/**
 * The s-line graph whose size `sLineCountTask` found, by the same `s`: `nodes` has the hyperedge of each node,
 * `neighbours` from `offsets[n]` the nodes after node n that are joined with it, rising, `overlaps` how many vertices
 * they share. `overlapCount` is the number of edges, or 0 to leave `overlaps` out.
 */
export const sLineFillTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'sLineFill',
  name: 'graph.s-line-fill',
  parameters: [
    { name: 'edgeOffsets', role: 'in', type: 'u32[]' },
    { name: 'edgeMembers', role: 'in', type: 'u32[]' },
    { name: 'vertexCount', role: 'in', type: 'u32' },
    { name: 's', role: 'in', type: 'u32' },
    { name: 'sets', role: 'in', type: 'u32[]' },
    { name: 'laters', role: 'in', type: 'u32[]' },
    { name: 'nodeCount', role: 'in', type: 'u32' },
    { name: 'edgeCount', role: 'in', type: 'u32' },
    { name: 'overlapCount', role: 'in', type: 'u32' },
    { name: 'nodes', role: 'out', type: 'u32[]', length: { of: 'nodeCount' } },
    { name: 'offsets', role: 'out', type: 'u32[]', length: { of: 'nodeCount', plus: 1 } },
    { name: 'neighbours', role: 'out', type: 'u32[]', length: { of: 'edgeCount' } },
    { name: 'overlaps', role: 'out', type: 'u32[]', length: { of: 'overlapCount' } },
    { name: 'stamps', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'starts', role: 'scratch', type: 'u32[]', length: { of: 'nodeCount', plus: 1 } },
    { name: 'members', role: 'scratch', type: 'u32[]', length: { of: 'edgeMembers' } },
    { name: 'postStarts', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount', plus: 1 } },
    { name: 'posts', role: 'scratch', type: 'u32[]', length: { of: 'edgeMembers' } },
    { name: 'cursors', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'counts', role: 'scratch', type: 'u32[]', length: { of: 'nodeCount' } },
    { name: 'touched', role: 'scratch', type: 'u32[]', length: { of: 'nodeCount', plus: 1 } },
    { name: 'bits', role: 'scratch', type: 'u32[]', length: { of: 'nodeCount' } },
    { name: 'summary', role: 'scratch', type: 'u32[]', length: { of: 'nodeCount' } },
  ],
});

/** Both directions of the edges that `sLineFillTask` gives: all neighbours of each node, rising. */
export const mirrorArcsTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'mirrorArcs',
  name: 'graph.mirror-arcs',
  parameters: [
    { name: 'offsets', role: 'in', type: 'u32[]' },
    { name: 'neighbours', role: 'in', type: 'u32[]' },
    { name: 'arcOffsets', role: 'out', type: 'u32[]', length: { of: 'offsets' } },
    { name: 'arcs', role: 'out', type: 'u32[]', length: { of: 'neighbours', times: 2 } },
    { name: 'ends', role: 'scratch', type: 'u32[]', length: { of: 'offsets' } },
  ],
});
