import { componentsTask } from '../kernels/tasks.js';
import { componentsTeam, piecesLength } from '../kernels/team-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { COMPONENT_NAMES, describeGroups } from './groups.js';
import { BOTH_SIDES, EDGE_SIDE } from './run-kernel-task.js';

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
    const { vertexCount } = graph;
    const pieces = { piecesLength: piecesLength(vertexCount, run.threads) };
    const { labels, result } = await run.callTeam(componentsTeam, BOTH_SIDES, pieces, () =>
      run.call(componentsTask, EDGE_SIDE, { vertexCount }),
    );
    return { values: { labels }, ...describeGroups(graph, labels, { ...COMPONENT_NAMES, count: result }) };
  },
});
