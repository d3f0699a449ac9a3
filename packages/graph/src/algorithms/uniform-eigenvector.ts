/** What the eigenvectors of uniform hypergraphs have in common: one size, one component, one way to tell. */
import type { hEigenvectorTask } from '../kernels/centrality-tasks.js';
import type { Computed } from './algorithm.js';
import type { EigenvectorValues } from './clique-eigenvector.js';
import { componentStart } from './component-start.js';
import { convergenceOf } from './convergence.js';
import { EDGE_SIDE, type KernelRun } from './run-kernel-task.js';
import { uniformSize } from './uniform.js';
import { scoreTable } from './vertex-scores.js';

export interface UniformEigenvector {
  /** Of the algorithm, and what it computes, as a sentence starts. */
  readonly name: string;
  readonly title: string;
  /** Both tasks take and give the same. */
  readonly task: typeof hEigenvectorTask;
  readonly limits: { readonly tolerance: number; readonly iterationsMax: number };
  /** From what the task says of it, for hyperedges of `size` members. */
  readonly eigenvalueOf: (found: { scores: Float64Array; factor: number; size: number }) => number;
}

/** @throws AnantError `E_GRAPH_INVALID` when hyperedges have different numbers of members */
export async function uniformEigenvector(
  run: KernelRun,
  { name, title, task, limits, eigenvalueOf }: UniformEigenvector,
): Promise<Computed<EigenvectorValues>> {
  const { graph } = run;
  const size = uniformSize(graph.memberRange(), name, (hyperedge) => graph.hyperedges.externalOf(hyperedge));
  const component = await componentStart(run);
  const { start } = component;
  const { vertexCount } = graph;
  const { scores, state, result } = await run.call(task, EDGE_SIDE, { vertexCount, size, start, ...limits });
  const { tolerance } = limits;
  const ended = convergenceOf(title, { iterations: result, last: state[0]!, tolerance });
  const eigenvalue = eigenvalueOf({ scores, factor: state[1]!, size });
  return {
    values: { scores, eigenvalue: Float64Array.of(eigenvalue) },
    summary: [
      ...ended.facts,
      { name: 'eigenvalue', value: Number(eigenvalue.toPrecision(9)) },
      { name: 'members of each hyperedge', value: size },
      { name: 'vertices of the component', value: component.size },
    ],
    table: (count) => scoreTable(graph, scores, count),
    warnings: [...component.warnings, ...ended.warnings],
  };
}

export function factorial(n: number): number {
  let product = 1;
  for (let factor = 2; factor <= n; factor++) product *= factor;
  return product;
}
