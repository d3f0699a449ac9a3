import { louvainTask } from '../kernels/community-tasks.js';
import { type Algorithm, defineAlgorithm } from './algorithm.js';
import { describeCommunities, RESOLUTION, rounded, SEED } from './communities.js';
import { arcsRoom, PAIR_WEIGHTS, type PairWeights, pairsRoom, WEIGHTINGS } from './pairs.js';
import { BOTH_SIDES } from './run-kernel-task.js';

export interface LouvainParameters {
  /** Gives the order of vertices; 0 to 4,294,967,295. @default 0 */
  readonly seed?: number;
  /** Weight of what is expected by chance; more finds more and smaller communities. @default 1 */
  readonly resolution?: number;
  /** How pairs of the clique expansion are weighted: docs/graph.md. @default 'share' */
  readonly weights?: PairWeights;
}

/** Values of Louvain and Leiden. */
export interface LouvainValues {
  readonly [name: string]: Uint32Array | Float64Array;
  readonly labels: Uint32Array;
  /** One number: modularity of the clique expansion, at this resolution. */
  readonly modularity: Float64Array;
}

interface Variant {
  readonly name: string;
  readonly description: string;
  readonly refinement: number;
}

function define({ name, description, refinement }: Variant): Algorithm<LouvainParameters, LouvainValues> {
  return defineAlgorithm<LouvainParameters, LouvainValues>({
    name,
    description,
    parameters: { seed: SEED, resolution: RESOLUTION, weights: PAIR_WEIGHTS },
    async compute(run, { seed, resolution, weights }) {
      const { labels, modularity, result } = await run.call(louvainTask, BOTH_SIDES, {
        seed,
        resolution,
        weighting: WEIGHTINGS[weights],
        refinement,
        arcsMax: await arcsRoom(run),
        pairsMax: pairsRoom(run.graph, Number.POSITIVE_INFINITY),
      });
      return describeCommunities(run.graph, { labels, modularity }, [
        { name: 'clique modularity', value: rounded(modularity[0]!) },
        { name: 'levels', value: result },
      ]);
    },
  });
}

/**
 * Communities of the weighted clique expansion by the Louvain method: vertices move to the community of greatest gain of
 * modularity, in an order shuffled by `seed`; communities then move as a whole, and so on until nothing does.
 * `values.labels[v]` is the smallest vertex of v's community. Blondel, Guillaume, Lambiotte and Lefebvre, "Fast unfolding
 * of communities in large networks", J. Stat. Mech. P10008 (2008); weights of Kumar, Vaidyanathan, Ananthapadmanabhan,
 * Parthasarathy and Ravindran, "Hypergraph clustering by iteratively reweighted modularity maximization" (2020), section 3.
 */
export const louvain = define({
  name: 'louvain',
  description: 'Communities of the clique expansion by the Louvain method.',
  refinement: 0,
});

/**
 * As `louvain`, with the refinement of the Leiden method: what moves as a whole are parts of communities that are well
 * connected, so that every community is connected. Always the best merge is taken, never a random one. Traag, Waltman
 * and van Eck, "From Louvain to Leiden: guaranteeing well-connected communities", Scientific Reports 9, 5233 (2019).
 */
export const leiden = define({
  name: 'leiden',
  description: 'Communities of the clique expansion by the Leiden method: each is connected.',
  refinement: 1,
});
