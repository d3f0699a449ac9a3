/** For tests of every algorithm: a run with default parameters, and what has no default made up. */
import type { Algorithm } from '../algorithms/algorithm.js';
import type { AlgorithmResult } from '../algorithms/result.js';
import type { GraphClient } from '../algorithms/run-kernel-task.js';
import type { Hypergraph } from '../hypergraph.js';

/** A partition is three parts by turns. */
export function runDefault(
  algorithm: unknown,
  client: GraphClient,
  graph: Hypergraph,
): Promise<AlgorithmResult> {
  const { parameters, run } = algorithm as Algorithm;
  const partitions = Object.keys(parameters).filter((name) => parameters[name]!.type === 'partition');
  const parts = Array.from({ length: graph.vertexCount }, (_, vertex) => vertex % 3);
  return run(client, graph, Object.fromEntries(partitions.map((name) => [name, parts])));
}
