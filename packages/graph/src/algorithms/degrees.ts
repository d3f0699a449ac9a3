import { degreesTask } from '../kernels/tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { topIndexes } from './top-indexes.js';

export interface DegreesParameters {
  /** Degrees of vertices, or sizes of hyperedges. @default 'vertices' */
  readonly of?: 'vertices' | 'hyperedges';
}

/**
 * Degrees of vertices (in how many hyperedges each is; multi-edges count each) or sizes of hyperedges.
 * `values.degrees` has one element per vertex or hyperedge. Berge, "Hypergraphs: combinatorics of finite sets" (1989), chapter 1.
 */
export const degrees = defineAlgorithm<DegreesParameters, { readonly degrees: Uint32Array }>({
  name: 'degrees',
  description: 'Degrees of vertices, or sizes of hyperedges.',
  parameters: {
    of: {
      type: 'choice',
      choices: ['vertices', 'hyperedges'],
      description: 'degrees of vertices or sizes of hyperedges',
      default: 'vertices',
    },
  },
  async compute(run, parameters) {
    const { graph } = run;
    const isOfVertices = parameters.of === 'vertices';
    const { degrees: values } = await run.call(
      degreesTask,
      { offsets: isOfVertices ? 'nodeOffsets' : 'edgeOffsets' },
      {},
    );
    const sorted = values.slice().sort();
    const total = graph.incidenceCount;
    const name = isOfVertices ? 'degree' : 'size';
    return {
      values: { degrees: values },
      summary: [
        { name: isOfVertices ? 'vertices' : 'hyperedges', value: values.length },
        { name: `largest ${name}`, value: sorted.at(-1) ?? 0 },
        { name: `median ${name}`, value: sorted[sorted.length >> 1] ?? 0 },
        { name: `mean ${name}`, value: values.length === 0 ? 0 : Number((total / values.length).toFixed(3)) },
        { name: `with ${name} 0`, value: countZeros(sorted) },
      ],
      table: (count) => ({
        columns: [isOfVertices ? 'vertex' : 'hyperedge', name],
        rows: topIndexes(values, count).map((index) => [
          isOfVertices ? graph.labelOf(index) : String(graph.hyperedges.externalOf(index)),
          values[index]!,
        ]),
      }),
    };
  },
});

/** @param sorted Rising. */
function countZeros(sorted: Uint32Array): number {
  const first = sorted.findIndex((value) => value > 0);
  return first < 0 ? sorted.length : first;
}
