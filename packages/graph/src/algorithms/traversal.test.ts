import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { dataPath } from '../testing/data-folder.js';
import { kernelClient } from '../testing/kernel-client.js';
import { naiveComponents } from '../testing/naive.js';
import { naiveArcs, naiveDistances } from '../testing/naive-walks.js';
import { randomHypergraph } from '../testing/random-hypergraph.js';
import { tempFile } from '../testing/temp-files.js';
import { cutVertices } from './cut-vertices.js';
import { dfs } from './dfs.js';
import { groupSizes } from './groups.js';
import { pathTo, shortestPaths } from './shortest-paths.js';
import { strongComponents } from './strong-components.js';

const client = kernelClient();
const NONE = 0xffff_ffff;
const idsTo = (count: number) => Array.from({ length: count }, (_, id) => id);
const refused = (message: RegExp) =>
  expect.objectContaining({ code: 'E_GRAPH_INVALID', message: expect.stringMatching(message) });
const ways = fc.constantFrom('both', 'forward', 'backward' as const);

/** A random hypergraph, half the time with a direction for every incidence, and weights of hyperedges. */
const randomDirected = randomHypergraph.chain(({ vertexCount, hyperedges }) =>
  fc.record({
    vertexCount: fc.constant(vertexCount),
    hyperedges: fc.constant(hyperedges),
    directions: fc.option(
      fc.tuple(
        ...hyperedges.map(({ length }) => fc.array(fc.nat(2), { minLength: length, maxLength: length })),
      ),
      { nil: undefined },
    ),
    weights: fc.tuple(...hyperedges.map(() => fc.nat(9).map((weight) => weight / 4))),
  }),
);

function graphOf(random: {
  readonly vertexCount: number;
  readonly hyperedges: number[][];
  readonly directions: number[][] | undefined;
  readonly weights: number[];
}): Hypergraph {
  const graph = Hypergraph.from(random.hyperedges, {
    vertices: idsTo(random.vertexCount),
    repeatedMembers: 'keep',
  });
  return graph.derive({
    ...graph.parts(),
    properties: {
      vertices: {},
      hyperedges: { weight: { values: Float64Array.from(random.weights) } },
      incidences: {
        ...(random.directions && { direction: { values: Uint8Array.from(random.directions.flat()) } }),
      },
    },
  });
}

describe('by the definitions, on random directed hypergraphs', () => {
  test('shortest paths: distances, and paths that have them', () =>
    fc.assert(
      fc.asyncProperty(
        randomDirected,
        ways,
        fc.constantFrom('one', 'weight' as const),
        async (random, way, weights) => {
          using graph = graphOf(random);
          const source = random.vertexCount >> 1;
          const { values, summary } = await shortestPaths.run(client, graph, { source, way, weights });
          const arcs = naiveArcs(random.hyperedges, random.directions, way);
          const weightOf = (hyperedge: number) => (weights === 'one' ? 1 : random.weights[hyperedge]!);
          const want = naiveDistances(arcs, random.vertexCount, source, weightOf);
          expect([...values.distances]).toEqual(want);
          expect(summary[1]!.value).toMatch(`${want.filter(Number.isFinite).length} (`);
          for (const target of idsTo(random.vertexCount)) {
            const path = pathTo(values, target);
            expect(path === undefined).toBe(want[target] === Infinity);
            if (path === undefined) continue;
            const { vertices, hyperedges } = path;
            expect([vertices[0], vertices.at(-1)]).toEqual([source, target]);
            expect(hyperedges.reduce((sum, hyperedge) => sum + weightOf(hyperedge), 0)).toBe(want[target]);
            for (const [step, hyperedge] of hyperedges.entries()) {
              expect(arcs[hyperedge]!.tails).toContain(vertices[step]);
              expect(arcs[hyperedge]!.heads).toContain(vertices[step + 1]);
            }
          }
        },
      ),
    ));

  test('depth-first search: what is reached, and that it goes on from the last vertex that can', () =>
    fc.assert(
      fc.asyncProperty(randomDirected, ways, async (random, way) => {
        using graph = graphOf(random);
        const { values } = await dfs.run(client, graph, { source: 0, way });
        const arcs = naiveArcs(random.hyperedges, random.directions, way);
        const reached = naiveDistances(arcs, random.vertexCount, 0, () => 1);
        expect([...values.order].toSorted((a, b) => a - b)).toEqual(
          idsTo(random.vertexCount).filter((vertex) => Number.isFinite(reached[vertex])),
        );
        expect(values.parents.filter((parent) => parent !== NONE).length).toBe(values.order.length - 1);
        const leadsOn = (vertex: number, seen: ReadonlySet<number>) =>
          arcs.some(({ tails, heads }) => tails.includes(vertex) && heads.some((head) => !seen.has(head)));
        for (let place = 1; place < values.order.length; place++) {
          const seen = new Set(values.order.subarray(0, place));
          const parent = values.parents[values.order[place]!]!;
          let last = values.order[place - 1]!;
          while (!leadsOn(last, seen)) last = values.parents[last]!;
          expect(parent).toBe(last);
        }
      }),
    ));

  test('strong components: each reaches the other', () =>
    fc.assert(
      fc.asyncProperty(randomDirected, async (random) => {
        using graph = graphOf(random);
        const { values, summary } = await strongComponents.run(client, graph);
        const arcs = naiveArcs(random.hyperedges, random.directions, 'forward');
        const reach = idsTo(random.vertexCount).map((source) =>
          naiveDistances(arcs, random.vertexCount, source, () => 1),
        );
        const want = reach.map((from, vertex) =>
          from.findIndex(
            (distance, other) => Number.isFinite(distance) && Number.isFinite(reach[other]![vertex]),
          ),
        );
        expect([...values.labels]).toEqual(want);
        expect(summary[0]!.value).toBe(new Set(want).size);
      }),
    ));

  test('cut vertices: without one, more components are left', () =>
    fc.assert(
      fc.asyncProperty(randomHypergraph, async ({ vertexCount, hyperedges }) => {
        using graph = Hypergraph.from(hyperedges, { vertices: idsTo(vertexCount), repeatedMembers: 'keep' });
        const { values } = await cutVertices.run(client, graph);
        const before = naiveComponents(hyperedges, vertexCount);
        const isCut = (vertex: number) => {
          const left = hyperedges.map((members) => members.filter((member) => member !== vertex));
          const labels = naiveComponents(left, vertexCount);
          const parts = idsTo(vertexCount).filter(
            (other) => other !== vertex && before[other] === before[vertex],
          );
          return new Set(parts.map((other) => labels[other])).size > 1;
        };
        expect([...values.vertices]).toEqual(idsTo(vertexCount).filter(isCut));
      }),
    ));
});

