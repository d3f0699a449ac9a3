import { AnantError } from '@anant/core';
import { spectralClustersTask } from '../kernels/community-tasks.js';
import { spectralRoom } from '../kernels/spectral-room.js';
import { defineAlgorithm } from './algorithm.js';
import { describeCommunities, rounded, SEED } from './communities.js';
import { EDGE_SIDE } from './run-kernel-task.js';

export interface SpectralClusteringParameters {
  /** Number of clusters; from 1 to the vertices that are in hyperedges, at most 256. @default 2 */
  readonly k?: number;
  /** Gives the vectors and centres to start from; 0 to 4,294,967,295. @default 0 */
  readonly seed?: number;
  /** Most residual |A x - value x| of an eigenvector x of length 1. @default 1e-6 */
  readonly tolerance?: number;
  /** Most products with a block of vectors; 1 to 1,000,000. Stopping there without convergence is a warning. @default 500 */
  readonly iterationsMax?: number;
}

/** Values of spectral clustering. */
export interface SpectralClusteringValues {
  readonly [name: string]: Uint32Array | Float64Array;
  readonly labels: Uint32Array;
  /** The k largest, falling; 1 as often as there are components. */
  readonly eigenvalues: Float64Array;
}

/**
 * Clusters of vertices from the k leading eigenvectors of D^-1/2 H E^-1 H' D^-1/2, one minus the normalised Laplacian of the
 * hypergraph: their rows, of length 1, are clustered by k-means, the best of 16 seeded starts. `values.labels[v]` is the
 * smallest vertex of v's cluster; a vertex without hyperedges is alone. The eigenvectors are found by Lanczos' method with blocks
 * and thick restarts (docs/graph.md). Zhou, Huang and Schölkopf, "Learning with hypergraphs:
 * clustering, classification, and embedding" (NIPS 2006); Ng, Jordan and Weiss, "On spectral clustering" (NIPS 2001).
 */
export const spectralClustering = defineAlgorithm<SpectralClusteringParameters, SpectralClusteringValues>({
  name: 'spectral-clustering',
  description: 'Clusters of vertices from the leading eigenvectors of the normalised Laplacian.',
  parameters: {
    k: { type: 'integer', description: 'number of clusters', default: 2, minimum: 1, maximum: 256 },
    seed: { ...SEED, description: 'gives the vectors and centres to start from' },
    tolerance: {
      type: 'number',
      description: 'most residual of an eigenvector of length 1',
      default: 1e-6,
      minimum: 0,
      maximum: 1,
      bounds: 'exclusive',
    },
    iterationsMax: {
      type: 'integer',
      description: 'most products with a block of vectors',
      default: 500,
      minimum: 1,
      maximum: 1_000_000,
    },
  },
  async compute(run, { k, seed, tolerance, iterationsMax }) {
    const { graph } = run;
    const { vertexCount } = graph;
    const { offsets } = graph.nodeToEdges;
    let held = 0;
    for (let vertex = 0; vertex < vertexCount; vertex++)
      if (offsets[vertex + 1]! > offsets[vertex]!) held += 1;
    if (k > held) {
      throw new AnantError(
        'E_GRAPH_INVALID',
        `"k" must be at most the ${held} vertices that are in hyperedges, not ${k}.`,
        { advice: 'Ask for fewer clusters.' },
      );
    }
    const output = await run.call(spectralClustersTask, EDGE_SIDE, {
      vertexCount,
      ...{ k, seed, tolerance, iterationsMax },
      ...spectralRoom(vertexCount, k),
    });
    const { labels, eigenvalues, residual, result } = output;
    const isConverged = residual[0]! < tolerance;
    return {
      ...describeCommunities(graph, { labels, eigenvalues }, [
        { name: 'smallest eigenvalue used', value: rounded(eigenvalues[k - 1]!) },
        { name: 'iterations', value: result },
        { name: 'largest residual', value: residual[0]!.toExponential(2) },
        { name: 'converged', value: isConverged ? 'yes' : 'no' },
      ]),
      ...(!isConverged && {
        warnings: [
          `Spectral clustering did not converge: after ${result} products a residual is ${residual[0]!.toPrecision(2)}, not below the tolerance ${tolerance}; raise iterationsMax.`,
        ],
      }),
    };
  },
});
