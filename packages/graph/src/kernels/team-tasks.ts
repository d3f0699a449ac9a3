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

/** Words of a piece of notes about joins, and how many joins it holds. */
const PIECE_WORDS = 2048;
const PIECE_JOINS = 1023;

/** Words of `pieces` for a team of `calls`: all vertices can be joined, and each call has one piece that is not full. */
export const piecesLength = (vertexCount: number, calls: number): number =>
  PIECE_WORDS * (Math.ceil(vertexCount / PIECE_JOINS) + calls);

const FOREST = [
  { name: 'piecesLength', role: 'in', type: 'u32' },
  { name: 'labels', role: 'shared', type: 'u32[]', length: PER_VERTEX, contents: 'any' },
  { name: 'pieces', role: 'shared', type: 'u32[]', length: { of: 'piecesLength' }, contents: 'any' },
  TEAM,
  { name: 'notes', role: 'scratch', type: 'u32[]', length: PIECE_WORDS + 16, contents: 'any' },
] as const;

/** As `componentsTask`. */
export const componentsTeam = {
  lead: defineKernelTask({
    module: KERNELS_URL,
    export: 'connectedComponentsLead',
    name: 'graph.components.lead',
    parameters: [...BOTH, ...FOREST],
    returns: 'u32',
  }),
  help: defineKernelTask({
    module: KERNELS_URL,
    export: 'connectedComponentsHelp',
    name: 'graph.components.help',
    parameters: [...BOTH, ...FOREST],
  }),
  results: ['labels'],
} as const;

const BITS_LENGTH = { name: 'bitsLength', role: 'in', type: 'u32' } as const;
const SEARCH = [
  BITS_LENGTH,
  { name: 'levels', role: 'shared', type: 'i32[]', length: PER_VERTEX, contents: 'any' },
  { name: 'queue', role: 'shared', type: 'u32[]', length: { of: 'nodeOffsets' }, contents: 'any' },
  { name: 'bits', role: 'shared', type: 'u32[]', length: { of: 'bitsLength' } },
  { name: 'cuts', role: 'shared', type: 'u32[]', length: 130 },
  TEAM,
  { name: 'states', role: 'scratch', type: 'u8[]', length: { of: 'edgeOffsets', plus: 3 }, contents: 'any' },
  { name: 'buffer', role: 'scratch', type: 'u32[]', length: 1024, contents: 'any' },
] as const;

/** Words of `bits` for a team of `calls`, a bit per vertex, in whole lines of memory: one for each and one of the last level. */
export const searchBitsLength = (vertexCount: number, calls: number): number =>
  Math.ceil(vertexCount / 512) * 16 * (calls + 1);

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
  { name: 'y', role: 'shared', type: 'f64[]', length: { of: 'offsets', plus: -1 }, contents: 'any' },
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
