/** Random hypergraphs that follow given degrees and sizes: expected degrees, with or without groups, and exact ones. */
import { KernelMemory } from '@anant/core';
import type { GraphClient, RunOptions } from '../algorithms/run-kernel-task.js';
import { runOneTask } from '../algorithms/run-one-task.js';
import type { Hypergraph } from '../graph.js';
import { configurationTask, degreeCorrectedTask } from '../kernels/generator-tasks.js';
import { checkInteger, countsOf, invalid, sumOf } from './check.js';
import { generatedGraph, offsetsOf } from './generated-graph.js';

export interface SequenceOptions extends RunOptions {
  /** Degree of each vertex: expected, or exact in the configuration model. */
  readonly degrees: ArrayLike<number>;
  /** Size of each hyperedge. */
  readonly sizes: ArrayLike<number>;
  /** @default 0 */
  readonly seed?: number;
}

export interface BlockModelOptions extends SequenceOptions {
  /** Group of each vertex, from 0. */
  readonly vertexGroups: ArrayLike<number>;
  /** Group of each hyperedge, from 0. */
  readonly hyperedgeGroups: ArrayLike<number>;
  /** `affinity[g][h]` is how much hyperedges of group h favour vertices of group g; from 0, one above 0 in each column. */
  readonly affinity: readonly (readonly number[])[];
}

/** A hypergraph, and what could not be had. */
export interface ConfigurationResult {
  readonly graph: Hypergraph;
  /** Members that a hyperedge has twice, because no exchange got rid of them. */
  readonly repeatedMembers: number;
}

/**
 * Chung and Lu (2002) for hypergraphs: every place of a hyperedge gets a vertex with a probability proportional to its
 * degree. A vertex that the hyperedge has already is drawn again; after 64 draws the place is left out, so that sizes are
 * kept unless few vertices have nearly all the weight, and the degrees of these come out lower than asked for.
 * @throws AnantError `E_GRAPH_INVALID` for sequences that do not fit, `E_OUT_OF_MEMORY`
 */
export function chungLuHypergraph(client: GraphClient, options: SequenceOptions): Promise<Hypergraph> {
  const { degrees, sizes } = options;
  return blockModel('chung-lu', client, {
    ...options,
    vertexGroups: new Uint32Array(degrees.length),
    hyperedgeGroups: new Uint32Array(sizes.length),
    affinity: [[1]],
  });
}

/**
 * The degree-corrected block model (Larremore, Clauset and Jacobs 2014) with the sizes kept: a place of a hyperedge of
 * group h gets a vertex of group g with a probability proportional to `affinity[g][h]`, and in it each with one
 * proportional to its degree. Repetitions as in `chungLuHypergraph`.
 * @throws AnantError `E_GRAPH_INVALID`, `E_OUT_OF_MEMORY`
 */
export function dcsbmHypergraph(client: GraphClient, options: BlockModelOptions): Promise<Hypergraph> {
  return blockModel('dcsbm', client, options);
}

async function blockModel(
  model: string,
  client: GraphClient,
  options: BlockModelOptions,
): Promise<Hypergraph> {
  const { degrees, sizes, vertexGroups, hyperedgeGroups, affinity, seed = 0, ...run } = options;
  const weights = countsOf('degrees', degrees);
  const sizeOf = countsOf('sizes', sizes);
  checkInteger('seed', seed);
  const groupOf = groupsOf('vertexGroups', vertexGroups, weights.length, affinity.length);
  const columns = affinity[0]?.length ?? 0;
  const edgeGroups = groupsOf('hyperedgeGroups', hyperedgeGroups, sizeOf.length, columns);
  checkAffinity(affinity, columns, groupOf, weights);
  const memberCount = sumOf('sizes', sizeOf);
  if (memberCount > 0 && sumOf('degrees', weights) === 0) throw invalid('"degrees" must not all be 0.');
  const { order, starts } = sortByGroup(groupOf, affinity.length);
  // In one kernel memory, so that a native backend generates in place and no limit on what is sent applies.
  const memory = new KernelMemory();
  const input = {
    sizes: memory.copy(sizeOf),
    hyperedgeGroups: memory.copy(edgeGroups),
    order: memory.copy(order),
    weights: memory.copy(Float64Array.from(order, (vertex) => weights[vertex]!)),
    groupStarts: memory.copy(starts),
    affinity: memory.copy(Float64Array.from(affinity.flat())),
    seed,
    memberCount,
  };
  const { offsets, members, result } = await runOneTask(client, degreeCorrectedTask, input, run);
  return generatedGraph(model, {
    vertexCount: weights.length,
    offsets,
    members: members.subarray(0, result),
  });
}

