import { AnantError } from '@anant/core';
import { randomWalksTask } from '../kernels/counting-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { BOTH_SIDES } from './run-kernel-task.js';
import { topIndexes } from './top-indexes.js';

export interface RandomWalksParameters {
  /** Steps of each walk; from 1. @default 10 */
  readonly length?: number;
  /** Walks from every vertex; from 1. @default 1 */
  readonly walks?: number;
  /** @default 0 */
  readonly seed?: number;
}

const PLACES_MAX = 0xffff_ffff;

/**
 * Random walks from every vertex, as PageRank's walker takes them but without jumps: to one of the vertex's hyperedges,
 * uniformly, then to one of its members, uniformly and itself included. Walk w, from 0 to `walks` times the vertices - 1,
 * starts from vertex w % vertices; `values.walks[w * (length + 1) + i]` is where it is after i steps. A vertex without
 * hyperedges is not left. The same seed gives the same walks on every backend. Zhou, Huang and Schölkopf (NIPS 2006).
 * @throws AnantError `E_GRAPH_INVALID` when there are 2^32 places or more
 */
export const randomWalks = defineAlgorithm<RandomWalksParameters, { readonly walks: Uint32Array }>({
  name: 'random-walks',
  description: 'Seeded random walks vertex, hyperedge, vertex from every vertex.',
  parameters: {
    length: {
      type: 'integer',
      description: 'steps of each walk',
      default: 10,
      minimum: 1,
      maximum: 1_000_000,
    },
    walks: {
      type: 'integer',
      description: 'walks from every vertex',
      default: 1,
      minimum: 1,
      maximum: 1_000_000,
    },
    seed: {
      type: 'integer',
      description: 'other seeds give other walks',
      default: 0,
      minimum: 0,
      maximum: PLACES_MAX,
    },
  },
  async compute(run, { length, walks: perVertex, seed }) {
    const { graph } = run;
    const walkCount = perVertex * graph.vertexCount;
    const placeCount = walkCount * (length + 1);
    if (placeCount > PLACES_MAX) {
      throw new AnantError(
        'E_GRAPH_INVALID',
        `The walks would have ${placeCount} places, more than ${PLACES_MAX}.`,
        {
          advice: 'Take fewer or shorter walks.',
        },
      );
    }
    const { walks } = await run.call(randomWalksTask, BOTH_SIDES, { length, walkCount, seed, placeCount });
    const visits = new Uint32Array(graph.vertexCount);
    for (const vertex of walks) visits[vertex]! += 1;
    return {
      values: { walks },
      summary: [
        { name: 'walks', value: walkCount },
        { name: 'steps of each', value: length },
        { name: 'seed', value: seed },
      ],
      table: (count) => ({
        columns: ['vertex', 'visits'],
        rows: topIndexes(visits, count).map((vertex) => [graph.labelOf(vertex), visits[vertex]!]),
      }),
    };
  },
});
