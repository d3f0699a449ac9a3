/** Ranks and degrees that follow a live hypergraph are those that a computation anew gives, within the stated bound. */
import { seededRandom } from '@anant/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { algorithms } from '../algorithms/registry.js';
import { Hypergraph } from '../graph.js';
import { kernelClient } from '../testing/kernel-client.js';
import type { GraphChange } from './change.js';
import { LiveDegrees } from './live-degrees.js';
import { LiveHypergraph } from './live-hypergraph.js';
import { LivePagerank } from './live-pagerank.js';
import { PUSH_VISIT_COST, roundCost } from './rank-rounds.js';

const vertex = fc.integer({ min: 0, max: 12 });
const change: fc.Arbitrary<GraphChange> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('hyperedge-add' as const),
      members: fc.array(vertex, { maxLength: 4 }),
    }),
  },
  fc.record({ type: fc.constant('vertex-add' as const), id: vertex }),
  fc.record({ type: fc.constant('vertex-remove' as const), id: vertex }),
  { weight: 2, arbitrary: fc.record({ type: fc.constant('hyperedge-remove' as const), id: fc.nat(25) }) },
);

/** Sum of the differences to ranks computed anew to 1e-13. */
async function distanceToAnew(graph: LiveHypergraph, ranks: LivePagerank, damping: number): Promise<number> {
  const flat = graph.snapshot().toHypergraph();
  const anew = await algorithms.pagerank.run(kernelClient(), flat, { damping, tolerance: 1e-13 });
  let sum = 0;
  for (const { id, rank } of ranks.ranks())
    sum += Math.abs(rank - anew.values.ranks[flat.vertices.indexOf(id)]!);
  return sum;
}

