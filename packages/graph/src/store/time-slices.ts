/** Parts of a hypergraph by the times of its hyperedges. */
import { AnantError } from '@anant/core';
import type { Hypergraph } from '../hypergraph.js';

export interface TimeSliceOptions {
  /** Hyperedges from this time on, itself included, in the unit of the times. @default from the first */
  readonly from?: number;
  /** Hyperedges before this time, itself left out. @default to the last */
  readonly to?: number;
  /** The property of hyperedges that holds their time. @default 'time' */
  readonly property?: string;
  /** Whether vertices outside all these hyperedges stay, so that indexes are those of the whole. @default 'all' */
  readonly vertices?: 'all' | 'members';
}

export interface TimeWindowsOptions extends TimeSliceOptions {
  /** Length of each window, in the unit of the times; above 0. */
  readonly length: number;
  /** From the start of one window to that of the next; above 0. Below `length` windows overlap. @default length */
  readonly step?: number;
}

/** The hyperedges with `from` ≤ time < `to`. */
export interface TimeSlice<Graph extends Hypergraph = Hypergraph> {
  readonly from: number;
  readonly to: number;
  /** A hypergraph of its own memory. */
  readonly graph: Graph;
}

/** Most windows of one call. */
const WINDOWS_MAX = 1_000_000;

/** Hyperedges with a time, by rising time, of equal ones as they are numbered. */
interface Timeline {
  readonly order: Uint32Array;
  readonly times: Float64Array;
}

/** @throws AnantError `E_GRAPH_INVALID` when there are no times, or a bound is no number */
export function timeSlice<Graph extends Hypergraph>(graph: Graph, options: TimeSliceOptions = {}): Graph {
  const { from = -Infinity, to = Infinity } = options;
  return sliceOf(graph, timelineOf(graph, options), { from, to }, options);
}

/**
 * Windows [from + i · step, from + i · step + length) from the first time, or `from`, up to the last before `to`. Windows without
 * a hyperedge are among them. Each is made when it is asked for.
 * @throws AnantError `E_GRAPH_INVALID` when there are no times, a number does not fit or there are over 1,000,000 windows
 */
export function* timeWindows<Graph extends Hypergraph>(
  graph: Graph,
  options: TimeWindowsOptions,
): Generator<TimeSlice<Graph>> {
  const { length, step = length } = options;
  for (const [name, value] of Object.entries({ length, step })) {
    if (!(Number.isFinite(value) && value > 0)) {
      throw invalid(`"${name}" must be a number greater than 0, not ${value}.`);
    }
  }
  const timeline = timelineOf(graph, options);
  const { times } = timeline;
  if (times.length === 0) return;
  const start = options.from ?? times[0]!;
  const end = Math.min(options.to ?? Infinity, times.at(-1)!);
  const count = Math.floor((end - start) / step) + 1;
  if (count > WINDOWS_MAX) {
    throw invalid(`There would be ${count} windows, more than ${WINDOWS_MAX}: "step" is ${step}.`);
  }
  for (let i = 0; i < count; i++) {
    const from = start + i * step;
    if (options.to !== undefined && from >= options.to) return;
    const to = Math.min(from + length, options.to ?? Infinity);
    yield { from, to, graph: sliceOf(graph, timeline, { from, to }, options) };
  }
}

function timelineOf(graph: Hypergraph, { from, to, property = 'time' }: TimeSliceOptions): Timeline {
  for (const [name, value] of Object.entries({ from, to })) {
    if (value !== undefined && Number.isNaN(value))
      throw invalid(`"${name}" must be a number, not ${value}.`);
  }
  if (graph.hyperedgeCount === 0) return { order: new Uint32Array(0), times: new Float64Array(0) };
  const column = graph.properties.hyperedges[property];
  if (column === undefined || column.dictionary) {
    const reason = column ? 'it holds texts' : "was it loaded with properties: 'keep'?";
    throw invalid(`Hyperedges have no times in the property "${property}" (${reason}).`);
  }
  const { values } = column;
  const timed = Uint32Array.from(values.keys()).filter((hyperedge) => !Number.isNaN(values[hyperedge]!));
  const order = timed.sort((one, other) => values[one]! - values[other]! || one - other);
  return { order, times: Float64Array.from(order, (hyperedge) => values[hyperedge]!) };
}

function sliceOf<Graph extends Hypergraph>(
  graph: Graph,
  { order, times }: Timeline,
  { from, to }: { readonly from: number; readonly to: number },
  { vertices = 'all' }: TimeSliceOptions,
): Graph {
  const hyperedges = order.slice(firstFrom(times, from), firstFrom(times, to));
  if (vertices === 'all') return graph.subHypergraph({ hyperedges });
  const isMember = new Uint8Array(graph.vertexCount);
  for (const hyperedge of hyperedges) for (const vertex of graph.membersOf(hyperedge)) isMember[vertex] = 1;
  const members = Uint32Array.from(isMember.keys()).filter((vertex) => isMember[vertex] === 1);
  return graph.subHypergraph({ hyperedges, vertices: members });
}

/** How many times are before `bound`. */
function firstFrom(times: Float64Array, bound: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

function invalid(message: string): AnantError<'E_GRAPH_INVALID'> {
  return new AnantError('E_GRAPH_INVALID', message, {
    advice: 'Slices by time are described in docs/graph.md.',
  });
}
