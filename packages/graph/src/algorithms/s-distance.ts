import { AnantError } from '@anant/core';
import type { Hypergraph } from '../hypergraph.js';
import type { ExternalId } from '../ids/id-table.js';
import { nodeDistancesTask } from '../kernels/path-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import {
  columnOf,
  LINE_PARAMETERS,
  type LineNodes,
  type LineParameters,
  nameOf,
  spread,
} from './line-graph.js';
import { lineWalks } from './line-walks.js';
import type { ParameterValues } from './parameter.js';

export interface SDistanceParameters extends LineParameters {
  /** Id of the hyperedge to start from; with `of: 'vertices'` id or label of a vertex. @default the one with most members */
  readonly source?: ExternalId;
}

/**
 * s-distances from one hyperedge: `values.distances[e]` is the number of steps of the shortest s-walk to e, where each
 * step goes to a hyperedge that shares at least `s` vertices; -1 where there is none and for hyperedges with fewer than
 * `s` different members. Hyperedges with the same members are at the same distance. With `of: 'vertices'` distances
 * of vertices, over shared hyperedges. Aksoy, Joslyn, Ortiz Marrero, Praggastis and Purvine, "Hypernetwork science via
 * high-order hypergraph walks", EPJ Data Science 9 (2020), section 3.
 * @throws AnantError `E_GRAPH_INVALID` when the source has fewer than s members; `E_OUT_OF_MEMORY`
 */
export const sDistance = defineAlgorithm<SDistanceParameters, { readonly distances: Int32Array }>({
  name: 's-distance',
  description: 'Distances of all hyperedges from one, in steps that share at least s vertices.',
  parameters: {
    ...LINE_PARAMETERS,
    source: {
      type: 'node',
      description: 'id of the hyperedge (or vertex) to start from',
      default: withMostMembers,
      defaultText: 'the one with most members',
    },
  },
  async compute(run, { source, ...parameters }) {
    const { graph } = run;
    const line = await lineWalks(run, parameters, 'distances');
    const start = line.nodes.indexOf(line.sets[source]!);
    if (start < 0) throw notANode(graph, line, source, parameters.s);
    const { offsets, arcs, arcsPerStep } = line;
    const reply = await run.call(nodeDistancesTask, { offsets, arcs }, { source: start });
    const steps = reply.distances
      .slice(0, line.nodes.length)
      .map((far) => (far < 0 ? -1 : far / arcsPerStep));
    const distances = spread(line, steps, -1);
    const farthest = distances.reduce((most, distance) => Math.max(most, distance), 0);
    return {
      values: { distances },
      summary: [
        { name: 'source', value: nameOf(graph, line.side, source) },
        { name: 'nodes of the line graph', value: line.nodes.length },
        { name: 'nodes reached', value: steps.reduce((count, far) => count + Number(far >= 0), 0) },
        { name: 'largest distance', value: farthest },
      ],
      table: (count) => ({
        columns: ['distance', line.side === 'vertices' ? 'vertices' : 'hyperedges', 'examples'],
        rows: Array.from({ length: Math.min(count, farthest + 1) }, (_, distance) => {
          const at = [...distances.keys()].filter((id) => distances[id] === distance);
          const examples = at.slice(0, EXAMPLES).map((id) => nameOf(graph, line.side, id));
          return [distance, at.length, examples.join(', ')];
        }),
      }),
    };
  },
});

const EXAMPLES = 5;

/** @throws AnantError `E_GRAPH_INVALID` when there is nothing to start from. */
function withMostMembers(graph: Hypergraph, { of }: ParameterValues): number {
  const { offsets } = of === 'vertices' ? graph.nodeToEdges : graph.edgeToNodes;
  if (offsets.length === 1) {
    throw new AnantError('E_GRAPH_INVALID', `The graph has no ${of} to start from.`);
  }
  let best = 0;
  for (let id = 1; id < offsets.length - 1; id++) {
    if (offsets[id + 1]! - offsets[id]! > offsets[best + 1]! - offsets[best]!) best = id;
  }
  return best;
}

function notANode(graph: Hypergraph, { side }: LineNodes, source: number, s: number): AnantError {
  const has = side === 'vertices' ? 'is in fewer than' : 'has fewer than';
  const what = side === 'vertices' ? 'hyperedges' : 'different members';
  return new AnantError(
    'E_GRAPH_INVALID',
    `The ${columnOf(side)} ${nameOf(graph, side, source)} ${has} ${s} ${what}: the ${s}-line graph is without it.`,
    { advice: 'Take a smaller s, or another source.' },
  );
}
