/**
 * Kernels in which several calls work together on one memory: a `lead` task runs the algorithm, `help` tasks take part of
 * the work while they can. Only for hosts that run kernels on the caller's memory; the results are those of the task
 * that works alone.
 */
import { defineKernelTask } from '@anant/core';
import { KERNELS_URL } from './module-url.js';
import { SIZE_GROUPS } from './size-groups.js';

/** Words at the start of `team`, by index: see `team.ts` of the kernels. */
export const TEAM_WORD = { ended: 0, broken: 1, wake: 48 } as const;
const TEAM_WORDS = 128;
/** Most calls of one team. */
export const TEAM_CALLS_MAX = 64;
const BUFFER_VERTICES = 1024;

const EDGES = [
  { name: 'edgeOffsets', role: 'in', type: 'u32[]' },
  { name: 'edgeMembers', role: 'in', type: 'u32[]' },
] as const;
const BOTH = [
  ...EDGES,
  { name: 'nodeOffsets', role: 'in', type: 'u32[]' },
  { name: 'nodeMembers', role: 'in', type: 'u32[]' },
] as const;
const TEAM = { name: 'team', role: 'shared', type: 'u32[]', length: TEAM_WORDS } as const;
const PER_VERTEX = { of: 'nodeOffsets', plus: -1 } as const;

const COMPONENTS = [
  ...EDGES,
  { name: 'vertexCount', role: 'in', type: 'u32' },
  { name: 'labels', role: 'shared', type: 'u32[]', length: { of: 'vertexCount' } },
  TEAM,
] as const;

/** As `componentsTask`. */
export const componentsTeam = {
  lead: defineKernelTask({
    module: KERNELS_URL,
    export: 'connectedComponentsLead',
    name: 'graph.components.lead',
    parameters: COMPONENTS,
    returns: 'u32',
  }),
  help: defineKernelTask({
    module: KERNELS_URL,
    export: 'connectedComponentsHelp',
    name: 'graph.components.help',
    parameters: COMPONENTS,
  }),
  results: ['labels'],
} as const;

const SEARCH = [
  { name: 'levels', role: 'shared', type: 'i32[]', length: PER_VERTEX },
  { name: 'states', role: 'shared', type: 'u8[]', length: { of: 'edgeOffsets' } },
  { name: 'queue', role: 'shared', type: 'u32[]', length: { of: 'nodeOffsets' } },
  { name: 'buffers', role: 'shared', type: 'u32[]', length: TEAM_CALLS_MAX * BUFFER_VERTICES },
  TEAM,
] as const;

/** As `bfsTask`. */
export const bfsTeam = {
  lead: defineKernelTask({
    module: KERNELS_URL,
    export: 'breadthFirstLead',
    name: 'graph.bfs.lead',
    parameters: [...BOTH, { name: 'source', role: 'in', type: 'u32' }, ...SEARCH],
    returns: 'u32',
  }),
  help: defineKernelTask({
    module: KERNELS_URL,
    export: 'breadthFirstHelp',
    name: 'graph.bfs.help',
    parameters: [...BOTH, { name: 'part', role: 'in', type: 'u32' }, ...SEARCH],
  }),
  results: ['levels'],
} as const;

const SUM_COUNT = { name: 'sumCount', role: 'in', type: 'u32' } as const;
const RANKS = { name: 'ranks', role: 'shared', type: 'f64[]', length: PER_VERTEX } as const;
const RANKING = [
  { name: 'weights', role: 'shared', type: 'f64[]', length: PER_VERTEX },
  { name: 'sums', role: 'shared', type: 'f64[]', length: { of: 'sumCount' } },
  { name: 'shares', role: 'shared', type: 'f64[]', length: { of: 'edgeOffsets' } },
  { name: 'degrees', role: 'shared', type: 'u32[]', length: PER_VERTEX },
  { name: 'partials', role: 'shared', type: 'f64[]', length: 512 },
  { name: 'base', role: 'shared', type: 'f64[]', length: 2 },
  TEAM,
] as const;

/** As `pagerankTask`. */
export const pagerankTeam = {
  lead: defineKernelTask({
    module: KERNELS_URL,
    export: 'pagerankLead',
    name: 'graph.pagerank.lead',
    parameters: [
      ...BOTH,
      SUM_COUNT,
      { name: 'damping', role: 'in', type: 'f64' },
      { name: 'tolerance', role: 'in', type: 'f64' },
      { name: 'iterationsMax', role: 'in', type: 'u32' },
      RANKS,
      { name: 'change', role: 'shared', type: 'f64[]', length: 1 },
      ...RANKING,
    ],
    returns: 'u32',
  }),
  help: defineKernelTask({
    module: KERNELS_URL,
    export: 'pagerankHelp',
    name: 'graph.pagerank.help',
    parameters: [...BOTH, SUM_COUNT, RANKS, ...RANKING],
  }),
  results: ['ranks', 'change'],
} as const;

const PRODUCT = [
  { name: 'offsets', role: 'in', type: 'u32[]' },
  { name: 'columns', role: 'in', type: 'u32[]' },
  { name: 'x', role: 'in', type: 'f64[]' },
  { name: 'y', role: 'shared', type: 'f64[]', length: { of: 'offsets', plus: -1 } },
  TEAM,
  SIZE_GROUPS,
] as const;

/** As `spmvTask` over plus and times, without values and mask. */
export const spmvTeam = {
  lead: defineKernelTask({
    module: KERNELS_URL,
    export: 'spmvLead',
    name: 'graph.spmv.lead',
    parameters: PRODUCT,
  }),
  help: defineKernelTask({
    module: KERNELS_URL,
    export: 'spmvHelp',
    name: 'graph.spmv.help',
    parameters: PRODUCT,
  }),
  results: ['y'],
} as const;
