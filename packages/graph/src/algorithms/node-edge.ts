import { nodeEdgeTask } from '../kernels/centrality-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { componentStart } from './component-start.js';
import { type ConvergenceParameters, convergenceOf, convergenceParameters } from './convergence.js';
import { EDGE_SIDE } from './run-kernel-task.js';
import { scoreTable } from './vertex-scores.js';

export interface NodeEdgeParameters extends ConvergenceParameters {
  /** a of f(y) = y^a: how much the best hyperedge of a vertex outweighs the others; 1 to 32. @default 2 */
  readonly edgePower?: number;
  /** b of φ(x) = x^b: how much the best member of a hyperedge outweighs the others; 1 to 32. @default 2 */
  readonly nodePower?: number;
}

/** Scores of vertices and of hyperedges. */
export interface NodeEdgeValues {
  readonly [name: string]: Float64Array;
  readonly scores: Float64Array;
  readonly edgeScores: Float64Array;
}

const POWER = { type: 'integer', default: 2, minimum: 1, maximum: 32 } as const;

/**
 * Node-edge centrality: the score of a vertex is the a-norm of the scores of its hyperedges, that of a hyperedge the
 * b-norm of the scores of its members, each up to a factor; scores of vertices and of hyperedges sum to 1. With
 * `edgePower` a = `nodePower` b = 1 both are sums, with large powers nearly the maximum. Unit weights. On a hypergraph
 * that is not connected, scores are of its largest component and 0 elsewhere, with a warning. Multi-edges count each,
 * repeated members once. Tudisco and Higham, "Node and edge nonlinear eigenvector centrality for hypergraphs",
 * Communications Physics 4 (2021): f(y) = y^a, g its inverse, φ(x) = x^b, ψ its inverse.
 */
export const nodeEdge = defineAlgorithm<NodeEdgeParameters, NodeEdgeValues>({
  name: 'node-edge',
  description: 'Nonlinear eigenvector centrality of vertices and hyperedges together.',
  parameters: {
    edgePower: { ...POWER, description: 'power of the scores of hyperedges' },
    nodePower: { ...POWER, description: 'power of the scores of vertices' },
    ...convergenceParameters({ tolerance: 1e-10, iterationsMax: 10_000 }),
  },
  async compute(run, { edgePower, nodePower, tolerance, iterationsMax }) {
    const { graph } = run;
    const { start, size, warnings } = await componentStart(run);
    const { scores, edgeScores, state, result } = await run.call(nodeEdgeTask, EDGE_SIDE, {
      vertexCount: graph.vertexCount,
      ...{ edgePower, nodePower, start, tolerance, iterationsMax },
    });
    const ended = convergenceOf('Node-edge centrality', { iterations: result, last: state[0]!, tolerance });
    return {
      values: { scores, edgeScores },
      summary: [...ended.facts, { name: 'vertices of the component', value: size }],
      table: (count) => scoreTable(graph, scores, count),
      warnings: [...warnings, ...ended.warnings],
    };
  },
});
