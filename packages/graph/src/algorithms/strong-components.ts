import { strongComponentsTask } from '../kernels/traversal-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { directionsOf } from './directions.js';
import { COMPONENT_NAMES, describeGroups } from './groups.js';
import { EDGE_SIDE } from './run-kernel-task.js';

/**
 * Strongly connected components of vertices: two are in one when each can be reached from the other, through hyperedges
 * from tails to heads. `values.labels[v]` is the smallest vertex of v's component. Directions are those of the graph, or
 * from the first member of a hyperedge to the others. Tarjan, "Depth-first search and linear graph algorithms", SIAM J.
 * Comput. 1 (1972); on vertices and hyperedges as nodes of one graph.
 */
export const strongComponents = defineAlgorithm<Record<never, never>, { readonly labels: Uint32Array }>({
  name: 'strong-components',
  description: 'Strongly connected components of vertices, from tails to heads.',
  parameters: {},
  async compute(run) {
    const { graph } = run;
    const { labels, result } = await run.call(strongComponentsTask, EDGE_SIDE, {
      directions: directionsOf(graph),
      vertexCount: graph.vertexCount,
    });
    return { values: { labels }, ...describeGroups(graph, labels, { ...COMPONENT_NAMES, count: result }) };
  },
});
