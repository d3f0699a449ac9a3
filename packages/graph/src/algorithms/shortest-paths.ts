import type { ExternalId } from '../ids/id-table.js';
import { shortestPathsTask } from '../kernels/traversal-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { directionsOf, distanceWeights, WAY, WAYS, type Way } from './directions.js';
import { NO_GROUP, percent } from './groups.js';
import { EDGE_SIDE } from './run-kernel-task.js';
import { SOURCE } from './sources.js';
import { topIndexes } from './top-indexes.js';

export interface ShortestPathsParameters {
  /** Id or label of the vertex to start from. @default the vertex of highest degree, the smallest of several */
  readonly source?: ExternalId;
  /** What passing a hyperedge costs: 1, or its weight. @default 'one' */
  readonly weights?: 'one' | 'weight';
  /** Which way hyperedges are passed. @default 'both' */
  readonly way?: Way;
}

/** By vertex: distance, infinite where there is no way; the vertex before it and the hyperedge between, or 4294967295. */
export interface ShortestPathsValues {
  readonly [name: string]: Float64Array | Uint32Array;
  readonly distances: Float64Array;
  readonly parents: Uint32Array;
  readonly through: Uint32Array;
}

/**
 * Shortest paths from one vertex, where passing a hyperedge costs 1 or its `weight`. `values.distances[v]` is infinite
 * where there is no way; `pathTo` reads a path off. Of several shortest paths that is given whose last vertex before v is
 * settled first: by rising distance, then index. Dijkstra, "A note on two problems in connexion with graphs", Numerische
 * Mathematik 1 (1959); every hyperedge is passed once, from the first of its vertices to be settled.
 */
export const shortestPaths = defineAlgorithm<ShortestPathsParameters, ShortestPathsValues>({
  name: 'shortest-paths',
  description: 'Shortest paths from one vertex, by hops or by weights of hyperedges.',
  parameters: {
    source: SOURCE,
    weights: {
      type: 'choice',
      description: 'what passing a hyperedge costs: one, or its weight',
      default: 'one',
      choices: ['one', 'weight'],
    },
    way: WAY,
  },
  async compute(run, { source, weights, way }) {
    const { graph } = run;
    const { distances, parents, through, result } = await run.call(shortestPathsTask, EDGE_SIDE, {
      directions: directionsOf(graph),
      edgeWeights: weights === 'weight' ? distanceWeights(graph) : new Float64Array(0),
      vertexCount: graph.vertexCount,
      way: WAYS[way],
      source,
    });
    const finite = distances.map((distance) => (distance === Infinity ? -1 : distance));
    const total = finite.reduce((sum, distance) => sum + Math.max(0, distance), 0);
    return {
      values: { distances, parents, through },
      summary: [
        { name: 'source', value: graph.labelOf(source) },
        { name: 'vertices reached', value: `${result} (${percent(result, graph.vertexCount)})` },
        { name: 'largest distance', value: finite.reduce((most, distance) => Math.max(most, distance), 0) },
        { name: 'mean distance of reached', value: result > 1 ? total / (result - 1) : 0 },
      ],
      table: (count) => ({
        columns: ['vertex', 'distance', 'before it'],
        rows: topIndexes(finite, count)
          .filter((vertex) => finite[vertex]! >= 0)
          .map((vertex) => [
            graph.labelOf(vertex),
            finite[vertex]!,
            parents[vertex] === NO_GROUP ? '-' : graph.labelOf(parents[vertex]!),
          ]),
      }),
    };
  },
});

/** A path: `vertices` from the source to the target, and the hyperedge between each two. */
export interface Path {
  readonly vertices: readonly number[];
  readonly hyperedges: readonly number[];
}

/** The path to a vertex, by indexes; undefined where there is none. @throws RangeError when there is no such vertex. */
export function pathTo(
  { distances, parents, through }: ShortestPathsValues,
  target: number,
): Path | undefined {
  if (!(target in distances))
    throw new RangeError(`There is no vertex ${target}; they end at ${distances.length - 1}.`);
  if (distances[target] === Infinity) return undefined;
  const vertices = [target];
  const hyperedges: number[] = [];
  for (let vertex = target; parents[vertex] !== NO_GROUP; ) {
    hyperedges.unshift(through[vertex]!);
    vertex = parents[vertex]!;
    vertices.unshift(vertex);
  }
  return { vertices, hyperedges };
}
