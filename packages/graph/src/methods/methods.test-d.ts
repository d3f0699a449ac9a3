import { expectTypeOf, test } from 'vitest';
import type { GraphClient } from '../algorithms/run-kernel-task.js';
import { Hypergraph } from '../graph.js';
import type { GraphMethods } from './graph-methods.js';

declare const client: GraphClient;

test('methods take parameters and give values as the registry declares them', async () => {
  const graph = await Hypergraph.open('math.anant');
  expectTypeOf(graph).toEqualTypeOf<Hypergraph>();
  const ranks = await graph.pagerank({ damping: 0.85 });
  expectTypeOf(ranks.values.ranks).toEqualTypeOf<Float64Array>();
  expectTypeOf(ranks.labels.vertex(0)).toEqualTypeOf<string>();
  const joined = await graph.sComponents({ s: 2 });
  expectTypeOf(joined.values.sets).toEqualTypeOf<Uint32Array>();
  expectTypeOf((await graph.kCore()).values.cores).toEqualTypeOf<Uint32Array>();
  const pairs: Hypergraph = (await graph.cliqueExpansion()).graph();
  expectTypeOf((await pairs.cliqueExpansion()).values.weights).toEqualTypeOf<Float64Array>();
  // @ts-expect-error there is no such parameter
  await graph.pagerank({ dampng: 0.5 });
  // @ts-expect-error s is a number
  await graph.sComponents({ s: '2' });
  // @ts-expect-error there is no such algorithm
  await graph.pageRank();
});

test('the dual and graphs run elsewhere have the same methods', async () => {
  const graph = Hypergraph.from([['a', 'b']]);
  expectTypeOf(graph.dual()).toEqualTypeOf<Hypergraph>();
  expectTypeOf(graph.on('dask')).toEqualTypeOf<GraphMethods>();
  expectTypeOf((await graph.on(client).bfs({ source: 'a' })).values.levels).toEqualTypeOf<Int32Array>();
});
