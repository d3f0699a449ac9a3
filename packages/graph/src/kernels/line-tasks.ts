/** The s-line graph kernels as portable tasks. Malformed arrays end as `E_KERNEL_TRAP`. */
import { defineKernelTask } from '@anant/core';
import { KERNELS_URL } from './module-url.js';

const EDGES = [
  { name: 'edgeOffsets', role: 'in', type: 'u32[]' },
  { name: 'edgeMembers', role: 'in', type: 'u32[]' },
  { name: 'vertexCount', role: 'in', type: 'u32' },
  { name: 's', role: 'in', type: 'u32' },
] as const;

const NODES = [
  { name: 'sets', role: 'in', type: 'u32[]' },
  { name: 'nodeCount', role: 'in', type: 'u32' },
] as const;

const NODE_LISTS = [
  { name: 'starts', role: 'scratch', type: 'u32[]', length: { of: 'nodeCount', plus: 1 } },
  { name: 'members', role: 'scratch', type: 'u32[]', length: { of: 'edgeMembers' } },
  { name: 'postStarts', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount', plus: 1 } },
  { name: 'posts', role: 'scratch', type: 'u32[]', length: { of: 'edgeMembers' } },
  { name: 'cursors', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
  { name: 'counts', role: 'scratch', type: 'u32[]', length: { of: 'nodeCount' } },
  { name: 'touched', role: 'scratch', type: 'u32[]', length: { of: 'nodeCount', plus: 1 } },
] as const;

const STAMPS = { name: 'stamps', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } } as const;

/**
 * The nodes of the s-line graph (definition: docs/graph.md) and a bound on its edges: `totals` has the number of nodes,
 * the bound, how many subsets of `s` vertices nodes have, of `s` and more, of 2 to `s`, and the size of the largest node;
 * `sets` is what the next steps need. `merges` 1 makes one node of hyperedges with equal members.
 */
export const sLineBoundTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'sLineBound',
  name: 'graph.s-line-bound',
  parameters: [
    ...EDGES,
    { name: 'merges', role: 'in', type: 'u32' },
    { name: 'sets', role: 'out', type: 'u32[]', length: { of: 'edgeOffsets', plus: -1 } },
    { name: 'totals', role: 'out', type: 'f64[]', length: 6 },
    { name: 'sizes', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
    { name: 'hashes', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
    { name: 'table', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets', times: 4 } },
    STAMPS,
    { name: 'nodes', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
    { name: 'degrees', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
  ],
});

/** `result` is the number of edges of the s-line graph whose `sets` and `nodeCount` `sLineBoundTask` gave. */
export const sLineCountTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'sLineCount',
  name: 'graph.s-line-count',
  parameters: [
    ...EDGES,
    ...NODES,
    STAMPS,
    { name: 'nodes', role: 'scratch', type: 'u32[]', length: { of: 'nodeCount' } },
    ...NODE_LISTS,
  ],
  returns: 'f64',
});

/**
 * The s-line graph whose `sets` and `nodeCount` `sLineBoundTask` gave: `nodes` has the hyperedge of each node,
 * `neighbours` from `offsets[n]` the nodes after node n that are joined with it, rising, `overlaps` how many vertices
 * they share. `edgesMax` makes room for that many edges, `overlapCount` is the same, or 0 to leave `overlaps` out;
 * `result` is the number of edges. More than `edgesMax` end as `E_KERNEL_TRAP`.
 */
export const sLineFillTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'sLineFill',
  name: 'graph.s-line-fill',
  parameters: [
    ...EDGES,
    ...NODES,
    { name: 'edgesMax', role: 'in', type: 'u32' },
    { name: 'overlapCount', role: 'in', type: 'u32' },
    { name: 'nodes', role: 'out', type: 'u32[]', length: { of: 'nodeCount' } },
    { name: 'offsets', role: 'out', type: 'u32[]', length: { of: 'nodeCount', plus: 1 } },
    { name: 'neighbours', role: 'out', type: 'u32[]', length: { of: 'edgesMax' } },
    { name: 'overlaps', role: 'out', type: 'u32[]', length: { of: 'overlapCount' } },
    STAMPS,
    ...NODE_LISTS,
    { name: 'bits', role: 'scratch', type: 'u32[]', length: { of: 'nodeCount' } },
    { name: 'summary', role: 'scratch', type: 'u32[]', length: { of: 'nodeCount' } },
  ],
  returns: 'u32',
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

/**
 * The subsets that the nodes whose `sets` and `nodeCount` `sLineBoundTask` gave have of `s` to `sizeMost` of their vertices:
 * `subsets` from `starts[n]` are those of node n; `counts` says in how many nodes each is, `sizes` how many vertices it
 * has. `totals` has the number of subsets that are in two nodes at least, and of their places in nodes. `entryCount` makes room
 * for so many subsets of two vertices and more, `incidenceCount` for so many places; `slotCount` is a power of 2 above `entryCount`,
 * `idCount` is `vertexCount` and `entryCount`.
 */
export const internSubsetsTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'internSubsets',
  name: 'graph.intern-subsets',
  parameters: [
    ...EDGES,
    ...NODES,
    { name: 'sizeMost', role: 'in', type: 'u32' },
    { name: 'entryCount', role: 'in', type: 'u32' },
    { name: 'incidenceCount', role: 'in', type: 'u32' },
    { name: 'slotCount', role: 'in', type: 'u32' },
    { name: 'idCount', role: 'in', type: 'u32' },
    { name: 'nodes', role: 'out', type: 'u32[]', length: { of: 'nodeCount' } },
    { name: 'starts', role: 'out', type: 'u32[]', length: { of: 'nodeCount', plus: 1 } },
    { name: 'subsets', role: 'out', type: 'u32[]', length: { of: 'incidenceCount' } },
    { name: 'counts', role: 'out', type: 'u32[]', length: { of: 'idCount' } },
    { name: 'sizes', role: 'out', type: 'u8[]', length: { of: 'idCount' } },
    { name: 'totals', role: 'out', type: 'f64[]', length: 2 },
    STAMPS,
    { name: 'row', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'stackAt', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'stackId', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'table', role: 'scratch', type: 'u32[]', length: { of: 'slotCount' } },
    { name: 'parents', role: 'scratch', type: 'u32[]', length: { of: 'entryCount' } },
    { name: 'lasts', role: 'scratch', type: 'u32[]', length: { of: 'entryCount' } },
  ],
});

