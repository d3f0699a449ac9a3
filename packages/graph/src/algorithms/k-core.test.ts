import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { kernelClient } from '../testing/kernel-client.js';
import { naiveHypercore } from '../testing/naive-cores.js';
import { randomHypergraph } from '../testing/random-hypergraph.js';
import { hypercore } from './hypercore.js';
import { kCore, NO_CORE } from './k-core.js';

const client = kernelClient();
const idsTo = (count: number) => Array.from({ length: count }, (_, id) => id);

/** All sets of `size` out of `count` vertices. */
function subsets(count: number, size: number, from = 0): number[][] {
  if (size === 0) return [[]];
  return idsTo(count)
    .slice(from)
    .flatMap((first) => subsets(count, size - 1, first + 1).map((rest) => [first, ...rest]));
}

describe('against the definition, on random hypergraphs', () => {
  for (const repeatedMembers of ['keep', 'merge'] as const) {
    test(`coreness and cores for every k, repeated members: ${repeatedMembers}`, () =>
      fc.assert(
        fc.asyncProperty(randomHypergraph, async ({ vertexCount, hyperedges }) => {
          using graph = Hypergraph.from(hyperedges, { vertices: idsTo(vertexCount), repeatedMembers });
          for (const s of [1, 2, 3, 4]) {
            const { values, summary } = await kCore.run(client, graph, { s });
            const largest = values.cores.reduce((a, b) => Math.max(a, b), 0);
            expect(summary).toContainEqual({ name: 'largest coreness', value: largest });
            for (let k = 0; k <= largest + 1; k++) {
              const want = naiveHypercore(hyperedges, vertexCount, k, s);
              const core = await hypercore.run(client, graph, { k, s });
              expect([...core.values.vertices]).toEqual(want.vertices);
              expect([...core.values.hyperedges]).toEqual(want.hyperedges);
            }
          }
        }),
      ));
  }

  test('the coreness of a hyperedge is the s-th largest of its members', () =>
    fc.assert(
      fc.asyncProperty(randomHypergraph, fc.integer({ min: 1, max: 4 }), async (random, s) => {
        const { vertexCount, hyperedges } = random;
        using graph = Hypergraph.from(hyperedges, { vertices: idsTo(vertexCount) });
        const { cores, edgeCores } = (await kCore.run(client, graph, { s })).values;
        const want = hyperedges.map((members) => {
          const falling = [...new Set(members)].map((vertex) => cores[vertex]!).sort((a, b) => b - a);
          return falling[s - 1] ?? NO_CORE;
        });
        expect([...edgeCores]).toEqual(want);
      }),
    ));
});

describe('known cores', () => {
  const corenessOf = async (hyperedges: readonly (readonly number[])[], s: number) => {
    using graph = Hypergraph.from(hyperedges);
    return [...(await kCore.run(client, graph, { s })).values.cores];
  };

  test('a complete graph, a cycle, a tree', async () => {
    expect(await corenessOf(subsets(6, 2), 2)).toEqual(Array(6).fill(5));
    expect(
      await corenessOf(
        idsTo(7).map((id) => [id, (id + 1) % 7]),
        2,
      ),
    ).toEqual(Array(7).fill(2));
    expect(
      await corenessOf(
        idsTo(6).map((id) => [id >> 1, id + 1]),
        2,
      ),
    ).toEqual(Array(7).fill(1));
  });

  test('a complete 3-uniform hypergraph: each vertex is in (n − 1)(n − 2) / 2 hyperedges', async () => {
    expect(await corenessOf(subsets(7, 3), 3)).toEqual(Array(7).fill(15));
  });

  test('a hyperedge counts while it keeps s members', async () => {
    // Vertex 3 hangs on one hyperedge; without it that hyperedge still has the two members 0 and 1.
    const hyperedges = [
      [0, 1, 3],
      [0, 1],
      [0, 2],
      [1, 2],
    ];
    expect(await corenessOf(hyperedges, 2)).toEqual([2, 2, 2, 1]);
    expect(await corenessOf(hyperedges, 3)).toEqual([1, 1, 0, 1]);
  });

  test('with s = 1 the coreness of a vertex is its degree', async () => {
    expect(await corenessOf([[0, 1, 2], [0, 1], [0]], 1)).toEqual([3, 2, 1]);
  });
});

describe('trouble', () => {
  const refused = (message: RegExp) =>
    expect.objectContaining({ code: 'E_GRAPH_INVALID', message: expect.stringMatching(message) });

  test('parameters that are not valid are named', async () => {
    using graph = Hypergraph.from([['a', 'b']]);
    await expect(kCore.run(client, graph, { s: 0 })).rejects.toEqual(refused(/"s".*from 1/));
    await expect(hypercore.run(client, graph, { s: 1.5 })).rejects.toEqual(refused(/"s".*an integer/));
    await expect(hypercore.run(client, graph, { k: -1 })).rejects.toEqual(refused(/"k".*from 0/));
  });

  test('an empty graph, hyperedges without members, an s above every size', async () => {
    using empty = Hypergraph.from([]);
    expect((await kCore.run(client, empty)).checksumBytes().length).toBe(0);
    expect((await hypercore.run(client, empty)).table(5).rows).toEqual([]);
    using graph = Hypergraph.from([['a', 'b'], []]);
    const { values, summary } = await kCore.run(client, graph, { s: 9 });
    expect([...values.cores]).toEqual([0, 0]);
    expect([...values.edgeCores]).toEqual([NO_CORE, NO_CORE]);
    expect(summary).toContainEqual({ name: 'hyperedges of largest coreness', value: 0 });
  });

  test('arrays of which one is no incidence trap', async () => {
    const broken = Hypergraph.from([
      [0, 1],
      [1, 2],
    ]);
    broken.nodeToEdges.members[0] = 99;
    await expect(kCore.run(client, broken)).rejects.toMatchObject({ code: 'E_KERNEL_TRAP' });
  });
});

const data =
  process.env.ANANT_DATA_DIR ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url));

for (const [folder, name] of [
  ['small', 'email-Enron'],
  ['small', 'contact-primary-school'],
  ['medium', 'tags-ask-ubuntu'],
] as const) {
  test.skipIf(!existsSync(join(data, folder, name)))(
    `${name}: cores around the largest are those of the definition (needs ANANT_DATA_DIR)`,
    async () => {
      using graph = await Hypergraph.load(join(data, folder, name));
      const lists = idsTo(graph.hyperedgeCount).map((hyperedge) => [...graph.membersOf(hyperedge)]);
      for (const s of [2, 3]) {
        const { cores } = (await kCore.run(client, graph, { s })).values;
        const largest = cores.reduce((a, b) => Math.max(a, b));
        for (const k of [largest >> 1, largest, largest + 1]) {
          const want = naiveHypercore(lists, graph.vertexCount, k, s);
          const { values } = await hypercore.run(client, graph, { k, s });
          expect(values.vertices).toEqual(Uint32Array.from(want.vertices));
          expect(values.hyperedges).toEqual(Uint32Array.from(want.hyperedges));
          expect(want.vertices.length > 0).toBe(k <= largest);
        }
      }
    },
    120_000,
  );
}
