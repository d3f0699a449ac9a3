import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Hypergraph } from '../graph.js';

const lists = fc
  .array(
    fc.record({
      members: fc.uniqueArray(fc.nat(9), { maxLength: 4 }),
      time: fc.option(fc.integer({ min: -20, max: 20 }), { nil: undefined }),
    }),
    { maxLength: 25 },
  )
  .map((rows) => [{ members: [0, 1], time: 3 }, ...rows]);
type Row = { readonly members: readonly number[]; readonly time: number | undefined };

const graphOf = (rows: readonly Row[]) =>
  Hypergraph.from(
    rows.map(({ members }) => members),
    {
      vertices: [...Array(10).keys()],
      properties: { hyperedges: { time: rows.map(({ time }) => time) } },
    },
  );
const idsOf = ({ hyperedges }: Hypergraph) =>
  Array.from({ length: hyperedges.size }, (_, at) => hyperedges.externalOf(at));
const want = (rows: readonly Row[], from: number, to: number) =>
  rows.flatMap(({ time }, id) => (time !== undefined && time >= from && time < to ? [id] : []));

test('a slice has what is from its start to before its end, under the same ids', () =>
  fc.assert(
    fc.property(lists, fc.integer({ min: -25, max: 25 }), fc.nat(20), (rows, from, length) => {
      using graph = graphOf(rows);
      using slice = graph.timeSlice({ from, to: from + length });
      expect(idsOf(slice)).toEqual(want(rows, from, from + length));
      expect(slice.vertexCount).toBe(10);
      using members = graph.timeSlice({ from, to: from + length, vertices: 'members' });
      expect(idsOf(members)).toEqual(idsOf(slice));
      for (let vertex = 0; vertex < members.vertexCount; vertex++)
        expect(members.degreeOf(vertex)).toBeGreaterThan(0);
      using timed = graph.timeSlice();
      expect(idsOf(timed)).toEqual(want(rows, -Infinity, Infinity));
    }),
  ));

test('windows side by side have every hyperedge with a time once; overlapping ones are slices', () =>
  fc.assert(
    fc.property(
      lists,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      (rows, length, step) => {
        using graph = graphOf(rows);
        const seen: unknown[] = [];
        for (const { graph: slice } of graph.timeWindows({ length })) {
          seen.push(...idsOf(slice));
          slice[Symbol.dispose]();
        }
        expect(seen.toSorted()).toEqual(want(rows, -Infinity, Infinity).toSorted());
        for (const { from, to, graph: slice } of graph.timeWindows({ length, step, to: 10 })) {
          expect(to - from).toBeLessThanOrEqual(length);
          expect(idsOf(slice)).toEqual(want(rows, from, Math.min(to, 10)));
          slice[Symbol.dispose]();
        }
      },
    ),
  ));

test('what does not fit is named', () => {
  using graph = graphOf([
    { members: [1, 2], time: 0 },
    { members: [2, 3], time: 1e9 },
  ]);
  using untimed = Hypergraph.from([[1, 2]]);
  const fails = (act: () => unknown, message: RegExp) =>
    expect(act).toThrowError(
      expect.objectContaining({ code: 'E_GRAPH_INVALID', message: expect.stringMatching(message) }),
    );
  fails(() => untimed.timeSlice(), /no times in the property "time".*properties: 'keep'/);
  fails(() => graph.timeSlice({ from: Number.NaN }), /"from" must be a number/);
  fails(() => [...graph.timeWindows({ length: 0 })], /"length" must be a number greater than 0/);
  fails(() => [...graph.timeWindows({ length: 5, step: -1 })], /"step" must be/);
  fails(() => [...graph.timeWindows({ length: 1 })], /1000000001 windows/);
  expect([...graph.timeWindows({ length: 1, from: 2e9 })]).toEqual([]);
});
