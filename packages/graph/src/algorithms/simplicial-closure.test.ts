import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Hypergraph } from '../graph.js';
import { dataPath } from '../testing/data-folder.js';
import { kernelClient } from '../testing/kernel-client.js';
import { simplicialClosure } from './simplicial-closure.js';
import { triangles } from './triangles.js';

const client = kernelClient();

interface Timed {
  readonly members: readonly number[];
  readonly time: number;
}

/** By the definition, over all triples. */
function naive(list: readonly Timed[], split: number) {
  const order = list.map((_, at) => at).sort((a, b) => list[a]!.time - list[b]!.time || a - b);
  let cut = Math.floor(order.length * split);
  while (cut > 0 && cut < order.length && list[order[cut]!]!.time === list[order[cut - 1]!]!.time) cut += 1;
  const [before, after] = [order.slice(0, cut), order.slice(cut)].map((part) =>
    part.map((at) => new Set(list[at]!.members)),
  );
  const held = (sets: readonly Set<number>[], vertices: readonly number[]) =>
    sets.filter((set) => vertices.every((vertex) => set.has(vertex))).length;
  const open = new Array<number>(7).fill(0);
  const closed = new Array<number>(7).fill(0);
  const vertices = [...new Set(list.flatMap(({ members }) => members))];
  for (const [i, a] of vertices.entries()) {
    for (const [j, b] of vertices.entries()) {
      for (const c of vertices.slice(j + 1)) {
        if (j <= i || held(before!, [a, b, c]) > 0) continue;
        const ties = [held(before!, [a, b]), held(before!, [a, c]), held(before!, [b, c])];
        const made = ties.filter((tie) => tie > 0).length;
        if (made < 2) continue;
        const kind = (made === 3 ? 3 : 0) + ties.filter((tie) => tie > 1).length;
        open[kind]! += 1;
        if (held(after!, [a, b, c]) > 0) closed[kind]! += 1;
      }
    }
  }
  return { open, closed };
}

test('counts what the definition says, on random hypergraphs', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ members: fc.array(fc.nat(7), { maxLength: 5 }), time: fc.nat(12) }), {
        maxLength: 25,
      }),
      fc.constantFrom(0.3, 0.5, 0.8),
      async (list, split) => {
        using graph = Hypergraph.from(
          list.map(({ members }) => members),
          { properties: { hyperedges: { time: list.map(({ time }) => time) } }, repeatedMembers: 'keep' },
        );
        const { values } = await simplicialClosure.run(client, graph, { split });
        const want = naive(list, split);
        expect({ open: [...values.open], closed: [...values.closed] }).toEqual(want);
      },
    ),
    { numRuns: 200 },
  ));

test('large hyperedges and those without a time are left out and counted; a graph without times is refused', async () => {
  using graph = Hypergraph.from([[1, 2, 3, 4], [1, 2], [2, 3], [1, 3], [1, 2, 3], [5]], {
    properties: { hyperedges: { time: [0, 1, 2, 3, 4, undefined] } },
  });
  const { values, warnings } = await simplicialClosure.run(client, graph, { split: 0.75, sizeMax: 3 });
  expect([[...values.open], [...values.closed]]).toEqual([
    [0, 0, 0, 1, 0, 0, 0],
    [0, 0, 0, 1, 0, 0, 0],
  ]);
  expect(warnings.map(({ message }) => message)).toEqual([
    '1 hyperedges without a time were left out.',
    '1 hyperedges of more than 3 members were left out.',
  ]);
  await expect(simplicialClosure.run(client, Hypergraph.from([[1]]))).rejects.toThrow(/no property "time"/);
});

test.skipIf(!dataPath('small', 'email-Enron'))(
  'email-Enron: open triangles are those of the first hyperedges (needs ANANT_DATA_DIR)',
  async () => {
    using graph = await Hypergraph.load(dataPath('small', 'email-Enron')!, { properties: 'keep' });
    const { values } = await simplicialClosure.run(client, graph);
    const times = graph.properties.hyperedges.time!.values as Float64Array;
    const last = times.toSorted()[Math.floor(times.length * 0.8) - 1]!;
    const hyperedges = [...times.keys()].filter((hyperedge) => times[hyperedge]! <= last);
    using before = graph.subHypergraph({ hyperedges });
    const found = await triangles.run(client, before);
    const open = found.summary.find(({ name }) => name === 'open')!.value;
    expect(values.open.subarray(3).reduce((sum, count) => sum + count, 0)).toBe(open);
    expect(values.closed.every((count, kind) => count <= values.open[kind]!)).toBe(true);
    // Stronger ties close more often, as the paper finds.
    const shares = [3, 4, 5, 6].map((kind) => values.closed[kind]! / values.open[kind]!);
    expect(shares[3]).toBeGreaterThan(shares[0]!);
  },
);
