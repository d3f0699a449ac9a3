import type { Hypergraph } from '../hypergraph.js';
import { RangeIds } from '../ids/range-ids.js';
import { cliqueExpansionTask } from '../kernels/community-tasks.js';
import { deriveParts } from '../store/derive.js';
import { NO_PROPERTIES } from '../store/properties.js';
import { defineGraphAlgorithm } from './algorithm.js';
import { percent } from './groups.js';
import { countArcs, PAIR_WEIGHTS, type PairWeights, WEIGHTINGS } from './pairs.js';
import { BOTH_SIDES } from './run-kernel-task.js';

export interface CliqueExpansionParameters {
  /** What the weight of a pair is. @default 'share' */
  readonly weights?: PairWeights;
}

/** Rows of the symmetric adjacency matrix: the neighbours of v are `neighbours[offsets[v]] ..`, rising. */
export interface CliqueExpansionValues {
  readonly [name: string]: Uint32Array | Float64Array;
  readonly offsets: Uint32Array;
  readonly neighbours: Uint32Array;
  readonly weights: Float64Array;
}

/**
 * The clique expansion, also called two-section: the graph that joins two vertices when a hyperedge holds both. The weight
 * of a pair is 1 (`one`), the number of hyperedges that hold both (`count`), or the sum of 1 / (size - 1) over them
 * (`share`, which keeps degrees); members count as listed. `graph()` has the same vertices, a hyperedge of two for every
 * pair, in rising order, and its `weight` as a property. Agarwal, Branson and Belongie, "Higher order learning with
 * graphs" (ICML 2006), section 3; `share` of Kumar and others, "Hypergraph clustering by iteratively reweighted modularity
 * maximization" (2020), section 3.
 */
export const cliqueExpansion = defineGraphAlgorithm<CliqueExpansionParameters, CliqueExpansionValues>({
  name: 'clique-expansion',
  description: 'The graph that joins vertices which share a hyperedge, with weights.',
  parameters: { weights: PAIR_WEIGHTS },
  async compute(run, { weights: weighting }) {
    const { graph } = run;
    const arcs = await countArcs(run);
    const { offsets, neighbours, weights } = await run.call(cliqueExpansionTask, BOTH_SIDES, {
      weighting: WEIGHTINGS[weighting],
      arcs,
    });
    const all = (graph.vertexCount * (graph.vertexCount - 1)) / 2;
    return {
      values: { offsets, neighbours, weights },
      graph: () => pairGraph(graph, { offsets, neighbours, weights }),
      summary: [
        { name: 'vertices', value: graph.vertexCount },
        { name: 'pairs', value: arcs / 2 },
        { name: 'of all pairs', value: percent(arcs / 2, all) },
      ],
      table: (count) => ({
        columns: ['vertex', 'neighbour', 'weight'],
        rows: heaviestPairs({ offsets, neighbours, weights }, count).map(([one, other, weight]) => [
          graph.labelOf(one),
          graph.labelOf(other),
          weight,
        ]),
      }),
    };
  },
});

function pairGraph(graph: Hypergraph, { offsets, neighbours, weights }: CliqueExpansionValues): Hypergraph {
  const pairs = neighbours.length / 2;
  const members = new Uint32Array(neighbours.length);
  const pairWeights = new Float64Array(pairs);
  let pair = 0;
  for (let vertex = 0; vertex < graph.vertexCount; vertex++) {
    for (let arc = offsets[vertex]!; arc < offsets[vertex + 1]!; arc++) {
      if (neighbours[arc]! < vertex) continue;
      members[2 * pair] = vertex;
      members[2 * pair + 1] = neighbours[arc]!;
      pairWeights[pair++] = weights[arc]!;
    }
  }
  const { vertices, labels, properties } = graph.parts();
  return graph.derive(
    deriveParts({
      edgeToNodes: { offsets: Uint32Array.from({ length: pairs + 1 }, (_, index) => 2 * index), members },
      vertices,
      hyperedges: new RangeIds(0, pairs),
      labels: { vertices: labels.vertices },
      properties: {
        ...NO_PROPERTIES,
        vertices: properties.vertices,
        hyperedges: { weight: { values: pairWeights } },
      },
      format: 'clique-expansion',
    }),
  );
}

/** The pairs of greatest weight, heaviest first, of equal ones the first. */
function heaviestPairs(
  { offsets, neighbours, weights }: CliqueExpansionValues,
  count: number,
): [number, number, number][] {
  const top: [number, number, number][] = [];
  for (let vertex = 0; vertex + 1 < offsets.length; vertex++) {
    for (let arc = offsets[vertex]!; arc < offsets[vertex + 1]!; arc++) {
      const weight = weights[arc]!;
      if (neighbours[arc]! < vertex || (top.length >= count && !(weight > (top.at(-1)?.[2] ?? Infinity))))
        continue;
      const at = top.findIndex((pair) => weight > pair[2]);
      top.splice(at < 0 ? top.length : at, 0, [vertex, neighbours[arc]!, weight]);
      if (top.length > count) top.pop();
    }
  }
  return top;
}
