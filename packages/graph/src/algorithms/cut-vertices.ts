import { cutVerticesTask } from '../kernels/traversal-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { percent } from './groups.js';
import { BOTH_SIDES } from './run-kernel-task.js';

/**
 * Cut vertices: those without which the other vertices of their component are no longer all connected; hyperedges lose the
 * vertex and stay. `values.vertices` are their indexes, rising. Hopcroft and Tarjan, "Algorithm 447: efficient algorithms
 * for graph manipulation", Comm. ACM 16 (1973), on vertices and hyperedges as nodes of one graph.
 */
export const cutVertices = defineAlgorithm<Record<never, never>, { readonly vertices: Uint32Array }>({
  name: 'cut-vertices',
  description: 'Vertices without which their component falls apart.',
  parameters: {},
  async compute(run) {
    const { graph } = run;
    const { isCut, result } = await run.call(cutVerticesTask, BOTH_SIDES, {});
    const vertices = new Uint32Array(result);
    let count = 0;
    for (let vertex = 0; vertex < isCut.length; vertex++) if (isCut[vertex] === 1) vertices[count++] = vertex;
    return {
      values: { vertices },
      summary: [{ name: 'cut vertices', value: `${result} (${percent(result, graph.vertexCount)})` }],
      table: (rows) => ({
        columns: ['vertex', 'degree'],
        rows: [...vertices.subarray(0, rows)].map((vertex) => [
          graph.labelOf(vertex),
          graph.degreeOf(vertex),
        ]),
      }),
    };
  },
});
