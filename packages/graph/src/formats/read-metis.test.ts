import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Hypergraph } from '../graph.js';
import { tempFile } from '../testing/temp-files.js';

const pairsOf = (graph: Hypergraph) =>
  Array.from({ length: graph.hyperedgeCount }, (_, edge) => ({
    ends: [...graph.membersOf(edge)].sort((a, b) => a - b),
    weight: graph.properties.hyperedges.weight?.values[edge],
  })).sort((one, other) => one.ends[0]! - other.ends[0]! || one.ends[1]! - other.ends[1]!);

test('the graph of the METIS manual, with weights of edges and of vertices', async () => {
  const text = '% a comment\n4 3 011 2\n1 9 2 7\n2 8 1 7 3 5 4 6\n3 7 2 5\n0 6 2 6\n';
  using graph = await Hypergraph.load(tempFile('a.graph', text), { properties: 'keep' });
  expect(graph.source.format).toBe('metis');
  expect(pairsOf(graph)).toEqual([
    { ends: [0, 1], weight: 7 },
    { ends: [1, 2], weight: 5 },
    { ends: [1, 3], weight: 6 },
  ]);
  expect([...graph.properties.vertices.weight!.values]).toEqual([1, 2, 3, 0]);
  expect([...graph.properties.vertices.weight2!.values]).toEqual([9, 8, 7, 6]);
  expect(graph.vertices.externalOf(0)).toBe(1);
});

test('a blank line is a vertex without edges', async () => {
  using graph = await Hypergraph.load(tempFile('a.graph', '4 1\n\n4\n\n2\n\n'));
  expect([graph.vertexCount, pairsOf(graph)[0]!.ends]).toEqual([4, [1, 3]]);
});

test.each([
  ['2 1\n2\n', /announces 2 vertices, but the file has 1/],
  ['2 2\n2\n1\n', /announces 2 edges, which are listed twice, but the file lists 2/],
  ['3 1\n2\n3\n\n', /one of its ends only/],
  ['2 1 1\n2 5\n1 6\n', /or with another weight/],
  ['2 1\n1\n1\n', /:2: .*cannot be joined with 1/],
  ['2 1\n3\n1\n', /:2: .*the others are 1 to 2/],
  ['2 1 2\n2\n1\n', /:1: .*the format/],
  ['2 1 1 3\n2 1\n1 1\n', /:1: .*does not go with 3 weights/],
  ['2 1 1\n2\n1\n', /:2: .*the last neighbour has no weight/],
  ['2 1 10\n\n1 1\n', /the vertex 1 has no weight/],
  ['2 1\n2\n1\n1\n', /:4: .*here is another line/],
  ['2\n', /:1: .*vertices edges/],
  ['% only a comment\n', /no line with the numbers|has no rows/],
])('%j is refused, with the reason', async (text, reason) => {
  await expect(Hypergraph.load(tempFile('a.graph', text))).rejects.toMatchObject({
    code: 'E_FILE_FORMAT',
    message: expect.stringMatching(reason),
  });
});

test('what is written is read again', () =>
  fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(
        fc.tuple(fc.nat(7), fc.nat(7)).filter(([a, b]) => a < b),
        { selector: String, maxLength: 15 },
      ),
      fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
      async (pairs, stream) => {
        using graph = Hypergraph.from(pairs, {
          vertices: [...Array(8).keys()],
          ...(pairs.length % 2 === 1 && {
            properties: { hyperedges: { weight: pairs.map(() => stream.next().value as number) } },
          }),
        });
        const path = tempFile('again.graph', '');
        expect((await graph.export(path)).format).toBe('metis');
        using again = await Hypergraph.load(path, { properties: 'keep' });
        expect(again.vertexCount).toBe(8);
        expect(pairsOf(again)).toEqual(pairsOf(graph));
      },
    ),
    { numRuns: 60 },
  ));

test.each([
  [[[1, 2, 3]], /has 3 members/],
  [[[1, 1]], /joins a vertex with itself/],
  [
    [
      [1, 2],
      [2, 1],
    ],
    /there twice/,
  ],
])('%j does not fit', async (lists, reason) => {
  using graph = Hypergraph.from(lists, { repeatedMembers: 'keep' });
  await expect(graph.export(tempFile('a.graph', ''))).rejects.toMatchObject({
    code: 'E_GRAPH_INVALID',
    message: expect.stringMatching(reason),
  });
});
