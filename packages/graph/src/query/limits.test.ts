/** Queries that are too large for what they may use end with an error that says so, in time that is bounded. */
import { describe, expect, it, test } from 'vitest';
import { Hypergraph } from '../graph.js';

/** A chain of relations, and a fact of many members in the same role. */
function chain(length: number): Hypergraph {
  const pairs = Array.from({ length }, (_, at) => [at, at + 1]);
  return Hypergraph.from(pairs, { properties: { hyperedges: { relation: pairs.map(() => 'next') } } });
}

/** Every look at it is a second later. */
function clock(): () => number {
  let seconds = 0;
  return () => 1_000 * seconds++;
}

const crowd = () => {
  const many = Array.from({ length: 70_000 }, (_, at) => at);
  return Hypergraph.from([many, [...many.slice(1), 70_000], [70_000, 70_001]]);
};

describe('a query that takes too long ends with E_QUERY_LIMIT', () => {
  it.each(['neighbors 0 --hops 3', 'path 0 70001', 'facts 1 --limit 5'])('%s', (query) => {
    expect(() => crowd().query(query, { timeMsMax: 500, now: clock() })).toThrow(
      expect.objectContaining({
        code: 'E_QUERY_LIMIT',
        message: 'The query was ended: it took over 0.5 s.',
        details: { timeMsMax: 500 },
      }),
    );
    expect(crowd().query(query).rows.length).toBeGreaterThan(0);
  });

  it.each(['match ?x next ?y, ?u next ?v select ?x', 'match ?x next+ ?y select ?x'])('%s', (query) => {
    const pairs = [...Array.from({ length: 400 }, (_, at) => [at, at + 1]), ['lonely', 'nobody']];
    const relation = pairs.map((_, at) => (at < 400 ? 'next' : 'knows'));
    const graph = Hypergraph.from(pairs, { properties: { hyperedges: { relation } } });
    expect(() => graph.query(query, { limit: 1_000_000, timeMsMax: 500, now: clock() })).toThrow(
      /took over 0.5 s/,
    );
  });
});

test('an answer that takes too much memory ends with E_QUERY_LIMIT', () => {
  const graph = chain(200);
  const bounds = { limit: 1_000_000, answerBytesMax: 10_000 };
  for (const query of ['match ?x next ?y, ?u next ?v', 'neighbors 100 --hops 64']) {
    expect(() => graph.query(query, bounds)).toThrow(
      expect.objectContaining({
        code: 'E_QUERY_LIMIT',
        message: expect.stringContaining('over 10000 bytes'),
      }),
    );
  }
  expect(() => crowd().query('members 0', bounds)).toThrow(/over 10000 bytes/);
  expect(() => crowd().query('facts 5', bounds)).toThrow(/over 10000 bytes/);
  expect(graph.query('match ?x next ?y', { limit: 20, answerBytesMax: 10_000 }).rows).toHaveLength(20);
});

test('members of a hyperedge are as many rows as any answer has', () => {
  const graph = crowd();
  expect(graph.query('members 0').rows).toHaveLength(1_000);
  expect(graph.query('members 0').cut).toBe('the limit of 1000 rows is reached');
  expect(graph.query('members 0 --limit 3').rows).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
  ]);
  expect(graph.query('members 2').cut).toBeUndefined();
});

test('candidates are bounded: rows so far, but no answer where it is not known', () => {
  const graph = chain(100);
  const cut = graph.query('match ?x next ?y, ?u next ?v', { limit: 1_000_000, candidatesMax: 1_000 });
  expect(cut.cut).toBe('the search ended after 1000 candidates');
  expect(cut.rows.length).toBeLessThan(1_000);
  expect(graph.query('match 0 next+ 50', { candidatesMax: 1_000 }).rows).toEqual([['yes']]);
  expect(() => graph.query('match 50 next+ 0', { candidatesMax: 10 })).toThrow(
    expect.objectContaining({
      code: 'E_QUERY_LIMIT',
      message: expect.stringContaining('10 candidates without'),
    }),
  );
  expect(graph.query('match 50 next+ 0').rows).toEqual([['no']]);
});

test('members in the same roles count as candidates, since they multiply', () => {
  const members = Array.from({ length: 30 }, (_, at) => at);
  const graph = Hypergraph.from([members], {
    properties: { hyperedges: { relation: ['met'] }, incidences: { role: [members.map(() => 'guest')] } },
  });
  const roles = Array.from({ length: 12 }, () => 'guest: _').join(', ');
  const result = graph.query(`match met(guest: ?x, ${roles}, guest: ?y) select ?x`, {
    candidatesMax: 100_000,
  });
  expect(result.cut).toBe('the search ended after 100000 candidates');
});

test('a relation that is followed again and again answers the same, also after it was left in the middle', () => {
  const graph = chain(50);
  const all = graph.query('match ?x next+ ?y, ?y next+ ?z select ?x ?z', { limit: 100_000 }).rows.length;
  expect(all).toBe((49 * 50) / 2);
  expect(graph.query('match ?x next+ ?y, ?y next+ ?z', { limit: 1 }).rows).toHaveLength(1);
  expect(() => graph.query('match ?x next+ ?y, ?y next+ ?z', { answerBytesMax: 500 })).toThrow(/500 bytes/);
  expect(graph.query('match ?x next+ ?y, ?y next+ ?z select ?x ?z', { limit: 100_000 }).rows).toHaveLength(
    all,
  );
});

test.each([
  [{ limit: 0 }, '"limit" must be a whole number from 1 to 1000000, not 0.'],
  [{ limit: 1e9 }, '"limit" must be'],
  [{ timeMsMax: Number.NaN }, '"timeMsMax" must be'],
  [{ answerBytesMax: -1 }, '"answerBytesMax" must be'],
  [{ candidatesMax: 1e12 }, '"candidatesMax" must be'],
])('bounds out of range are refused: %o', (options, message) => {
  expect(() => chain(2).query('degree 0', options)).toThrow(message);
});

test('a pattern of too many members is refused at its column', () => {
  const terms = Array.from({ length: 257 }, () => '_').join(',');
  expect(() => chain(2).query(`match next(${terms})`)).toThrow(
    /^Column \d+: a pattern has at most 256 members/,
  );
});
