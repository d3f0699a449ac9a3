/** graphology on the bipartite graph of vertices and hyperedges, from a folder in which it is installed. */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

/** graphology keeps over 600 bytes per edge: larger graphs are left out. */
const INCIDENCES_MAX = 1_000_000;
const SOURCES = 3;

/**
 * Its core numbers are left out: they need an array of vertices times the largest degree, which is too long here.
 * @returns Milliseconds by kernel: one run each, for a run takes seconds; nothing for a graph that is too large.
 */
export async function graphologyTimes(folder, graph, { sources, damping }) {
  if (graph.incidenceCount > INCIDENCES_MAX) return {};
  const require = createRequire(join(resolve(folder), 'index.js'));
  const { UndirectedGraph } = require('graphology');
  const { countConnectedComponents } = require('graphology-components');
  const { bfsFromNode } = require('graphology-traversal');
  const pagerank = require('graphology-metrics/centrality/pagerank');
  const bipartite = new UndirectedGraph();
  const size = graph.vertexCount + graph.hyperedgeCount;
  for (let id = 0; id < size; id++) bipartite.addNode(id);
  for (let hyperedge = 0; hyperedge < graph.hyperedgeCount; hyperedge++) {
    for (const vertex of graph.membersOf(hyperedge)) bipartite.addEdge(graph.vertexCount + hyperedge, vertex);
  }
  const ms = (run) => {
    const start = performance.now();
    run();
    return performance.now() - start;
  };
  const searches = sources
    .slice(0, SOURCES)
    .map((source) => ms(() => bfsFromNode(bipartite, source, () => false)));
  const ITERATIONS = 10;
  return {
    components: ms(() => countConnectedComponents(bipartite)),
    bfs: searches.toSorted((a, b) => a - b)[searches.length >> 1],
    pagerank:
      ms(() => {
        try {
          pagerank(bipartite, { alpha: damping, maxIterations: ITERATIONS, tolerance: 0 });
        } catch {
          // It throws where it does not converge, which is what a fixed number of iterations means.
        }
      }) / ITERATIONS,
  };
}