/**
 * The bipartite graph of the nodes and the `subsetCount` subsets that are in two of them at least, as the path tasks take
 * it: `offsets` and `arcs` of nodes, then of subsets. `placeCount` are their places in nodes, `rowCount` is `nodeCount` and
 * `subsetCount`. `factorCount` is `subsetCount` for the factors that betweenness needs, or 0.
 */
export const linkSubsetsTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'linkSubsets',
  name: 'graph.link-subsets',
  parameters: [
    { name: 'starts', role: 'in', type: 'u32[]' },
    { name: 'subsets', role: 'in', type: 'u32[]' },
    { name: 'counts', role: 'in', type: 'u32[]' },
    { name: 'sizes', role: 'in', type: 'u8[]' },
    { name: 's', role: 'in', type: 'u32' },
    { name: 'nodeCount', role: 'in', type: 'u32' },
    { name: 'subsetCount', role: 'in', type: 'u32' },
    { name: 'placeCount', role: 'in', type: 'u32' },
    { name: 'rowCount', role: 'in', type: 'u32' },
    { name: 'factorCount', role: 'in', type: 'u32' },
    { name: 'offsets', role: 'out', type: 'u32[]', length: { of: 'rowCount', plus: 1 } },
    { name: 'arcs', role: 'out', type: 'u32[]', length: { of: 'placeCount', times: 2 } },
    { name: 'factors', role: 'out', type: 'f64[]', length: { of: 'factorCount' } },
    { name: 'numbers', role: 'scratch', type: 'u32[]', length: { of: 'counts' } },
    { name: 'cursors', role: 'scratch', type: 'u32[]', length: { of: 'subsetCount' } },
  ],
});