/**
 * The configuration model of bipartite graphs (Fosdick and others 2018): degrees and sizes exactly as given, otherwise at
 * random. A member that a hyperedge got twice changes places with a random one elsewhere; where 256 tries find none it
 * stays, and `repeatedMembers` counts it.
 * @throws AnantError `E_GRAPH_INVALID` when degrees and sizes have different sums, `E_OUT_OF_MEMORY`
 */
export async function configurationHypergraph(
  client: GraphClient,
  options: SequenceOptions,
): Promise<ConfigurationResult> {
  const { degrees, sizes, seed = 0, ...run } = options;
  const degreeOf = countsOf('degrees', degrees);
  const sizeOf = countsOf('sizes', sizes);
  checkInteger('seed', seed);
  const memberCount = sumOf('sizes', sizeOf);
  const stubs = sumOf('degrees', degreeOf);
  if (stubs !== memberCount) {
    throw invalid(`"degrees" add up to ${stubs} and "sizes" to ${memberCount}; both count the incidences.`);
  }
  const offsets = offsetsOf(sizeOf);
  const memory = new KernelMemory();
  const input = { degrees: memory.copy(degreeOf), offsets: memory.copy(offsets), seed, memberCount };
  const { members, result } = await runOneTask(client, configurationTask, input, run);
  const graph = generatedGraph('configuration', { vertexCount: degreeOf.length, offsets, members });
  return { graph, repeatedMembers: result };
}

function groupsOf(name: string, groups: ArrayLike<number>, length: number, count: number): Uint32Array {
  if (groups.length !== length) throw invalid(`"${name}" must have ${length} values, not ${groups.length}.`);
  return Uint32Array.from(groups, (group, index) => checkInteger(`${name}[${index}]`, group, 0, count - 1));
}

/** Every column must lead to a vertex of positive degree. */
function checkAffinity(
  affinity: BlockModelOptions['affinity'],
  columns: number,
  groupOf: Uint32Array,
  degrees: Uint32Array,
): void {
  const totals = new Float64Array(affinity.length);
  for (let vertex = 0; vertex < degrees.length; vertex++) totals[groupOf[vertex]!]! += degrees[vertex]!;
  for (const row of affinity) {
    if (row.length !== columns || row.some((value) => !(value >= 0 && value < Infinity))) {
      throw invalid(`"affinity" must have ${columns} numbers from 0 in each row.`);
    }
  }
  for (let column = 0; column < columns; column++) {
    const leads = affinity.some((row, group) => row[column]! > 0 && totals[group]! > 0);
    const isDead = affinity.some((row, group) => row[column]! > 0 && totals[group] === 0);
    if (degrees.length > 0 && (!leads || isDead)) {
      throw invalid(
        `"affinity" leads hyperedges of group ${column} to vertices of which none has a degree above 0.`,
      );
    }
  }
}

function sortByGroup(groupOf: Uint32Array, groupCount: number): { order: Uint32Array; starts: Uint32Array } {
  const starts = new Uint32Array(groupCount + 1);
  for (const group of groupOf) starts[group + 1]! += 1;
  for (let group = 0; group < groupCount; group++) starts[group + 1]! += starts[group]!;
  const next = starts.slice(0, groupCount);
  const order = new Uint32Array(groupOf.length);
  for (let vertex = 0; vertex < groupOf.length; vertex++) order[next[groupOf[vertex]!]!++] = vertex;
  return { order, starts };
}
