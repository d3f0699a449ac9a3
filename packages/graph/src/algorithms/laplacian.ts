import { cliqueDegreesTask, cliqueExpansionTask } from '../kernels/community-tasks.js';
import { spgemmCountTask, spgemmFillTask } from '../kernels/matrix-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { countArcs, PAIR_WEIGHTS, type PairWeights, WEIGHTINGS } from './pairs.js';
import { BOTH_SIDES, type KernelRun } from './run-kernel-task.js';

export interface LaplacianParameters {
  /** `normalised` by hyperedges, or that of the `clique` expansion. @default 'normalised' */
  readonly kind?: 'normalised' | 'clique';
  /** How pairs of the clique expansion are weighted, for `clique`: docs/graph.md. @default 'share' */
  readonly weights?: PairWeights;
}

/** Rows of a symmetric matrix, columns rising: what `new SparseMatrix` takes. */
export interface LaplacianValues {
  readonly [name: string]: Uint32Array | Float64Array;
  readonly offsets: Uint32Array;
  readonly indexes: Uint32Array;
  readonly values: Float64Array;
}

type Rows = LaplacianValues;

/**
 * A Laplacian of the vertices, as a sparse matrix. `normalised`: I - D^(-1/2) H E^(-1) Hᵀ D^(-1/2) with degrees D, sizes E and
 * the incidence H as listed (Zhou, Huang and Schölkopf, "Learning with hypergraphs", NIPS 2006). `clique`: row sums less the
 * weighted clique expansion (Agarwal, Branson and Belongie, "Higher order learning with graphs", ICML 2006). Rows of
 * vertices without hyperedges (for `clique`: without neighbours) are empty.
 * @throws AnantError `E_OUT_OF_MEMORY`
 */
export const laplacian = defineAlgorithm<LaplacianParameters, LaplacianValues>({
  name: 'laplacian',
  description: 'The Laplacian of the vertices as a sparse matrix: normalised, or of the clique expansion.',
  parameters: {
    kind: {
      type: 'choice',
      description: 'normalised by hyperedges, or of the clique expansion',
      default: 'normalised',
      choices: ['normalised', 'clique'],
    },
    weights: PAIR_WEIGHTS,
  },
  async compute(run, { kind, weights }) {
    const { graph } = run;
    const rows = kind === 'normalised' ? await normalised(run) : await ofPairs(run, weights);
    const { offsets, indexes, values } = rows;
    const diagonal = (vertex: number) => {
      const at = indexes.subarray(offsets[vertex], offsets[vertex + 1]).indexOf(vertex);
      return at < 0 ? 0 : values[offsets[vertex]! + at]!;
    };
    return {
      values: rows,
      summary: [
        { name: 'rows', value: graph.vertexCount },
        { name: 'entries', value: indexes.length },
      ],
      table: (count) => ({
        columns: ['vertex', 'diagonal', 'entries'],
        rows: Array.from({ length: Math.min(count, graph.vertexCount) }, (_, vertex) => [
          graph.labelOf(vertex),
          Number(diagonal(vertex).toPrecision(6)),
          offsets[vertex + 1]! - offsets[vertex]!,
        ]),
      }),
    };
  },
});

/** I - M Mᵀ with M = D^(-1/2) H^T E^(-1/2), a row per vertex. */
async function normalised(run: KernelRun): Promise<Rows> {
  const { graph } = run;
  const [nodes, edges] = [graph.nodeToEdges, graph.edgeToNodes];
  const rootOf = ({ offsets }: typeof nodes, list: number) => Math.sqrt(offsets[list + 1]! - offsets[list]!);
  const scaled = (side: typeof nodes, other: typeof nodes) => {
    const values = new Float64Array(side.members.length);
    for (let list = 0; list + 1 < side.offsets.length; list++) {
      for (let i = side.offsets[list]!; i < side.offsets[list + 1]!; i++) {
        values[i] = 1 / (rootOf(side, list) * rootOf(other, side.members[i]!));
      }
    }
    return values;
  };
  const arrays = {
    aOffsets: 'nodeOffsets',
    aColumns: 'nodeMembers',
    bOffsets: 'edgeOffsets',
    bColumns: 'edgeMembers',
    maskOffsets: new Uint32Array(1),
    maskColumns: new Uint32Array(0),
  } as const;
  const shape = { columnCount: graph.vertexCount, maskMode: 0 };
  const counted = await run.call(spgemmCountTask, arrays, shape);
  const filled = await run.call(spgemmFillTask, arrays, {
    ...shape,
    aValues: scaled(nodes, edges),
    bValues: scaled(edges, nodes),
    semiring: 0,
    entryCount: counted.result,
  });
  const offsets = counted.rowOffsets;
  const values = filled.values.map((value) => -value);
  for (let row = 0; row < graph.vertexCount; row++) {
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) if (filled.columns[i] === row) values[i]! += 1;
  }
  return { offsets, indexes: filled.columns, values };
}

async function ofPairs(run: KernelRun, weights: PairWeights): Promise<Rows> {
  const arcs = await countArcs(run);
  const pairs = await run.call(cliqueExpansionTask, BOTH_SIDES, { weighting: WEIGHTINGS[weights], arcs });
  const { degrees } = await run.call(cliqueDegreesTask, BOTH_SIDES, {});
  const offsets = new Uint32Array(degrees.length + 1);
  degrees.forEach((degree, row) => {
    offsets[row + 1] = offsets[row]! + degree + (degree > 0 ? 1 : 0);
  });
  const indexes = new Uint32Array(offsets.at(-1)!);
  const values = new Float64Array(indexes.length);
  for (let row = 0, at = 0; row < degrees.length; row++) {
    const [from, to] = [pairs.offsets[row]!, pairs.offsets[row + 1]!];
    if (from === to) continue;
    const sum = pairs.weights.subarray(from, to).reduce((total, weight) => total + weight, 0);
    let isPut = false;
    for (let i = from; i < to; i++) {
      if (!isPut && pairs.neighbours[i]! > row) {
        indexes[at] = row;
        values[at++] = sum;
        isPut = true;
      }
      indexes[at] = pairs.neighbours[i]!;
      values[at++] = -pairs.weights[i]!;
    }
    if (isPut) continue;
    indexes[at] = row;
    values[at++] = sum;
  }
  return { offsets, indexes, values };
}
