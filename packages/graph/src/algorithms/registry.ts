/** All algorithms by name. */
import type { Algorithm } from './algorithm.js';
import { assortativity } from './assortativity.js';
import { bfs } from './bfs.js';
import { cliqueEigenvector } from './clique-eigenvector.js';
import { cliqueExpansion } from './clique-expansion.js';
import { clustering } from './clustering.js';
import { components } from './components.js';
import { conductance } from './conductance.js';
import { cutVertices } from './cut-vertices.js';
import { degrees } from './degrees.js';
import { dfs } from './dfs.js';
import { encapsulation } from './encapsulation.js';
import { hEigenvector } from './h-eigenvector.js';
import { hMotifs } from './h-motifs.js';
import { hyperLouvain } from './hyper-louvain.js';
import { hypercore } from './hypercore.js';
import { independentSet } from './independent-set.js';
import { kCore } from './k-core.js';
import { katz } from './katz.js';
import { labelPropagation } from './label-propagation.js';
import { laplacian } from './laplacian.js';
import { leiden, louvain } from './louvain.js';
import { modularity } from './modularity.js';
import { neighborhood } from './neighborhood.js';
import { nodeEdge } from './node-edge.js';
import { pagerank } from './pagerank.js';
import { parallelLabelPropagation } from './parallel-label-propagation.js';
import { partition } from './partition.js';
import { partitionCut } from './partition-cut.js';
import { randomWalks } from './random-walks.js';
import { reweightedLouvain } from './reweighted-louvain.js';
import { sBetweenness } from './s-betweenness.js';
import { sCloseness } from './s-closeness.js';
import { sComponents } from './s-components.js';
import { sDiameter } from './s-diameter.js';
import { sDistance } from './s-distance.js';
import { sEccentricity } from './s-eccentricity.js';
import { sHarmonic } from './s-harmonic.js';
import { sLineGraph } from './s-line-graph.js';
import { shortestPaths } from './shortest-paths.js';
import { simplicialClosure } from './simplicial-closure.js';
import { spectralClustering } from './spectral-clustering.js';
import { starExpansion } from './star-expansion.js';
import { strongComponents } from './strong-components.js';
import { toplexes } from './toplexes.js';
import { triangles } from './triangles.js';
import { zEigenvector } from './z-eigenvector.js';

export const algorithms = {
  degrees,
  bfs,
  dfs,
  'shortest-paths': shortestPaths,
  components,
  'strong-components': strongComponents,
  'cut-vertices': cutVertices,
  's-components': sComponents,
  's-line-graph': sLineGraph,
  's-distance': sDistance,
  's-diameter': sDiameter,
  's-eccentricity': sEccentricity,
  's-closeness': sCloseness,
  's-harmonic': sHarmonic,
  's-betweenness': sBetweenness,
  'k-core': kCore,
  hypercore,
  'label-propagation': labelPropagation,
  'parallel-label-propagation': parallelLabelPropagation,
  louvain,
  leiden,
  'hyper-louvain': hyperLouvain,
  'reweighted-louvain': reweightedLouvain,
  'spectral-clustering': spectralClustering,
  modularity,
  conductance,
  partition,
  'partition-cut': partitionCut,
  'clique-expansion': cliqueExpansion,
  'star-expansion': starExpansion,
  toplexes,
  encapsulation,
  'independent-set': independentSet,
  laplacian,
  neighborhood,
  pagerank,
  'clique-eigenvector': cliqueEigenvector,
  'h-eigenvector': hEigenvector,
  'z-eigenvector': zEigenvector,
  'node-edge': nodeEdge,
  katz,
  clustering,
  assortativity,
  triangles,
  'h-motifs': hMotifs,
  'simplicial-closure': simplicialClosure,
  'random-walks': randomWalks,
} as const;

export type AlgorithmName = keyof typeof algorithms;

/** The algorithm of a name, if there is one, with parameters that are checked when it runs. */
export function findAlgorithm(name: string): Algorithm | undefined {
  return Object.hasOwn(algorithms, name) ? (algorithms[name as AlgorithmName] as Algorithm) : undefined;
}
