import { hyperLouvainTask, louvainTask } from '../kernels/community-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { describeCommunities, RESOLUTION, rounded, SEED } from './communities.js';
import type { LouvainValues } from './louvain.js';
import { arcsRoom, pairsRoom, WEIGHTINGS } from './pairs.js';
import { BOTH_SIDES, EDGE_SIDE, type KernelRun } from './run-kernel-task.js';

/** Louvain's communities at this resolution are smaller than those sought, so that what it joined wrongly is little. */
const START_RESOLUTION = 4;
const OBJECTIVES = ['strict', 'majority', 'linear'] as const;

export interface HyperLouvainParameters {
  /** What a hyperedge counts that is divided: docs/graph.md, modularity. @default 'strict' */
  readonly objective?: (typeof OBJECTIVES)[number];
  /** Communities that moves begin from: fine ones of `louvain`, or every vertex alone. @default 'louvain' */
  readonly start?: 'louvain' | 'alone';
  /** Gives the order of vertices; 0 to 4,294,967,295. @default 0 */
  readonly seed?: number;
  /** Weight of what is expected by chance; more finds more and smaller communities. @default 1 */
  readonly resolution?: number;
}

/**
 * Communities of great hypergraph modularity, found on the hyperedges themselves: vertices move to the community of
 * greatest gain, in an order shuffled by `seed`, then communities as a whole, until nothing moves. `objective` is strict,
 * majority or linear modularity; strict is the all-or-nothing objective. `values.labels[v]` is the smallest vertex of v's
 * community, `values.modularity` that of the result. Objectives: Kamiński, Poulin, Prałat, Szufel and Théberge, "Clustering
 * via hypergraph modularity", PLoS ONE 14 (2019); all-or-nothing: Chodrow, Veldt and Benson, "Generative hypergraph
 * clustering: from blockmodels to modularity", Science Advances 7 (2021). Moves: Blondel and others (2008). The start from
 * `louvain` (at resolution 4), since one vertex rarely completes a hyperedge of strangers: Kamiński, Misiorek, Prałat and Théberge, "Modularity
 * based community detection in hypergraphs" (2024). A pass takes time in proportion to the sum of squared sizes.
 */
export const hyperLouvain = defineAlgorithm<HyperLouvainParameters, LouvainValues>({
  name: 'hyper-louvain',
  description: 'Communities of the hyperedges themselves by strict, majority or linear modularity.',
  parameters: {
    objective: {
      type: 'choice',
      description: 'what a hyperedge counts that is divided',
      default: 'strict',
      choices: OBJECTIVES,
    },
    start: {
      type: 'choice',
      description: 'communities that moves begin from',
      default: 'louvain',
      choices: ['louvain', 'alone'],
    },
    seed: SEED,
    resolution: RESOLUTION,
  },
  async compute(run, { objective, start, seed, resolution }) {
    const { labels, modularity, result } = await run.call(
      hyperLouvainTask,
      { ...EDGE_SIDE, start: await startOf(run, start, seed) },
      { kind: OBJECTIVES.indexOf(objective), resolution, seed },
    );
    return describeCommunities(run.graph, { labels, modularity }, [
      { name: `${objective} modularity`, value: rounded(modularity[0]!) },
      { name: 'rounds', value: result },
    ]);
  },
});

async function startOf(run: KernelRun, start: string, seed: number): Promise<Uint32Array> {
  if (start === 'alone') return Uint32Array.from({ length: run.graph.vertexCount }, (_, vertex) => vertex);
  const arcsMax = await arcsRoom(run);
  const pairsMax = pairsRoom(run.graph, Number.POSITIVE_INFINITY);
  const scalars = {
    seed,
    resolution: START_RESOLUTION,
    weighting: WEIGHTINGS.share,
    refinement: 0,
    arcsMax,
    pairsMax,
  };
  return (await run.call(louvainTask, BOTH_SIDES, scalars)).labels;
}