describe('LivePagerank', () => {
  it('is within its bound of a computation anew, after any changes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 60 }),
        fc.constantFrom(0.2, 0.85, 0.97),
        fc.constantFrom(1, 1e-3, 1e-9),
        fc.constantFrom('auto' as const, 'push' as const, 'sweep' as const),
        async (changes, damping, tolerance, method) => {
          await using graph = await LiveHypergraph.open({
            base: Hypergraph.from([[1, 1, 2], [3], []], { repeatedMembers: 'keep' }),
          });
          using ranks = new LivePagerank(graph, { damping, tolerance, method });
          for (const [at, one] of changes.entries()) {
            await graph.apply([one]).catch(() => {});
            if (at % 7 !== 0) continue;
            expect(ranks.errorBound).toBeLessThanOrEqual(tolerance);
            expect(await distanceToAnew(graph, ranks, damping)).toBeLessThanOrEqual(ranks.errorBound + 1e-11);
          }
          expect([...ranks.ranks()].length).toBe(graph.vertexCount);
          expect(ranks.verify()).toBeLessThan(1e-9);
          expect(ranks.errorBound).toBeLessThanOrEqual(tolerance);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('follows a window that moves over thousands of hyperedges, where most numbers are of removed ones', async () => {
    const random = seededRandom(5);
    const pick = () => Math.floor(random() ** 2 * 200);
    await using graph = await LiveHypergraph.open();
    using ranks = new LivePagerank(graph, { tolerance: 1e-8 });
    for (let batch = 0; batch < 40; batch++) {
      await graph.apply([
        ...Array.from(
          { length: 100 },
          (_, at): GraphChange => ({
            type: 'hyperedge-add',
            id: `${batch} ${at}`,
            members: Array.from({ length: 1 + (at % 5) }, pick),
          }),
        ),
        ...(batch < 5
          ? []
          : Array.from(
              { length: 100 },
              (_, at): GraphChange => ({ type: 'hyperedge-remove', id: `${batch - 5} ${at}` }),
            )),
      ]);
    }
    expect(await distanceToAnew(graph, ranks, 0.85)).toBeLessThanOrEqual(ranks.errorBound);
    const [first, second] = ranks.top(2);
    expect(first!.rank).toBe(ranks.rankOf(first!.id));
    expect(first!.rank).toBeGreaterThanOrEqual(second!.rank);
    expect(() => ranks.rankOf('nobody')).toThrow(/There is no vertex/);
  });

  it('sweeps when much has changed and pushes when little has, at about the cost of the cheaper one', async () => {
    const random = seededRandom(11);
    const pick = () => Math.floor(random() ** 2 * 4_000);
    const hyperedges = (count: number) =>
      Array.from(
        { length: count },
        (): GraphChange => ({ type: 'hyperedge-add', members: [pick(), pick(), pick()] }),
      );
    await using graph = await LiveHypergraph.open();
    const options = { tolerance: 1e-2 };
    using ranks = new LivePagerank(graph, options);
    using pushed = new LivePagerank(graph, { ...options, method: 'push' });
    using swept = new LivePagerank(graph, { ...options, method: 'sweep' });
    const first: string[] = [];
    for (const count of [12_000, 1, 10, 100, 1_000, 10_000]) {
      await graph.apply(hyperedges(count));
      const [, ...bounds] = [swept.errorBound, pushed.errorBound, ranks.errorBound];
      expect(Math.max(...bounds)).toBeLessThanOrEqual(options.tolerance);
      const { pushRounds, sweepRounds, cost } = ranks.lastUpdate;
      expect(cost).toBeLessThanOrEqual(1.1 * Math.min(pushed.lastUpdate.cost, swept.lastUpdate.cost));
      expect([pushed.lastUpdate.sweepRounds, swept.lastUpdate.pushRounds]).toEqual([0, 0]);
      first.push(sweepRounds > pushRounds ? 'sweep' : 'push');
    }
    expect(first).toEqual(['sweep', 'push', 'sweep', 'sweep', 'sweep', 'sweep']);
    expect(await distanceToAnew(graph, ranks, 0.85)).toBeLessThanOrEqual(ranks.errorBound);
    const done = ranks.lastUpdate;
    expect(ranks.rankOf(0)).toBeGreaterThan(0);
    expect(ranks.lastUpdate).toBe(done);
  });

  it('estimates a round by the incidences it visits', () => {
    const graph = { vertices: 100, incidences: 300, squaredSizes: 900 };
    expect(roundCost({ ...graph, dueIncidences: 10 })).toEqual({
      push: PUSH_VISIT_COST * (10 + 30),
      sweep: 700,
    });
    // Pushes hand on to every incidence at most once.
    expect(roundCost({ ...graph, dueIncidences: 200 })).toEqual({
      push: PUSH_VISIT_COST * (200 + 300),
      sweep: 700,
    });
    expect(roundCost({ vertices: 5, incidences: 0, squaredSizes: 0, dueIncidences: 0 })).toEqual({
      push: 0,
      sweep: 5,
    });
  });

  it('refuses options out of range, and has no ranks where there is no vertex', async () => {
    await using graph = await LiveHypergraph.open();
    for (const damping of [0, 1, -1, Number.NaN]) {
      expect(() => new LivePagerank(graph, { damping })).toThrow(/"damping" must be between 0 and 1/);
    }
    expect(() => new LivePagerank(graph, { tolerance: 0 })).toThrow(/"tolerance" must be from 1e-12/);
    using ranks = new LivePagerank(graph);
    expect([ranks.errorBound, ranks.top(3), ranks.verify()]).toEqual([0, [], 0]);
  });
});

describe('LivePagerank.rankOf', () => {
  it('is up to date as the first question after every change', async () => {
    await using graph = await LiveHypergraph.open({ base: Hypergraph.from([['a', 'b'], ['c']]) });
    using ranks = new LivePagerank(graph, { tolerance: 1e-9 });
    const sets = [['a', 'c'], ['a'], ['d', 'a', 'b']];
    for (const [index, members] of sets.entries()) {
      await graph.apply([{ type: 'hyperedge-add', id: `new ${index}`, members }]);
      const asked = ranks.rankOf('a');
      expect(asked).toBe([...ranks.ranks()].find(({ id }) => id === 'a')!.rank);
    }
  });
});

describe('LiveDegrees', () => {
  it('has the degrees and the distribution that counting anew gives', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 60 }), async (changes) => {
        await using graph = await LiveHypergraph.open({
          base: Hypergraph.from([[1, 1, 2], [3], []], { repeatedMembers: 'keep' }),
        });
        using degrees = new LiveDegrees(graph);
        for (const one of changes) await graph.apply([one]).catch(() => {});
        const flat = graph.snapshot().toHypergraph();
        const counts = new Map<number, number>();
        for (let at = 0; at < flat.vertexCount; at++) {
          const degree = flat.degreeOf(at);
          counts.set(degree, (counts.get(degree) ?? 0) + 1);
          expect(degrees.degreeOf(flat.vertices.externalOf(at))).toBe(degree);
        }
        const rising = [...counts].sort(([one], [other]) => one - other);
        expect(degrees.distribution()).toEqual(rising.map(([degree, vertices]) => ({ degree, vertices })));
        expect(() => degrees.degreeOf('nobody')).toThrow(/There is no vertex/);
      }),
      { numRuns: 100 },
    );
  });
});
