import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { onRandomHypergraphs } from '../testing/check-random.js';
import { kernelClient } from '../testing/kernel-client.js';
import { naiveKatz } from '../testing/naive-spectral.js';
import { katz } from './katz.js';
import { nodeEdge } from './node-edge.js';
import { pagerank } from './pagerank.js';

const client = kernelClient();

const HYPEREDGES = [
  [0, 1, 2],
  [2, 3],
  [3, 4, 5, 6],
  [0, 6],
  [1, 2, 3, 4],
];

/** What XGI 0.10.2 gives for `HYPEREDGES`, to 1e-13: with its default squares, and with f = g = id, φ = x³, ψ = ∛x. */
const XGI = {
  squares: {
    nodes: [
      0.108479737377293, 0.151452046541305, 0.176751636581173, 0.182952774524081, 0.158645198709214,
      0.103403644857217, 0.118314961409716,
    ],
    edges: [0.198108685978824, 0.196246635835134, 0.222694556236309, 0.123831980369521, 0.259118141580213],
  },
  others: {
    nodes: [
      0.098861890670884, 0.146414020980395, 0.220653809850401, 0.221304236480501, 0.147064447610495,
      0.066189277106341, 0.099512317300984,
    ],
    edges: [0.204702636907182, 0.231878960871197, 0.206734165463565, 0.104080467509454, 0.25260376924863],
  },
};

const expectNear = (values: ArrayLike<number>, want: readonly number[], digits: number) => {
  expect(values.length).toBe(want.length);
  for (const [at, value] of want.entries()) expect(values[at]).toBeCloseTo(value, digits);
};

describe('node-edge', () => {
  test('vertices and hyperedges as XGI 0.10 gives them, with squares and with other powers', async () => {
    using graph = Hypergraph.from(HYPEREDGES);
    const squares = (await nodeEdge.run(client, graph)).values;
    expectNear(squares.scores, XGI.squares.nodes, 9);
    expectNear(squares.edgeScores, XGI.squares.edges, 9);
    const others = (await nodeEdge.run(client, graph, { edgePower: 1, nodePower: 3 })).values;
    expectNear(others.scores, XGI.others.nodes, 9);
    expectNear(others.edgeScores, XGI.others.edges, 9);
  });

  test('scores are the norms of each other', () =>
    onRandomHypergraphs(async ({ hyperedges }, graph) => {
      for (const [a, b] of [
        [1, 1],
        [2, 2],
        [3, 5],
      ] as const) {
        const result = await nodeEdge.run(client, graph, { edgePower: a, nodePower: b });
        if (result.warnings.some(({ message }) => /converge/.test(message))) continue;
        const { scores, edgeScores } = result.values;
        const inComponent = (members: readonly number[]) => members.some((vertex) => scores[vertex]! > 0);
        const norms = hyperedges.map((members) =>
          inComponent(members)
            ? [...new Set(members)].reduce((sum, v) => sum + scores[v]! ** b, 0) ** (1 / b)
            : 0,
        );
        const total = norms.reduce((sum, norm) => sum + norm, 0);
        if (total === 0) continue;
        expectNear(
          edgeScores,
          norms.map((norm) => norm / total),
          6,
        );
      }
    }, 30));

  test('of a hypergraph in parts, of none, and with bad powers', async () => {
    using parts = Hypergraph.from([[0, 1], [1, 2], [3, 4], []]);
    const { values, warnings } = await nodeEdge.run(client, parts);
    expect([...values.scores].map((score) => score > 0)).toEqual([true, true, true, false, false]);
    expect([...values.edgeScores].map((score) => score > 0)).toEqual([true, true, false, false]);
    expect(warnings[0]?.message).toMatch(/not connected/);
    using empty = Hypergraph.from([]);
    expect((await nodeEdge.run(client, empty)).checksumBytes().length).toBe(0);
    using alone = Hypergraph.from([], { vertices: [1, 2] });
    expect([...(await nodeEdge.run(client, alone)).values.scores]).toEqual([0, 0]);
    await expect(nodeEdge.run(client, parts, { edgePower: 0 })).rejects.toMatchObject({
      code: 'E_GRAPH_INVALID',
    });
    const once = await nodeEdge.run(client, parts, { iterationsMax: 1 });
    expect(once.warnings.map(({ message }) => message).join()).toMatch(
      /Node-edge centrality did not converge/,
    );
  });
});

