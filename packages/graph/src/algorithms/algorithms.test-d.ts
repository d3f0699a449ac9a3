import { expectTypeOf, test } from 'vitest';
import type { Hypergraph } from '../hypergraph.js';
import { type AlgorithmName, algorithms, findAlgorithm } from './registry.js';
import type { AlgorithmResult } from './result.js';
import type { GraphClient } from './run-kernel-task.js';

declare const client: GraphClient;
declare const graph: Hypergraph;

test('names, parameters and values come from the declaration', async () => {
  expectTypeOf<AlgorithmName>().toEqualTypeOf<
    | 'assortativity'
    | 'encapsulation'
    | 'reweighted-louvain'
    | 'degrees'
    | 'bfs'
    | 'components'
    | 's-components'
    | 's-line-graph'
    | 's-distance'
    | 's-diameter'
    | 's-eccentricity'
    | 's-closeness'
    | 's-harmonic'
    | 's-betweenness'
    | 'k-core'
    | 'hypercore'
    | 'label-propagation'
    | 'parallel-label-propagation'
    | 'pagerank'
    | 'louvain'
    | 'spectral-clustering'
    | 'star-expansion'
    | 'toplexes'
    | 'independent-set'
    | 'laplacian'
    | 'neighborhood'
    | 'partition'
    | 'partition-cut'
    | 'dfs'
    | 'shortest-paths'
    | 'strong-components'
    | 'cut-vertices'
    | 'leiden'
    | 'hyper-louvain'
    | 'modularity'
    | 'conductance'
    | 'clique-expansion'
    | 'clique-eigenvector'
    | 'h-eigenvector'
    | 'z-eigenvector'
    | 'node-edge'
    | 'katz'
    | 'clustering'
    | 'triangles'
    | 'h-motifs'
    | 'simplicial-closure'
    | 'random-walks'
  >();
  const ranks = await algorithms.pagerank.run(client, graph, { damping: 0.5 });
  expectTypeOf(ranks.values.ranks).toEqualTypeOf<Float64Array>();
  const search = await algorithms.bfs.run(client, graph, { source: 'a' });
  expectTypeOf(search.values.levels).toEqualTypeOf<Int32Array>();
  const joined = await algorithms['s-components'].run(client, graph, { s: 2 });
  expectTypeOf(joined.values.sets).toEqualTypeOf<Uint32Array>();
  const core = await algorithms.hypercore.run(client, graph, { k: 3, s: 2 });
  expectTypeOf(core.values.vertices).toEqualTypeOf<Uint32Array>();
  const pairs = await algorithms['clique-expansion'].run(client, graph);
  expectTypeOf(pairs.graph()).toEqualTypeOf<Hypergraph>();
  expectTypeOf(pairs.values.weights).toEqualTypeOf<Float64Array>();
  await algorithms.modularity.run(client, graph, { partition: ['a', 'b'] });
  // @ts-expect-error there is no such parameter
  await algorithms.pagerank.run(client, graph, { dampng: 0.5 });
  // @ts-expect-error s is a number
  await algorithms['s-components'].run(client, graph, { s: '2' });
});

test('an algorithm found by name takes any parameters and is checked when it runs', async () => {
  const found = findAlgorithm('pagerank')!;
  expectTypeOf(await found.run(client, graph, { anything: 1 })).toEqualTypeOf<AlgorithmResult>();
});
