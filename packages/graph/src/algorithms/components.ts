import { componentsTask } from '../kernels/tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { firstOfGroup, groupSizes, largestGroups, percent } from './groups.js';
import { EDGE_SIDE } from './run-kernel-task.js';

const EXAMPLES = 5;

/**
 * Connected components of vertices, joined by shared hyperedges. `values.labels[v]` is the smallest vertex of v's
 * component; a vertex without hyperedges is a component of its own. Disjoint sets after Tarjan and van Leeuwen,
 * "Worst-case analysis of set union algorithms", J. ACM 31 (1984).
 */
export const components = defineAlgorithm<Record<never, never>, { readonly labels: Uint32Array }>({
  name: 'components',
  description: 'Connected components of vertices.',
  parameters: {},
  async compute(run) {
    const { graph } = run;
    const { labels, result } = await run.call(componentsTask, EDGE_SIDE, {
      vertexCount: graph.vertexCount,
    });
    const groups = groupSizes(labels);
    return {
      values: { labels },
      summary: [
        { name: 'components', value: result },
        { name: 'largest', value: `${groups.largest} vertices (${percent(groups.largest, labels.length)})` },
        { name: 'single vertices', value: groups.singletons },
      ],
      table: (count) => ({
        columns: ['component', 'vertices', 'examples'],
        rows: largestGroups(groups, count).map((label) => [
          graph.labelOf(label),
          groups.sizes[label]!,
          firstOfGroup(labels, label, EXAMPLES)
            .map((vertex) => graph.labelOf(vertex))
            .join(', '),
        ]),
      }),
    };
  },
});