test('edge lists and triples lead from the first place to the second', async () => {
  using graph = await Hypergraph.load(tempFile('arcs.txt', '0 1\n1 2\n2 0\n2 3\n3 3\n'));
  expect([...(await strongComponents.run(client, graph)).values.labels]).toEqual([0, 0, 0, 3]);
  const { values } = await shortestPaths.run(client, graph, { source: 3, way: 'forward' });
  expect([...values.distances]).toEqual([Infinity, Infinity, Infinity, 0]);
  expect(pathTo(values, 0)).toBeUndefined();
  expect(() => pathTo(values, 9)).toThrow(RangeError);
});

describe('adjacency files', () => {
  const load = (text: string, options = {}) =>
    Hypergraph.load(tempFile('g.txt', text), { format: 'adjacency', ...options });

  test('line i lists the out-neighbours of vertex i; blank lines are vertices too', async () => {
    using graph = await load('1 2\n\n0\n5 3\n');
    expect([graph.vertexCount, graph.hyperedgeCount, graph.kind]).toEqual([5, 3, 'directed']);
    const external = (hyperedge: number) =>
      [...graph.membersOf(hyperedge)].map((v) => graph.vertices.externalOf(v));
    expect([0, 1, 2].map(external)).toEqual([
      [0, 1, 2],
      [2, 0],
      [3, 5, 3],
    ]);
    expect([...(await strongComponents.run(client, graph)).values.labels]).toEqual([0, 1, 0, 3, 4]);
  });

  test('what cannot be a vertex, or would shift lines, is refused', async () => {
    await expect(load('1\nx\n')).rejects.toMatchObject({ code: 'E_FILE_FORMAT', details: { line: 2 } });
    await expect(load('1\n-3\n')).rejects.toMatchObject({ code: 'E_FILE_FORMAT', details: { line: 2 } });
    await expect(load('1\n2\n', { badLines: 'skip' })).rejects.toEqual(refused(/every line is a vertex/));
  });
});

describe('trouble', () => {
  test('unknown vertex, no weights, negative weight, empty graph', async () => {
    using graph = Hypergraph.from([['a', 'b']]);
    await expect(dfs.run(client, graph, { source: 'z' })).rejects.toEqual(
      refused(/no vertex with the id or label "z"/),
    );
    await expect(shortestPaths.run(client, graph, { weights: 'weight' })).rejects.toEqual(
      refused(/no weights/),
    );
    using weighted = graphOf({ vertexCount: 2, hyperedges: [[0, 1]], directions: undefined, weights: [-1] });
    await expect(shortestPaths.run(client, weighted, { weights: 'weight' })).rejects.toEqual(
      refused(/hyperedge "0" has the weight -1/),
    );
    using empty = Hypergraph.from([]);
    await expect(dfs.run(client, empty)).rejects.toEqual(refused(/no vertex to start/));
    expect((await strongComponents.run(client, empty)).summary[0]!.value).toBe(0);
    expect((await cutVertices.run(client, empty)).values.vertices.length).toBe(0);
  });
});

const cnr = dataPath('large', 'cnr-2000', 'cnr-2000.adj.txt.gz');
const sizes = dataPath('large', 'cnr-2000', 'gold-scc-sizes.txt.gz');
test.skipIf(!cnr || !sizes)(
  'cnr-2000: the published sizes of strong components (needs ANANT_DATA_DIR)',
  async () => {
    using graph = await Hypergraph.load(cnr!, { format: 'adjacency' });
    const { values, summary } = await strongComponents.run(client, graph);
    expect(summary[0]).toEqual({ name: 'components', value: 100_977 });
    const found = [...groupSizes(values.labels).sizes].filter((size) => size > 0).toSorted((a, b) => b - a);
    expect(found[0]).toBe(112_023);
    expect(found).toEqual(gunzipSync(readFileSync(sizes!)).toString().trim().split('\n').map(Number));
  },
  120_000,
);
