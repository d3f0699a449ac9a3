/**
 * The s-line graph of a hypergraph with its edges: a bound on their number first, so that one that does not fit is
 * refused before anything is allocated.
 */
import { AnantError, copyArray } from '@anant/core';
import type { Hypergraph } from '../hypergraph.js';
import { sLineBoundTask, sLineCountTask, sLineFillTask } from '../kernels/line-tasks.js';
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

/** The nodes of an s-line graph, numbered by rising hyperedge (or vertex). */
export interface LineNodes {
  readonly side: LineSide;
  /** The hyperedge of each node: the first of its member set. */
  readonly nodes: Uint32Array;
  /** For every hyperedge the one that stands for it; itself, or the first with the same members. */
  readonly sets: Uint32Array;
}

export interface LineGraph extends LineNodes {
  /** `neighbours` from `offsets[n]` are the nodes after n that are joined with it, rising. */
  readonly offsets: Uint32Array;
  readonly neighbours: Uint32Array;
  /** How many they share. */
  readonly overlaps: Uint32Array;
}

/** A neighbour, and what it shares. */
const EDGE_BYTES = 8;
/** Most bytes a kernel may address. */
const BYTES_MAX = 2 ** 32;
/** Room for edges that is taken by the bound on their number; beyond it they are counted first, which takes longer. */
const ROOM_BYTES_MAX = 2 ** 28;

/** What the tasks of line graphs are given, of either side. */
export function lineInput(
  { graph }: KernelRun,
  { of, multiEdges }: { readonly of: string; readonly multiEdges: string },
) {
  const side: LineSide = of === 'vertices' ? 'vertices' : 'hyperedges';
  return {
    side,
    given: side === 'vertices' ? NODE_SIDE : EDGE_SIDE,
    vertexCount: side === 'vertices' ? graph.hyperedgeCount : graph.vertexCount,
    merges: side === 'hyperedges' && multiEdges === 'merge' ? 1 : 0,
  };
}

/**
 * Edges stay in the memory of the graph where kernels run on it, so that later calls need not carry them: they are valid until
 * the run ends.
 * @param edgeBytes What the caller makes of each edge, these 8 bytes included.
 * @throws AnantError `E_OUT_OF_MEMORY` when the line graph does not fit into one kernel memory.
 */
export async function lineGraph(
  run: KernelRun,
  parameters: { readonly s: number; readonly of: string; readonly multiEdges: string },
  edgeBytes = EDGE_BYTES,
): Promise<LineGraph> {
  const { s } = parameters;
  const { graph } = run;
  const { side, given, vertexCount, merges } = lineInput(run, parameters);
  const { sets, totals } = await run.call(sLineBoundTask, given, { vertexCount, s, merges });
  const [nodeCount, bound] = totals as unknown as [number, number];
  let edgesMax = bound;
  if (bound * edgeBytes > ROOM_BYTES_MAX) {
    edgesMax = (await run.call(sLineCountTask, { ...given, sets }, { vertexCount, s, nodeCount })).result;
    requireLineMemory(graph, { s, nodeCount, edgeCount: edgesMax }, edgeBytes);
  }
  const { nodes, offsets, neighbours, overlaps, result } = await run.keep(
    sLineFillTask,
    { ...given, sets },
    { vertexCount, s, nodeCount, edgesMax, overlapCount: edgesMax },
  );
  const firstOf = (array: Uint32Array) => array.subarray(0, result);
  return {
    ...{ side, sets, offsets, nodes: copyArray(nodes) },
    ...{ neighbours: firstOf(neighbours), overlaps: firstOf(overlaps) },
  };
}

/** Bytes that a kernel memory has left beside the graph. */
export const roomFor = (graph: Hypergraph): number => BYTES_MAX - graph.bytes().incidence;

/** @throws AnantError `E_OUT_OF_MEMORY` */
export function requireLineMemory(
  graph: Hypergraph,
  { s, nodeCount, edgeCount }: { readonly s: number; readonly nodeCount: number; readonly edgeCount: number },
  edgeBytes: number,
): void {
  const bytes = edgeCount * edgeBytes;
  const left = roomFor(graph);
  if (bytes <= left) return;
  const gib = (value: number) => `${(value / 2 ** 30).toFixed(1)} GiB`;
  throw new AnantError(
    'E_OUT_OF_MEMORY',
    `The ${s}-line graph has ${edgeCount} edges between ${nodeCount} nodes: that takes ${gib(bytes)}, and a kernel ` +
      `memory has ${gib(left)} left.`,
    {
      advice:
        'Take a larger s, or a part of the hypergraph (graph.subHypergraph, graph.timeSlice, anant graph slice).',
    },
  );
}

/** A value for every hyperedge (or vertex): that of the node it belongs to, `otherwise` where it is in none. */
export function spread<Values extends Float64Array | Uint32Array | Int32Array>(
  { nodes, sets }: LineNodes,
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