describe('katz', () => {
  test('is the solution of x = 1 + α W x', () =>
    onRandomHypergraphs(async ({ hyperedges, vertexCount }, graph) => {
      const { values } = await katz.run(client, graph, { alpha: 0.002 });
      expectNear(values.scores, naiveKatz(hyperedges, vertexCount, 0.002), 9);
      const byDefault = await katz.run(client, graph);
      expect(byDefault.warnings).toEqual([]);
      expect(byDefault.values.scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 12);
    }));

  test('an alpha beyond the largest eigenvalue is refused with one that is safe', async () => {
    using graph = Hypergraph.from(HYPEREDGES);
    await expect(katz.run(client, graph, { alpha: 0.9 })).rejects.toMatchObject({
      code: 'E_GRAPH_INVALID',
      message: expect.stringMatching(/"alpha" 0.9 is too large/),
      advice: expect.stringMatching(/Below 0\.143/),
    });
    await expect(katz.run(client, graph, { alpha: 0 })).rejects.toMatchObject({ code: 'E_GRAPH_INVALID' });
  });

  test('without hyperedges all vertices are alike', async () => {
    using alone = Hypergraph.from([], { vertices: [1, 2, 3, 4] });
    expect([...(await katz.run(client, alone)).values.scores]).toEqual([0.25, 0.25, 0.25, 0.25]);
    using empty = Hypergraph.from([]);
    const { values, warnings } = await katz.run(client, empty);
    expect(values.scores.length).toBe(0);
    expect(warnings).toEqual([]);
  });
});

describe('personalised PageRank', () => {
  test('with all vertices it is PageRank', () =>
    onRandomHypergraphs(async ({ vertexCount }, graph) => {
      const restart = Array.from({ length: vertexCount }, (_, vertex) => vertex);
      const { ranks } = (await pagerank.run(client, graph, { restart })).values;
      expectNear(ranks, [...(await pagerank.run(client, graph)).values.ranks], 8);
    }, 30));

  test('solves its equation, and leaves what cannot be reached at 0', () =>
    onRandomHypergraphs(async ({ hyperedges, vertexCount }, graph) => {
      const damping = 0.8;
      const { ranks } = (await pagerank.run(client, graph, { damping, restart: [0], tolerance: 1e-13 }))
        .values;
      const degrees = new Array<number>(vertexCount).fill(0);
      for (const vertex of hyperedges.flat()) degrees[vertex]! += 1;
      const sums = new Array<number>(vertexCount).fill(0);
      for (const members of hyperedges) {
        const total = members.reduce((sum, vertex) => sum + ranks[vertex]! / degrees[vertex]!, 0);
        for (const vertex of members) sums[vertex]! += total / members.length;
      }
      const dangling = degrees.reduce((sum, degree, vertex) => sum + (degree === 0 ? ranks[vertex]! : 0), 0);
      const want = sums.map(
        (sum, vertex) => (vertex === 0 ? 1 - damping + damping * dangling : 0) + damping * sum,
      );
      expectNear(ranks, want, 11);
      expect(ranks.reduce((sum, rank) => sum + rank, 0)).toBeCloseTo(1, 11);
    }, 30));

  test('vertices are named by ids or labels, in a list or in one text', async () => {
    using graph = Hypergraph.from([
      ['a', 'b, c'],
      ['b, c', 'd'],
    ]);
    const list = await pagerank.run(client, graph, { restart: ['a', 'd'] });
    const text = await pagerank.run(client, graph, { restart: 'a, d' });
    expect(text.values).toEqual(list.values);
    expect(list.parameters.restart).toBe('0,2');
    expect((await pagerank.run(client, graph)).parameters.restart).toBe('all');
    const comma = await pagerank.run(client, graph, { restart: 'b, c' });
    expect(comma.table(1).rows[0]?.[0]).toBe('b, c');
    await expect(pagerank.run(client, graph, { restart: ['a', 'x'] })).rejects.toMatchObject({
      code: 'E_GRAPH_INVALID',
      message: '"restart": the graph has no vertex with the id or label "x".',
    });
    await expect(pagerank.run(client, graph, { restart: [] })).rejects.toThrow(/"restart" names no vertex/);
  });
});
