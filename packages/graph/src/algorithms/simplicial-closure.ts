import { AnantError } from '@anant/core';
import type { Hypergraph } from '../hypergraph.js';
import { cliqueDegreesTask, cliqueExpansionTask } from '../kernels/community-tasks.js';
import { simplicialClosureTask } from '../kernels/counting-tasks.js';
import { sLineBoundTask } from '../kernels/line-tasks.js';
import type { Incidence } from '../store/incidence.js';
import { transpose } from '../store/transpose.js';
import { defineAlgorithm } from './algorithm.js';
import { WEIGHTINGS } from './pairs.js';
import type { KernelRun } from './run-kernel-task.js';

export interface SimplicialClosureParameters {
  /** Share of the hyperedges that comes before; between 0 and 1. @default 0.8 */
  readonly split?: number;
  /** Hyperedges with more different members are left out; 2 to 1000. @default 25 */
  readonly sizeMax?: number;
}

/**
 * By what pairs a triple had made before: two of which none, one, both were strong; three of which none, one, two, all
 * were. Of each kind the triples that no hyperedge held before, and those of them that one held after.
 */
export interface SimplicialClosureValues {
  readonly [name: string]: Float64Array;
  readonly open: Float64Array;
  readonly closed: Float64Array;
}

const KINDS = [
  'two pairs, none strong',
  'two pairs, one strong',
  'two pairs, both strong',
  'three pairs, none strong',
  'three pairs, one strong',
  'three pairs, two strong',
  'three pairs, all strong',
] as const;

/**
 * Simplicial closure over time: which open triples of vertices a later hyperedge holds. Hyperedges come in the order of
 * their property `time`; the first `split` of them, and those of the same time as the last one, are before. Two vertices
 * make a pair when a hyperedge before holds both, a strong one when two do. Multi-edges count each. Hyperedges without a
 * time are left out, and a warning says how many. Counts are exact up to 2^53. Benson, Abebe, Schaub, Jadbabaie and
 * Kleinberg, "Simplicial closure and higher-order link prediction", PNAS 115 (2018).
 * @throws AnantError `E_GRAPH_INVALID` when no hyperedge has a time; `E_OUT_OF_MEMORY`
 */
export const simplicialClosure = defineAlgorithm<SimplicialClosureParameters, SimplicialClosureValues>({
  name: 'simplicial-closure',
  description: 'Open triples of vertices that later hyperedges close, by the strength of their pairs.',
  parameters: {
    split: {
      type: 'number',
      description: 'share of the hyperedges that comes before',
      default: 0.8,
      minimum: 0,
      maximum: 1,
      bounds: 'exclusive',
    },
    sizeMax: {
      type: 'integer',
      description: 'hyperedges with more members are left out',
      default: 25,
      minimum: 2,
      maximum: 1000,
    },
  },
  async compute(run, { split, sizeMax }) {
    const { order, before, untimed, large } = orderByTime(run.graph, split, sizeMax);
    const { open, closed, fewer } = await count(run, order, before);
    const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
    const shareOf = (kind: number) =>
      open[kind] === 0 ? 0 : Number((closed[kind]! / open[kind]!).toPrecision(6));
    return {
      values: { open, closed },
      summary: [
        { name: 'hyperedges before', value: before },
        { name: 'hyperedges after', value: order.length - before },
        { name: 'open triangles before', value: sum(open.subarray(3)) },
        { name: 'of them closed after', value: sum(closed.subarray(3)) },
        { name: 'closed after with fewer than two pairs', value: fewer },
      ],
      table: (rows) => ({
        columns: ['triples with', 'open before', 'closed after', 'share'],
        rows: KINDS.slice(0, rows).map((name, kind) => [name, open[kind]!, closed[kind]!, shareOf(kind)]),
      }),
      warnings: [
        ...(untimed > 0 ? [`${untimed} hyperedges without a time were left out.`] : []),
        ...(large > 0 ? [`${large} hyperedges of more than ${sizeMax} members were left out.`] : []),
      ],
    };
  },
});

interface TimeOrder {
  /** Hyperedges in the order of time. */
  readonly order: Uint32Array;
  /** How many of them are before. */
  readonly before: number;
  readonly untimed: number;
  readonly large: number;
}

