import { toplexesTask } from '../kernels/structure-tasks.js';
import { selectParts } from '../store/select.js';
import { defineGraphAlgorithm } from './algorithm.js';
import { percent } from './groups.js';
import { BOTH_SIDES } from './run-kernel-task.js';

/**
 * Toplexes, also called maximal hyperedges: those whose members no other hyperedge has and more; of hyperedges with equal
 * members the first. `values.hyperedges` are their indexes, rising; `graph()` has all vertices and only these hyperedges.
 * Joslyn and others, "Hypernetwork science: from multidimensional networks to computational topology" (2020), section 2.
 */
export const toplexes = defineGraphAlgorithm<Record<never, never>, { readonly hyperedges: Uint32Array }>({
  name: 'toplexes',
  description: 'Hyperedges that no other contains.',
  parameters: {},
  async compute(run) {
    const { graph } = run;
    const { isToplex, result } = await run.call(toplexesTask, BOTH_SIDES, {});
    const hyperedges = new Uint32Array(result);
    let count = 0;
    for (let hyperedge = 0; hyperedge < isToplex.length; hyperedge++) {
      if (isToplex[hyperedge] === 1) hyperedges[count++] = hyperedge;
    }
    return {
      values: { hyperedges },
      graph: () => graph.derive(selectParts(graph.parts(), { hyperedges })),
      summary: [{ name: 'toplexes', value: `${result} (${percent(result, graph.hyperedgeCount)})` }],
      table: (rows) => ({
        columns: ['hyperedge', 'size', 'members'],
        rows: [...hyperedges.subarray(0, rows)].map((hyperedge) => [
          String(graph.hyperedges.externalOf(hyperedge)),
          graph.sizeOf(hyperedge),
          [...graph.membersOf(hyperedge).subarray(0, 5)].map((vertex) => graph.labelOf(vertex)).join(', '),
        ]),
      }),
    };
  },
});
