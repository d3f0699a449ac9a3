/** Random hypergraphs whose hyperedges all have one size. */
import type { GraphClient, RunOptions } from '../algorithms/run-kernel-task.js';
import { runOneTask } from '../algorithms/run-one-task.js';
import type { Hypergraph } from '../graph.js';
import { binomialCountTask, binomialTask, uniformTask } from '../kernels/generator-tasks.js';
import { checkInteger, invalid } from './check.js';
import { generatedGraph } from './generated-graph.js';

export interface UniformOptions extends RunOptions {
  readonly vertices: number;
  /** Members of each hyperedge, from 1. */
  readonly size: number;
  /** How many hyperedges, all different; at most half of all sets. One of this and `probability`. */
  readonly hyperedges?: number;
  /** With which probability a set of vertices is a hyperedge; from 0 to 1. */
  readonly probability?: number;
  /** @default 0 */
  readonly seed?: number;
}

const MEMBERS_MAX = 0xffff_ffff;
/** Sets are numbered in 64-bit arithmetic that must not overflow on the way. */
const RANKS_MAX = 2 ** 63;
const EXACT_MAX = 2 ** 53;

/**
 * G(n, m) with `hyperedges`: so many different sets of `size` vertices, every collection as likely as any other. G(n, p)
 * with `probability`: every set is a hyperedge with that probability (Batagelj and Brandes 2005); time and memory grow
 * with the hyperedges, not with the sets.
 * @throws AnantError `E_GRAPH_INVALID` for options that do not fit, `E_OUT_OF_MEMORY`
 */
export async function uniformHypergraph(client: GraphClient, options: UniformOptions): Promise<Hypergraph> {
  const { vertices, size, hyperedges, probability, seed = 0, ...run } = options;
  checkInteger('vertices', vertices, 1);
  checkInteger('size', size, 1, vertices);
  checkInteger('seed', seed);
  if ((hyperedges === undefined) === (probability === undefined)) {
    throw invalid('One of "hyperedges" and "probability" must be given, and not both.');
  }
  const base = { vertexCount: vertices, size, seed };
  if (hyperedges !== undefined) {
    checkInteger('hyperedges', hyperedges);
    const sets = binomial(vertices, size);
    if (hyperedges > sets / 2 && hyperedges > 1) {
      throw invalid(
        `"hyperedges" must be at most half of the ${sets} sets of ${size} vertices, not ${hyperedges}.`,
      );
    }
    const memberCount = checkMembers(hyperedges * size);
    const { members } = await runOneTask(
      client,
      uniformTask,
      { ...base, hyperedgeCount: hyperedges, memberCount },
      run,
    );
    return assemble(vertices, size, members);
  }
  const chance = checkProbability(probability!);
  const setCount = countableSets(vertices, size);
  const memberCount =
    chance === 0
      ? 0
      : checkMembers(
          size *
            (await runOneTask(client, binomialCountTask, { setCount, probability: chance, seed }, run))
              .result,
        );
  const { members } = await runOneTask(
    client,
    binomialTask,
    { ...base, probability: chance, memberCount },
    run,
  );
  return assemble(vertices, size, members);
}

function assemble(vertexCount: number, size: number, members: Uint32Array): Hypergraph {
  const offsets = Uint32Array.from({ length: members.length / size + 1 }, (_, index) => index * size);
  return generatedGraph('uniform', { vertexCount, offsets, members });
}

function checkProbability(probability: number): number {
  if (probability >= 0 && probability <= 1) return probability;
  throw invalid(`"probability" must be a number from 0 to 1, not ${probability}.`);
}

function checkMembers(members: number): number {
  if (members <= MEMBERS_MAX) return members;
  throw invalid(`The hypergraph would have ${members} incidences, more than ${MEMBERS_MAX}.`);
}

function countableSets(vertices: number, size: number): number {
  const sets = binomial(vertices, size);
  const largest = size * 2 > vertices ? binomial(vertices, Math.floor(vertices / 2)) : sets;
  if (sets <= EXACT_MAX && largest * vertices < RANKS_MAX) return sets;
  throw invalid(
    `There are ${sets.toPrecision(3)} sets of ${size} out of ${vertices} vertices, too many to number: ` +
      'use "hyperedges" instead of "probability".',
  );
}

/** Rounded above 2^53. */
function binomial(n: number, k: number): number {
  let value = 1;
  for (let i = 0; i < k && value < Infinity; i++) value = Math.round((value * (n - i)) / (i + 1));
  return value;
}
