import { defineAlgorithm } from './algorithm.js';
import { isConnected, lineDistances } from './line-distances.js';
import { columnOf, LINE_PARAMETERS, type LineParameters, nameOf, spread } from './line-graph.js';
import { lineWalks } from './line-walks.js';
import { topIndexes } from './top-indexes.js';

/**
 * s-eccentricity of hyperedges: `values.eccentricities[e]` is the largest s-distance from e to a hyperedge that can be
 * reached, 0 for one that shares s vertices with no other, -1 for one with fewer than `s` different members. Where the
 * s-line graph is not connected, nodes out of reach do not count. With `of: 'vertices'` of vertices. Aksoy, Joslyn,
 * Ortiz Marrero, Praggastis and Purvine, "Hypernetwork science via high-order hypergraph walks", EPJ Data Science 9
 * (2020), section 3.
 * @throws AnantError `E_OUT_OF_MEMORY`; `E_TIMEOUT` when it takes longer than the run may
 */
export const sEccentricity = defineAlgorithm<LineParameters, { readonly eccentricities: Int32Array }>({
  name: 's-eccentricity',
  description: 'Largest s-distance from each hyperedge.',
  parameters: LINE_PARAMETERS,
  async compute(run, parameters) {
    const { graph } = run;
    const found = await lineDistances(run, await lineWalks(run, parameters, 'distances'));
    const { line } = found;
    const eccentricities = spread(line, Int32Array.from(found.eccentricities), -1);
    const least = found.eccentricities.reduce((least, value) => Math.min(least, value), Infinity);
    return {
      values: { eccentricities },
      summary: [
        { name: 'nodes of the line graph', value: line.nodes.length },
        { name: 'connected', value: isConnected(found) ? 'yes' : 'no' },
        { name: 'largest', value: found.eccentricities.reduce((most, value) => Math.max(most, value), 0) },
        { name: 'smallest', value: Number.isFinite(least) ? least : 0 },
      ],
      table: (count) => ({
        columns: [columnOf(line.side), 'eccentricity'],
        rows: topIndexes(eccentricities, count)
          .filter((id) => eccentricities[id]! >= 0)
          .map((id) => [nameOf(graph, line.side, id), eccentricities[id]!]),
      }),
    };
  },
});
