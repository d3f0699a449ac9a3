import { AnantError } from '@anant/core';
import { encapsulationTask } from '../kernels/structure-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { percent } from './groups.js';
import { BOTH_SIDES } from './run-kernel-task.js';
import { topIndexes } from './top-indexes.js';

const KINDS = ['all', 'closest', 'immediate'] as const;

export interface EncapsulationParameters {
  /** Which of the pairs: all, those with the largest inside each, or those that differ by one member. @default 'all' */
  readonly kind?: (typeof KINDS)[number];
}

/** Pairs `containers[i]` around `contained[i]`, and the depth of every hyperedge. */
export interface EncapsulationValues {
  readonly [name: string]: Uint32Array;
  readonly containers: Uint32Array;
  readonly contained: Uint32Array;
  readonly depths: Uint32Array;
}

interface Pairs {
  readonly containers: Uint32Array;
  readonly contained: Uint32Array;
}

/** Most pairs whose arrays can be made. */
const PAIRS_MAX = 2 ** 28;

/**
 * Encapsulation, or nestedness: which hyperedges hold all the members of which other and more. Pair i is `values.containers[i]`
 * around `values.contained[i]`, indexes rising by the one inside, then by the one around; of hyperedges with equal members
 * only the first is in pairs. `closest` keeps of each container the pairs with the largest it holds, `immediate` those of
 * one member less. `values.depths[e]` is the length of the longest chain of hyperedges each inside the one before that begins
 * with e, 0 where e holds none, for `kind` `all` and `closest` alike. LaRock and Lambiotte, "Encapsulation structure and
 * dynamics in hypergraphs", J. Phys. Complexity 4 (2023), section 2. Repeated members count once.
 * @throws AnantError `E_OUT_OF_MEMORY` with more than 2^28 pairs
 */
export const encapsulation = defineAlgorithm<EncapsulationParameters, EncapsulationValues>({
  name: 'encapsulation',
  description: 'Which hyperedges contain which, and how deep they nest.',
  parameters: {
    kind: {
      type: 'choice',
      description: 'all pairs, those with the largest inside each, or those that differ by one member',
      default: 'all',
      choices: KINDS,
    },
  },
  async compute(run, { kind }) {
    const { graph } = run;
    const { result: pairsMax } = await run.call(encapsulationTask, BOTH_SIDES, { pairsMax: 0 });
    if (pairsMax > PAIRS_MAX) throw tooMany(pairsMax);
    const { sets, sizes, ...all } = await run.call(encapsulationTask, BOTH_SIDES, { pairsMax });
    const { containers, contained } = choose(kind, all, sizes);
    const depths = depthsOf({ containers, contained }, sets, sizes);
    const held = new Uint32Array(graph.hyperedgeCount);
    for (const container of containers) held[container]! += 1;
    const isInside = new Uint8Array(graph.hyperedgeCount);
    for (const hyperedge of contained) isInside[hyperedge] = 1;
    const inside = isInside.reduce((count, is) => count + is, 0);
    const distinct = sets.reduce((count, set, hyperedge) => count + Number(set === hyperedge), 0);
    return {
      values: { containers, contained, depths },
      summary: [
        { name: 'pairs', value: containers.length },
        { name: 'different hyperedges', value: distinct },
        { name: 'inside another', value: `${inside} (${percent(inside, distinct)})` },
        { name: 'greatest depth', value: depths.reduce((most, depth) => Math.max(most, depth), 0) },
      ],
      table: (count) => ({
        columns: ['hyperedge', 'size', 'holds', 'depth'],
        rows: topIndexes(held, count)
          .filter((hyperedge) => held[hyperedge]! > 0)
          .map((hyperedge) => [
            String(graph.hyperedges.externalOf(hyperedge)),
            sizes[hyperedge]!,
            held[hyperedge]!,
            depths[hyperedge]!,
          ]),
      }),
    };
  },
});

function choose(kind: (typeof KINDS)[number], { containers, contained }: Pairs, sizes: Uint32Array): Pairs {
  if (kind === 'all') return { containers, contained };
  const wanted = sizes.map((size) => (kind === 'immediate' ? Math.max(size, 1) - 1 : 0));
  if (kind === 'closest') {
    for (let i = 0; i < containers.length; i++) {
      const around = containers[i]!;
      wanted[around] = Math.max(wanted[around]!, sizes[contained[i]!]!);
    }
  }
  const isKept = (_: number, i: number) => sizes[contained[i]!] === wanted[containers[i]!];
  return { containers: containers.filter(isKept), contained: contained.filter(isKept) };
}

/** Chains end at small hyperedges, so pairs are taken by rising size of the one around. */
function depthsOf({ containers, contained }: Pairs, sets: Uint32Array, sizes: Uint32Array): Uint32Array {
  const depths = new Uint32Array(sets.length);
  const order = Uint32Array.from(containers.keys());
  order.sort((one, other) => sizes[containers[one]!]! - sizes[containers[other]!]!);
  for (const i of order) {
    const around = containers[i]!;
    depths[around] = Math.max(depths[around]!, depths[contained[i]!]! + 1);
  }
  return sets.map((set) => depths[set]!);
}

function tooMany(count: number): AnantError {
  return new AnantError(
    'E_OUT_OF_MEMORY',
    `${count} pairs of hyperedges contain one another: more than fit.`,
    {
      advice: 'Leave out empty and very small hyperedges.',
    },
  );
}
