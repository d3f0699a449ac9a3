/**
 * The s-line graph of a hypergraph, as algorithms use it: a bound on its size first, so that one that does not fit is
 * refused before anything is allocated.
 */
import { AnantError } from '@anant/core';
import type { Hypergraph } from '../hypergraph.js';
import { mirrorArcsTask, sLineBoundTask, sLineCountTask, sLineFillTask } from '../kernels/line-tasks.js';
import { EDGE_SIDE, type KernelRun, NODE_SIDE } from './run-kernel-task.js';

/** What the nodes of an s-line graph are: hyperedges joined by shared vertices, or the other way round. */
export type LineSide = 'hyperedges' | 'vertices';

export interface LineParameters {
  /** Fewest vertices that joined hyperedges share (hyperedges that joined vertices share); from 1. @default 1 */
  readonly s?: number;
  /** What the nodes are. @default 'hyperedges' */
  readonly of?: LineSide;
  /** Whether hyperedges with the same members are one node or several. Vertices are never merged. @default 'merge' */
  readonly multiEdges?: 'merge' | 'keep';
}

/** The parameters of everything that works on an s-line graph. */
export const LINE_PARAMETERS = {
  s: {
    type: 'integer',
    description: 'fewest vertices that joined hyperedges share',
    default: 1,
    minimum: 1,
    maximum: 0xffff_fffe,
  },
  of: {
    type: 'choice',
    description: 'what is joined by what it shares',
    default: 'hyperedges',
    choices: ['hyperedges', 'vertices'],
  },
  multiEdges: {
    type: 'choice',
    description: 'whether hyperedges with the same members are one',
    default: 'merge',
    choices: ['merge', 'keep'],
  },
} as const;

/** An s-line graph. Its nodes are numbered by rising hyperedge (or vertex). */
export interface LineGraph {
  readonly side: LineSide;
  /** The hyperedge of each node: the first of its member set. */
  readonly nodes: Uint32Array;
  /** For every hyperedge the one that stands for it; itself, or the first with the same members. */
  readonly sets: Uint32Array;
  /** `neighbours` from `offsets[n]` are the nodes after n that are joined with it, rising. */
  readonly offsets: Uint32Array;
  readonly neighbours: Uint32Array;
  /** How many they share; empty unless asked for. */
  readonly overlaps: Uint32Array;
}

/** All neighbours of each node, rising. */
export interface Arcs {
  readonly offsets: Uint32Array;
  readonly arcs: Uint32Array;
}

/** Most bytes a kernel may address. */
const BYTES_MAX = 2 ** 32;
/** Room for edges that is taken by the bound on their number; beyond it they are counted first, which takes longer. */
const ROOM_BYTES_MAX = 2 ** 28;

/** @throws AnantError `E_OUT_OF_MEMORY` when the line graph does not fit into one kernel memory. */
export async function lineGraph(
  run: KernelRun,
  parameters: { readonly s: number; readonly of: string; readonly multiEdges: string },
  detail: 'overlaps' | 'both-directions',
): Promise<LineGraph> {
  const { s } = parameters;
  const side = parameters.of === 'vertices' ? 'vertices' : 'hyperedges';
  const { graph } = run;
  const given = side === 'vertices' ? NODE_SIDE : EDGE_SIDE;
  const vertexCount = side === 'vertices' ? graph.hyperedgeCount : graph.vertexCount;
  const merges = side === 'hyperedges' && parameters.multiEdges === 'merge' ? 1 : 0;
  const { sets, totals } = await run.call(sLineBoundTask, given, { vertexCount, s, merges });
  const [nodeCount, bound] = totals as unknown as [number, number];
  const edgeBytes = detail === 'overlaps' ? 8 : 16;
  let edgesMax = bound;
  if (bound * edgeBytes > ROOM_BYTES_MAX) {
    edgesMax = (await run.call(sLineCountTask, { ...given, sets }, { vertexCount, s, nodeCount })).result;
    requireMemory(graph, { s, nodeCount, edgeCount: edgesMax }, edgeBytes);
  }
  const overlapCount = detail === 'overlaps' ? edgesMax : 0;
  const { nodes, offsets, neighbours, overlaps, result } = await run.call(
    sLineFillTask,
    { ...given, sets },
    { vertexCount, s, nodeCount, edgesMax, overlapCount },
  );
  const firstOf = (array: Uint32Array) => (array.length > result ? array.slice(0, result) : array);
  return { side, nodes, sets, offsets, neighbours: firstOf(neighbours), overlaps: firstOf(overlaps) };
}

function requireMemory(
  graph: Hypergraph,
  { s, nodeCount, edgeCount }: { readonly s: number; readonly nodeCount: number; readonly edgeCount: number },
  edgeBytes: number,
): void {
  const bytes = edgeCount * edgeBytes;
  const left = BYTES_MAX - graph.bytes().incidence;
  if (bytes <= left) return;
  const gib = (value: number) => `${(value / 2 ** 30).toFixed(1)} GiB`;
  throw new AnantError(
    'E_OUT_OF_MEMORY',
    `The ${s}-line graph has ${edgeCount} edges between ${nodeCount} nodes: that takes ${gib(bytes)}, and a kernel ` +
      `memory has ${gib(left)} left.`,
    { advice: 'Take a larger s, or a part of the hypergraph.' },
  );
}

/** Both directions of the edges of a line graph. */
export async function arcsOf(run: KernelRun, { offsets, neighbours }: LineGraph): Promise<Arcs> {
  const mirrored = await run.call(mirrorArcsTask, { offsets, neighbours }, {});
  return { offsets: mirrored.arcOffsets, arcs: mirrored.arcs };
}

/** A value for every hyperedge (or vertex): that of the node it belongs to, `otherwise` where it is in none. */
export function spread<Values extends Float64Array | Uint32Array | Int32Array>(
  { nodes, sets }: LineGraph,
  byNode: Values,
  otherwise: number,
): Values {
  const Constructor = byNode.constructor as new (length: number) => Values;
  const values = new Constructor(sets.length).fill(otherwise) as Values;
  for (let node = 0; node < nodes.length; node++) values[nodes[node]!] = byNode[node]!;
  for (let id = 0; id < sets.length; id++) values[id] = values[sets[id]!]!;
  return values;
}

/** What people call a hyperedge or a vertex. */
export function nameOf(graph: Hypergraph, side: LineSide, id: number): string {
  return side === 'vertices' ? graph.labelOf(id) : String(graph.hyperedges.externalOf(id));
}

/** `hyperedge` or `vertex`: the head of a column. */
export const columnOf = (side: LineSide): string => (side === 'vertices' ? 'vertex' : 'hyperedge');
