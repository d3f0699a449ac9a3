import { defineAlgorithm } from './algorithm.js';
import { isConnected, lineDistances } from './line-distances.js';
import { LINE_PARAMETERS, type LineParameters } from './line-graph.js';
import { lineWalks } from './line-walks.js';

/** One number each. */
export interface SDiameterValues {
  readonly [name: string]: Uint32Array | Float64Array;
  readonly diameter: Uint32Array;
  readonly averageDistance: Float64Array;
}

/**
 * s-diameter: the largest s-distance between hyperedges that can reach each other, and the average over those pairs.
 * Pairs without an s-walk between them are left out; `summary` says how many pairs there are and whether all are
 * joined. Both are 0 when no pair is. With `of: 'vertices'` of vertices. Aksoy, Joslyn, Ortiz Marrero, Praggastis and
 * Purvine, "Hypernetwork science via high-order hypergraph walks", EPJ Data Science 9 (2020), section 3.
 * @throws AnantError `E_OUT_OF_MEMORY`; `E_TIMEOUT` when it takes longer than the run may
 */
export const sDiameter = defineAlgorithm<LineParameters, SDiameterValues>({
  name: 's-diameter',
  description: 'Largest and average s-distance between hyperedges.',
  parameters: LINE_PARAMETERS,
  async compute(run, parameters) {
    const found = await lineDistances(run, await lineWalks(run, parameters, 'distances'));
    const nodes = found.line.nodes.length;
    const diameter = found.eccentricities.reduce((most, value) => Math.max(most, value), 0);
    const pairs = found.reached.reduce((sum, reached) => sum + (reached - 1), 0) / 2;
    const average = pairs === 0 ? 0 : found.farness.reduce((sum, far) => sum + far, 0) / 2 / pairs;
    return {
      values: { diameter: Uint32Array.of(diameter), averageDistance: Float64Array.of(average) },
      summary: [
        { name: 'nodes of the line graph', value: nodes },
        { name: 'connected', value: isConnected(found) ? 'yes' : 'no' },
        { name: 'pairs that reach each other', value: pairs },
        { name: 'diameter', value: diameter },
        { name: 'average distance', value: Number(average.toPrecision(6)) },
      ],
      table: (count) => {
        const rows = [...countBy(found.eccentricities)].sort(([one], [other]) => other - one);
        return { columns: ['eccentricity', 'nodes'], rows: rows.slice(0, count) };
      },
    };
  },
});

function countBy(values: Uint32Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
