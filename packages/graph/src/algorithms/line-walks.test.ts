import { expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { onRandomHypergraphs } from '../testing/check-random.js';
import { kernelClient } from '../testing/kernel-client.js';
import { lineDependencies } from './line-dependencies.js';
import { lineDistances } from './line-distances.js';
import { lineWalks, type WalkDetail } from './line-walks.js';
import { KernelRun } from './run-kernel-task.js';
import { sampledDistances } from './sampled-distances.js';

const client = kernelClient();

/** One graph, walked along its edges, and through shared subsets. */
const WAYS = [
  { pairsMax: Infinity, pairsPerSubset: 0 },
  { pairsMax: -1, pairsPerSubset: 0 },
] as const;

async function onBothWays<Value>(
  graph: Hypergraph,
  parameters: { readonly s: number; readonly of: string; readonly multiEdges: string },
  detail: WalkDetail,
  ask: (run: KernelRun, line: Awaited<ReturnType<typeof lineWalks>>) => Promise<Value>,
): Promise<[Value, Value]> {
  const answers: Value[] = [];
  for (const [way, limits] of WAYS.entries()) {
    const run = new KernelRun(client, graph, {});
    const line = await lineWalks(run, parameters, detail, limits);
    expect(line.arcsPerStep).toBe(way + 1);
    answers.push(await ask(run, line));
    run.release();
  }
  return answers as [Value, Value];
}

const CASES = [
  { s: 1, of: 'hyperedges', multiEdges: 'merge' },
  { s: 2, of: 'hyperedges', multiEdges: 'keep' },
  { s: 3, of: 'hyperedges', multiEdges: 'merge' },
  { s: 1, of: 'vertices', multiEdges: 'keep' },
  { s: 2, of: 'vertices', multiEdges: 'keep' },
] as const;

test.each(CASES)('distances through shared subsets have the bits of those along edges: %o', (parameters) =>
  onRandomHypergraphs(async (_random, graph) => {
    const before = graph.memory.usedBytes;
    const [edges, subsets] = await onBothWays(graph, parameters, 'distances', async (run, line) => {
      const { line: _line, ...all } = await lineDistances(run, line);
      const some = { samples: Math.ceil(line.nodes.length / 2), seed: 7 };
      const { line: _same, ...sampled } = await sampledDistances(run, line, some);
      return { all, sampled, nodes: line.nodes };
    });
    expect(subsets).toEqual(edges);
    expect(graph.memory.usedBytes).toBe(before);
  }, 40),
);

test.each(CASES)('so has betweenness, up to rounding: %o', (parameters) =>
  onRandomHypergraphs(async (_random, graph) => {
    const [edges, subsets] = await onBothWays(graph, parameters, 'counts', (run, line) =>
      lineDependencies(
        run,
        line,
        line.nodes.map((_, node) => node),
      ),
    );
    expect(subsets.length).toBe(edges.length);
    for (const [node, value] of edges.entries()) {
      expect(Math.abs(subsets[node]! - value)).toBeLessThanOrEqual(1e-9 * Math.max(1, value));
    }
  }, 40),
);

test('path counts beyond every number: through subsets, too, betweenness is finite and symmetric', async () => {
  // 1,200 rhombs in a row: 2^1200 shortest walks from end to end.
  const rhombs = Array.from({ length: 1_200 }, (_, i) => 3 * i).flatMap((at) => [
    [at, at + 1],
    [at, at + 2],
    [at + 1, at + 3],
    [at + 2, at + 3],
  ]);
  using graph = Hypergraph.from(rhombs);
  const [edges, subsets] = await onBothWays(
    graph,
    { s: 1, of: 'vertices', multiEdges: 'keep' },
    'counts',
    (run, line) => lineDependencies(run, line, Uint32Array.of(0, 1800, 3600)),
  );
  for (const [node, value] of edges.entries()) {
    expect(Math.abs(subsets[node]! - value)).toBeLessThanOrEqual(1e-9 * Math.max(1, value));
  }
});
