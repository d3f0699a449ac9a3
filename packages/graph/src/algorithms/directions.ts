/** Ways along hyperedges: which members a walk enters by, and which it leaves to. */
import { AnantError } from '@anant/core';
import type { Hypergraph } from '../hypergraph.js';

/** `both` from any member to any other, `forward` from tails to heads, `backward` from heads to tails. */
export type Way = 'both' | 'forward' | 'backward';

/** Values of the kernels' `way`. */
export const WAYS: Readonly<Record<Way, number>> = { both: 0, forward: 1, backward: 2 };

/** The parameter `way` of everything that walks. */
export const WAY = {
  type: 'choice',
  description: 'through hyperedges from any member to any, from tails to heads, or from heads to tails',
  default: 'both',
  choices: ['both', 'forward', 'backward'],
} as const;

/**
 * The direction of every incidence, as the graph has it; empty when it has none: then the first member of a hyperedge
 * is its tail and the others are its heads.
 */
export function directionsOf(graph: Hypergraph): Uint8Array {
  const column = graph.properties.incidences.direction?.values;
  return column instanceof Uint8Array ? column : new Uint8Array(0);
}

/** Weights of hyperedges for distances. @throws AnantError `E_GRAPH_INVALID` when there are none, or one is negative. */
export function distanceWeights(graph: Hypergraph): Float64Array {
  const column = graph.properties.hyperedges.weight?.values;
  if (column === undefined) {
    throw new AnantError('E_GRAPH_INVALID', 'The graph has no weights of hyperedges.', {
      advice: "Load it with properties: 'keep', or use weights: 'one'.",
    });
  }
  const bad = column.findIndex((weight) => !(weight >= 0));
  if (bad >= 0) {
    const id = String(graph.hyperedges.externalOf(bad));
    throw new AnantError(
      'E_GRAPH_INVALID',
      `The hyperedge "${id}" has the weight ${column[bad]}: shortest paths need weights from 0.`,
    );
  }
  return column instanceof Float64Array ? column : Float64Array.from(column);
}