/** @throws AnantError `E_GRAPH_INVALID` */
function orderByTime(graph: Hypergraph, split: number, sizeMax: number): TimeOrder {
  const { time } = graph.properties.hyperedges;
  if (graph.hyperedgeCount > 0 && (time === undefined || time.dictionary)) {
    throw new AnantError('E_GRAPH_INVALID', 'The hyperedges have no property "time" of numbers.', {
      advice:
        "Load the graph with properties: 'keep', or import it with anant graph import, from a format with times.",
    });
  }
  const times = time?.values ?? new Float64Array(0);
  const kept: number[] = [];
  let [untimed, large] = [0, 0];
  for (let hyperedge = 0; hyperedge < graph.hyperedgeCount; hyperedge++) {
    if (Number.isNaN(times[hyperedge])) untimed += 1;
    else if (new Set(graph.membersOf(hyperedge)).size > sizeMax) large += 1;
    else kept.push(hyperedge);
  }
  const order = Uint32Array.from(kept).sort((one, other) => times[one]! - times[other]! || one - other);
  let before = Math.floor(order.length * split);
  const last = before === 0 ? Number.NaN : times[order[before - 1]!];
  while (before < order.length && times[order[before]!] === last) before += 1;
  return { order, before, untimed, large };
}

async function count(run: KernelRun, order: Uint32Array, before: number) {
  const { graph } = run;
  const { vertexCount } = graph;
  const first = incidenceOf(graph, order.subarray(0, before));
  const both = { ...edgeSide(first), ...nodeSide(first, vertexCount) };
  const { degrees } = await run.call(cliqueDegreesTask, both, {});
  const arcs = degrees.reduce((sum, degree) => sum + degree, 0);
  const pairs = await run.call(cliqueExpansionTask, both, { weighting: WEIGHTINGS.count, arcs });
  // A triple is held first by the first of equal hyperedges.
  const { sets } = await run.call(sLineBoundTask, edgeSide(incidenceOf(graph, order)), {
    vertexCount,
    s: 1,
    merges: 1,
  });
  const isFirst = (at: number) => sets[at] === at || sets[at] === 0xffff_ffff;
  const places = Uint32Array.from(order.keys()).filter(isFirst);
  const distinct = incidenceOf(
    graph,
    places.map((at) => order[at]!),
  );
  const { triangles, closedBefore, closedAfter } = await run.call(
    simplicialClosureTask,
    {
      ...edgeSide(distinct),
      ...nodeSide(distinct, vertexCount),
      pairOffsets: pairs.offsets,
      pairs: pairs.neighbours,
    },
    { pairCounts: pairs.weights, before: places.filter((at) => at < before).length },
  );
  const wedges = wedgesOf(pairs.offsets, pairs.weights, triangles);
  const open = Float64Array.of(...wedges, ...triangles.map((all, kind) => all - closedBefore[kind]!));
  const closed = Float64Array.of(...closedAfter.subarray(4, 7), ...closedAfter.subarray(0, 4));
  return { open, closed, fewer: closedAfter[7]! };
}

/** Triples with exactly two pairs, by how many are strong: all meetings of two pairs less those of triangles. */
function wedgesOf(offsets: Uint32Array, counts: Float64Array, triangles: Float64Array): number[] {
  const wedges = [0, 0, 0];
  for (let vertex = 0; vertex + 1 < offsets.length; vertex++) {
    let strong = 0;
    for (let i = offsets[vertex]!; i < offsets[vertex + 1]!; i++) strong += Number(counts[i]! > 1);
    const weak = offsets[vertex + 1]! - offsets[vertex]! - strong;
    wedges[0]! += (weak * (weak - 1)) / 2;
    wedges[1]! += weak * strong;
    wedges[2]! += (strong * (strong - 1)) / 2;
  }
  const [none, one, two, all] = triangles as unknown as [number, number, number, number];
  return [wedges[0]! - 3 * none - one, wedges[1]! - 2 * one - 2 * two, wedges[2]! - two - 3 * all];
}

/** Different members of some hyperedges, in the order given. */
function incidenceOf(graph: Hypergraph, hyperedges: Uint32Array): Incidence {
  const offsets = new Uint32Array(hyperedges.length + 1);
  const members: number[] = [];
  hyperedges.forEach((hyperedge, at) => {
    for (const vertex of new Set(graph.membersOf(hyperedge))) members.push(vertex);
    offsets[at + 1] = members.length;
  });
  return { offsets, members: Uint32Array.from(members) };
}

const edgeSide = ({ offsets, members }: Incidence) => ({ edgeOffsets: offsets, edgeMembers: members });

function nodeSide(edges: Incidence, vertexCount: number) {
  const nodes = { offsets: new Uint32Array(vertexCount + 1), members: new Uint32Array(edges.members.length) };
  transpose(edges, nodes);
  return { nodeOffsets: nodes.offsets, nodeMembers: nodes.members };
}
