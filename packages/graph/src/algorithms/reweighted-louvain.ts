import { louvainRowsTask, modularitiesTask } from '../kernels/community-tasks.js';
import { spgemmCountTask, spgemmFillTask } from '../kernels/matrix-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { describeCommunities, RESOLUTION, rounded, SEED } from './communities.js';
import { type ConvergenceParameters, convergenceOf, convergenceParameters } from './convergence.js';
import { HyperedgeWeights } from './hyperedge-weights.js';
import type { LouvainValues } from './louvain.js';
import { arcsRoom, countArcs, WEIGHTINGS } from './pairs.js';
import { BOTH_SIDES, type KernelRun } from './run-kernel-task.js';

export interface ReweightedLouvainParameters extends ConvergenceParameters {
  /** Gives the order of vertices; 0 to 4,294,967,295. @default 0 */
  readonly seed?: number;
  /** Weight of what is expected by chance; more finds more and smaller communities. @default 1 */
  readonly resolution?: number;
}

/** Communities, their modularity on the clique expansion, and the last weights of hyperedges. */
export interface ReweightedLouvainValues extends LouvainValues {
  readonly hyperedgeWeights: Float64Array;
}

/**
 * Communities by iteratively reweighted modularity maximization (IRMM): Louvain on the clique expansion in which a hyperedge e of
 * weight w(e) adds w(e) / (size - 1) to each pair of its members, where weights begin at 1 and become, again and again, the
 * mean of the old one and (size + c) / m times the sum over the c communities of 1 / (members of e in it + 1), so that
 * hyperedges that are cut unevenly hold together more. m are the hyperedges of at least two members, c the communities of
 * vertices in them. It ends when no weight changes by `tolerance`; then `values.labels[v]` is the smallest vertex of v's
 * community, `values.modularity` that of the clique expansion with weights 1, `values.hyperedgeWeights` the last weights. Members
 * count as listed. Kumar, Vaidyanathan, Ananthapadmanabhan, Parthasarathy and Ravindran, "Hypergraph clustering by iteratively
 * reweighted modularity maximization", Applied Network Science 5, 52 (2020), section 4.
 * @throws AnantError `E_OUT_OF_MEMORY` when the clique expansion does not fit into one kernel memory
 */
export const reweightedLouvain = defineAlgorithm<ReweightedLouvainParameters, ReweightedLouvainValues>({
  name: 'reweighted-louvain',
  description: 'Communities by Louvain with hyperedges weighed anew by how they are cut (Kumar).',
  parameters: {
    seed: SEED,
    resolution: RESOLUTION,
    ...convergenceParameters({ tolerance: 0.01, iterationsMax: 50 }),
  },
  async compute(run, { seed, resolution, tolerance, iterationsMax }) {
    const { graph } = run;
    const { vertexCount } = graph;
    await countArcs(run);
    const rows = await Rows.of(run);
    const weights = new HyperedgeWeights(graph);
    const find = async () => {
      const expansion = { ...rows.pattern, values: await rows.valuesFor(weights.pairShares()) };
      const { offsets, columns, values } = expansion;
      return run.call(louvainRowsTask, { offsets, columns }, { values, resolution, seed });
    };
    let { labels } = await find();
    let [iterations, last] = [0, Number.POSITIVE_INFINITY];
    while (iterations < iterationsMax && last >= tolerance) {
      last = weights.update(labels);
      ({ labels } = await find());
      iterations += 1;
    }
    const ended = convergenceOf('Reweighting', { iterations, last, tolerance });
    const { values: modularities } = await run.call(
      modularitiesTask,
      { ...BOTH_SIDES, labels },
      { resolution, weighting: WEIGHTINGS.share, arcsMax: await arcsRoom(run) },
    );
    const modularity = modularities.slice(0, 1);
    const facts = [{ name: 'clique modularity', value: rounded(modularity[0]!) }, ...ended.facts];
    return {
      ...describeCommunities(graph, { labels, modularity, hyperedgeWeights: weights.values }, facts),
      warnings: vertexCount === 0 ? [] : ended.warnings,
    };
  },
});

/** The pairs of the clique expansion, whose weights are computed anew each time. */
class Rows {
  readonly pattern: { readonly offsets: Uint32Array; readonly columns: Uint32Array };
  readonly #run: KernelRun;

  private constructor(run: KernelRun, offsets: Uint32Array, columns: Uint32Array) {
    this.#run = run;
    this.pattern = { offsets, columns };
  }

  static async of(run: KernelRun): Promise<Rows> {
    const { arrays, scalars } = productOf(run);
    const { rowOffsets } = await run.call(spgemmCountTask, arrays, scalars);
    const rows = new Rows(run, rowOffsets, new Uint32Array(0));
    const { columns } = await rows.#fill(new Float64Array(0));
    return new Rows(run, rowOffsets, columns);
  }

  /** @param shares What each incidence, by vertex, adds to each pair. */
  async valuesFor(shares: Float64Array): Promise<Float64Array> {
    return (await this.#fill(shares)).values;
  }

  #fill(aValues: Float64Array) {
    const { arrays, scalars } = productOf(this.#run);
    const entryCount = this.pattern.offsets.at(-1)!;
    const bValues = new Float64Array(0);
    return this.#run.call(spgemmFillTask, arrays, {
      ...scalars,
      ...{ aValues, bValues, entryCount, semiring: 0 },
    });
  }
}

/** Vertices times hyperedges times vertices, without the pairs of a vertex and itself. */
function productOf({ graph: { vertexCount } }: KernelRun) {
  const maskOffsets = Uint32Array.from({ length: vertexCount + 1 }, (_, vertex) => vertex);
  return {
    arrays: {
      aOffsets: 'nodeOffsets',
      aColumns: 'nodeMembers',
      bOffsets: 'edgeOffsets',
      bColumns: 'edgeMembers',
      maskOffsets,
      maskColumns: maskOffsets.slice(0, vertexCount),
    },
    scalars: { columnCount: vertexCount, maskMode: 2 },
  } as const;
}
