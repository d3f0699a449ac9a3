import { assortativityTask } from '../kernels/structure-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { EDGE_SIDE } from './run-kernel-task.js';
import { uniformSize } from './uniform.js';

const KINDS = ['uniform', 'top-2', 'top-bottom'] as const;

export interface AssortativityParameters {
  /** Which two members of a hyperedge are compared, see `assortativity`. @default 'uniform' */
  readonly kind?: (typeof KINDS)[number] | 'dynamical';
}

/**
 * Whether members of a hyperedge have like degrees: `values.assortativity` is one number. For `uniform`, `top-2` and
 * `top-bottom` it is the correlation, from -1 to 1, of the degrees of two members of a hyperedge that is drawn evenly among
 * those of at least two: of any two, drawn evenly; of the two of highest degree; of those of highest and lowest. Means
 * over all draws are taken, none is drawn. Chodrow, "Configuration models of random hypergraphs", Journal of Complex Networks 8
 * (2020), section 4, with degrees themselves instead of their ranks. `dynamical`, of uniform hypergraphs, is
 * ⟨k k'⟩ ⟨k⟩² / ⟨k²⟩² - 1 with ⟨k k'⟩ over pairs of members and the others over all vertices: Landry and Restrepo, "Hypergraph
 * assortativity: a dynamical systems perspective", Chaos 32 (2022). Degrees count multi-edges each and repeated members
 * once. Where all those degrees are alike, or there are none, the correlation is not defined: then it is 0, with a warning.
 * @throws AnantError `E_GRAPH_INVALID` for `dynamical` when hyperedges have different numbers of members
 */
export const assortativity = defineAlgorithm<
  AssortativityParameters,
  { readonly assortativity: Float64Array }
>({
  name: 'assortativity',
  description: 'Whether members of a hyperedge have like degrees: a correlation.',
  parameters: {
    kind: {
      type: 'choice',
      description:
        'of any two members, of the two or the extreme ones by degree; or by spreading, if uniform',
      default: 'uniform',
      choices: [...KINDS, 'dynamical'],
    },
  },
  async compute(run, { kind }) {
    const { vertexCount } = run.graph;
    if (kind === 'dynamical') {
      const { hyperedges } = run.graph;
      uniformSize(run.graph.memberRange(), 'assortativity', (hyperedge) => hyperedges.externalOf(hyperedge));
    }
    const number = kind === 'dynamical' ? 0 : KINDS.indexOf(kind);
    const { moments, result } = await run.call(assortativityTask, EDGE_SIDE, { vertexCount, kind: number });
    const found =
      kind === 'dynamical' ? dynamical(moments, vertexCount, result) : correlation(moments, result);
    const value = found ?? 0;
    return {
      values: { assortativity: Float64Array.of(value) },
      summary: [
        { name: 'assortativity', value: found === undefined ? 'not defined' : Number(value.toPrecision(6)) },
        { name: 'hyperedges of two members or more', value: result },
      ],
      table: (count) => ({
        columns: ['kind', 'assortativity'],
        rows: [[kind, value] as const].slice(0, count),
      }),
      ...(found === undefined && {
        warnings: [
          'The assortativity is not defined: no two members of a hyperedge differ in degree; 0 stands for it.',
        ],
      }),
    };
  },
});

/** Of x and y with the same mean and variance. Sums of whole degrees that are alike cancel to a rounding error, not to 0. */
function correlation(moments: Float64Array, count: number): number | undefined {
  if (count === 0) return undefined;
  const [mean, square, product] = [moments[0]! / count, moments[1]! / count, moments[2]! / count];
  const variance = square - mean * mean;
  if (variance <= square * 1e-12) return undefined;
  return Math.max(-1, Math.min(1, (product - mean * mean) / variance));
}

function dynamical(moments: Float64Array, vertexCount: number, count: number): number | undefined {
  if (count === 0) return undefined;
  const [degree, square] = [moments[3]! / vertexCount, moments[4]! / vertexCount];
  return ((moments[2]! / count) * degree ** 2) / square ** 2 - 1;
}
