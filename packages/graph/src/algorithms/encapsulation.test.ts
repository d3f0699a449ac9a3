import { expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { onRandomHypergraphs } from '../testing/check-random.js';
import { kernelClient } from '../testing/kernel-client.js';
import { encapsulation } from './encapsulation.js';
import { toplexes } from './toplexes.js';

const client = kernelClient();
const pairsOf = ({ containers, contained }: { containers: Uint32Array; contained: Uint32Array }) =>
  [...containers].map((container, i) => [container, contained[i]!]);

test('by the definition, on random hypergraphs', () =>
  onRandomHypergraphs(async ({ hyperedges }, graph) => {
    const sets = hyperedges.map((members) => new Set(members));
    const isInside = (f: number, e: number) =>
      sets[f]!.size < sets[e]!.size && [...sets[f]!].every((vertex) => sets[e]!.has(vertex));
    const keys = sets.map((set) => [...set].sort((a, b) => a - b).join());
    const ids = [...sets.keys()];
    const distinct = ids.filter((e) => keys.indexOf(keys[e]!) === e);
    const want = distinct.flatMap((f) => distinct.filter((e) => isInside(f, e)).map((e) => [e, f]));
    const { values } = await encapsulation.run(client, graph);
    expect(pairsOf(values)).toEqual(want);
    const depthOf = (e: number): number =>
      Math.max(0, ...ids.filter((f) => isInside(f, e)).map((f) => depthOf(f) + 1));
    expect([...values.depths]).toEqual(ids.map(depthOf));

    const immediate = await encapsulation.run(client, graph, { kind: 'immediate' });
    const byOne = want.filter(([e, f]) => sets[e!]!.size === sets[f!]!.size + 1);
    expect(pairsOf(immediate.values)).toEqual(byOne);
    const closest = await encapsulation.run(client, graph, { kind: 'closest' });
    const largestIn = (e: number) =>
      Math.max(...want.filter(([a]) => a === e).map(([, f]) => sets[f!]!.size));
    expect(pairsOf(closest.values)).toEqual(want.filter(([e, f]) => sets[f!]!.size === largestIn(e!)));

    // What nothing holds is a toplex.
    const held = new Set(want.map(([, f]) => f));
    const { hyperedges: tops } = (await toplexes.run(client, graph)).values;
    expect(distinct.filter((e) => !held.has(e))).toEqual([...tops]);
  }, 100));

test('the example of XGI 0.10, in all three kinds', async () => {
  using graph = Hypergraph.from([['a', 'b', 'c'], ['b', 'c', 'f'], ['a', 'b'], ['c', 'e'], ['a'], ['f']]);
  const found = async (kind: 'all' | 'closest' | 'immediate') =>
    pairsOf((await encapsulation.run(client, graph, { kind })).values)
      .map(String)
      .sort();
  expect(await found('all')).toEqual(['0,2', '0,4', '1,5', '2,4']);
  expect(await found('immediate')).toEqual(['0,2', '2,4']);
  expect(await found('closest')).toEqual(['0,2', '1,5', '2,4']);
  const { summary, table } = await encapsulation.run(client, graph);
  expect(summary).toContainEqual({ name: 'greatest depth', value: 2 });
  expect(table(1).rows).toEqual([['0', 3, 2, 2]]);
});
