/** Kernels that count small patterns and walk at random, as portable tasks. Malformed arrays end as `E_KERNEL_TRAP`. */
import { defineKernelTask } from '@anant/core';
import { KERNELS_URL } from './module-url.js';

const BOTH_SIDES = [
  { name: 'edgeOffsets', role: 'in', type: 'u32[]' },
  { name: 'edgeMembers', role: 'in', type: 'u32[]' },
  { name: 'nodeOffsets', role: 'in', type: 'u32[]' },
  { name: 'nodeMembers', role: 'in', type: 'u32[]' },
] as const;
const PER_VERTEX = { of: 'closed' } as const;
const PER_INCIDENCE = { of: 'edgeMembers' } as const;

/** How many triples that some hyperedge holds have each vertex; `result` is the number of triples. */
export const closedTriplesTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'closedTriples',
  name: 'graph.closed-triples',
  parameters: [
    ...BOTH_SIDES,
    { name: 'closed', role: 'out', type: 'f64[]', length: { of: 'nodeOffsets', plus: -1 } },
    { name: 'seen', role: 'scratch', type: 'u32[]', length: PER_VERTEX },
    { name: 'heads', role: 'scratch', type: 'u32[]', length: PER_VERTEX },
    { name: 'marks', role: 'scratch', type: 'u32[]', length: PER_VERTEX },
    { name: 'next', role: 'scratch', type: 'u32[]', length: PER_INCIDENCE },
    { name: 'owners', role: 'scratch', type: 'u32[]', length: PER_INCIDENCE },
    { name: 'seconds', role: 'scratch', type: 'u32[]', length: PER_INCIDENCE },
    { name: 'pairs', role: 'scratch', type: 'u32[]', length: 1 },
  ],
  returns: 'f64',
});

/**
 * Triples of vertices by the pairs they had made before: those of three pairs, those of them that were closed before, and
 * those closed after (by kernel `simplicialClosure`). Hyperedges are different sets in the order of time, `before` of them
 * before; `pairs` from `pairOffsets[v]` are the neighbours of v, rising, with the number of hyperedges they share.
 */
export const simplicialClosureTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'simplicialClosure',
  name: 'graph.simplicial-closure',
  parameters: [
    ...BOTH_SIDES,
    { name: 'pairOffsets', role: 'in', type: 'u32[]' },
    { name: 'pairs', role: 'in', type: 'u32[]' },
    { name: 'pairCounts', role: 'in', type: 'f64[]' },
    { name: 'before', role: 'in', type: 'u32' },
    { name: 'triangles', role: 'out', type: 'f64[]', length: 4 },
    { name: 'closedBefore', role: 'out', type: 'f64[]', length: 4 },
    { name: 'closedAfter', role: 'out', type: 'f64[]', length: 8 },
    { name: 'stamps', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
    { name: 'members', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets' } },
    { name: 'covered', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets' } },
    { name: 'ties', role: 'scratch', type: 'u32[]', length: { of: 'nodeOffsets' } },
  ],
});

/** The vertices of `walkCount` walks of `length` steps, one after the other; `placeCount` is their number. */
export const randomWalksTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'randomWalks',
  name: 'graph.random-walks',
  parameters: [
    ...BOTH_SIDES,
    { name: 'length', role: 'in', type: 'u32' },
    { name: 'walkCount', role: 'in', type: 'u32' },
    { name: 'seed', role: 'in', type: 'u32' },
    { name: 'placeCount', role: 'in', type: 'u32' },
    { name: 'walks', role: 'out', type: 'u32[]', length: { of: 'placeCount' } },
  ],
});

/** Different sets, their line graph with all neighbours of each, and the motif of each pattern. */
const MOTIF_INPUTS = [
  { name: 'edgeOffsets', role: 'in', type: 'u32[]' },
  { name: 'edgeMembers', role: 'in', type: 'u32[]' },
  { name: 'vertexCount', role: 'in', type: 'u32' },
  { name: 'offsets', role: 'in', type: 'u32[]' },
  { name: 'neighbours', role: 'in', type: 'u32[]' },
  { name: 'overlaps', role: 'in', type: 'u32[]' },
  { name: 'classes', role: 'in', type: 'u8[]' },
] as const;

/** Number of triples of hyperedges of each of 26 motifs; `classes` has the motif of each of 128 patterns, 255 for none. */
export const hMotifsTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'countHMotifs',
  name: 'graph.h-motifs',
  parameters: [
    ...MOTIF_INPUTS,
    { name: 'counts', role: 'out', type: 'f64[]', length: 26 },
    { name: 'marks', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'shared', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
  ],
});

/** Sums and sums of squares, over sampled pairs of hyperedges that meet, of the triples of each motif with the pair. */
export const sampleHMotifsTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'sampleHMotifs',
  name: 'graph.sample-h-motifs',
  parameters: [
    ...MOTIF_INPUTS,
    { name: 'samples', role: 'in', type: 'u32' },
    { name: 'seed', role: 'in', type: 'u32' },
    { name: 'sums', role: 'out', type: 'f64[]', length: 26 },
    { name: 'squares', role: 'out', type: 'f64[]', length: 26 },
    { name: 'found', role: 'scratch', type: 'f64[]', length: 26 },
    { name: 'marks', role: 'scratch', type: 'u32[]', length: { of: 'vertexCount' } },
    { name: 'sharedOne', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
    { name: 'sharedTwo', role: 'scratch', type: 'u32[]', length: { of: 'edgeOffsets' } },
  ],
});
