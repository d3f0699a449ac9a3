import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../graph.js';
import { naiveLevels } from '../testing/naive.js';
import { randomHypergraph } from '../testing/random-hypergraph.js';
import { tempFile } from '../testing/temp-files.js';
import { findMatches } from './match.js';
import { parseQuery } from './parse-query.js';
import { planMatch } from './plan.js';

async function factsOf(rows: readonly (readonly string[])[]): Promise<Hypergraph> {
  const path = tempFile('facts.tsv', rows.map((row) => `${row.join('\t')}\n`).join(''));
  return Hypergraph.load(path, { format: 'facts', properties: 'keep' });
}

const FAMILY = [
  ['parent', 'ada', 'byron'],
  ['parent', 'ada', 'annabella'],
  ['parent', 'byron', 'john'],
  ['parent', 'anne', 'ada'],
  ['knows', 'ada', 'charles'],
  ['knows', 'charles', 'ada'],
  ['knows', 'ada', 'ada'],
  ['wrote', 'ada', 'note g', '1843', 'london'],
  ['wrote', 'charles', 'passages', '1864', 'london'],
];

const rowsOf = (graph: Hypergraph, query: string) => graph.query(query).rows;

describe('match', () => {
  test.each<[string, readonly (readonly string[])[]]>([
    ['match ada parent ?x', [['byron'], ['annabella']]],
    ['match ?x parent byron', [['ada']]],
    ['match ada ?r charles', [['knows']]],
    [
      'match ?x ?r ada',
      [
        ['anne', 'parent'],
        ['charles', 'knows'],
        ['ada', 'knows'],
      ],
    ],
    ['match ?x knows ?x', [['ada']]],
    [
      'match ?x parent ?y, ?y parent ?z',
      [
        ['ada', 'byron', 'john'],
        ['anne', 'ada', 'byron'],
        ['anne', 'ada', 'annabella'],
      ],
    ],
    ['match ?x parent ?y, ?y parent john select ?x', [['ada']]],
    ['match ?x parent _ select ?x', [['ada'], ['byron'], ['anne']]],
    ['match anne parent+ ?x', [['ada'], ['byron'], ['annabella'], ['john']]],
    ['match anne parent* ?x limit 2', [['anne'], ['ada']]],
    ['match ?x parent+ john', [['byron'], ['ada'], ['anne']]],
    ['match john ^parent+ ?x', [['byron'], ['ada'], ['anne']]],
    ['match ?x parent+ ?y, ?y knows charles', [['anne', 'ada']]],
    ['match wrote(?who, "note g", ?year, _)', [['ada', '1843']]],
    ['match wrote(?who, _, _, london), ?who knows ada', [['ada'], ['charles']]],
    ['match ?r(ada, ?what, ?year, <london>)', [['wrote', 'note g', '1843']]],
    ['match ada knows charles', [['yes']]],
    ['match charles parent _', [['no']]],
  ])('%s', async (query, expected) => {
    const graph = await factsOf(FAMILY);
    const sorted = (rows: readonly (readonly unknown[])[]) => rows.map((row) => row.join('|')).sort();
    const result = graph.query(query);
    if (query.includes('limit')) expect(result.rows).toHaveLength(expected.length);
    else expect(sorted(result.rows)).toEqual(sorted(expected));
    expect(result.cut === undefined).toBe(!query.includes('limit'));
  });

  test('columns are the variables in the order of the query, or as selected', async () => {
    const graph = await factsOf(FAMILY);
    expect(graph.query('match ?x ?r ?y').columns).toEqual(['x', 'r', 'y']);
    expect(graph.query('match ?x ?r ?y select ?y ?x').columns).toEqual(['y', 'x']);
    expect(graph.query('match ?x parent ?y', { limit: 2 })).toMatchObject({
      rows: [expect.anything(), expect.anything()],
      cut: 'the limit of 2 rows is reached',
    });
  });

  test('a search ends after the candidates it may look at, and says so', async () => {
    const graph = await factsOf(FAMILY);
    const query = parseQuery('match ?a ?r ?b, ?c ?s ?d') as never as { patterns: never[] };
    let found = 0;
    const count = () => {
      found += 1;
      return true;
    };
    expect(findMatches(graph, planMatch(graph, query.patterns), count, { candidatesMax: 20 })).toBe(
      'candidates',
    );
    expect(found).toBeLessThan(20);
  });

  test('finds what trying every assignment finds', async () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const relation = fc.constantFrom('p', 'q');
    const fact = fc.oneof(fc.tuple(relation, name, name), fc.tuple(relation, name, name, name));
    const term = fc.oneof(name, fc.constantFrom('?x', '?y', '?z'));
    const predicate = fc.oneof(relation, fc.constantFrom('?r', 'p+', 'q*', '^p'));
    const pattern = fc.oneof(
      fc.tuple(term, predicate, term).map((parts) => parts.join(' ')),
      fc.tuple(relation, term, term, term).map(([r, ...terms]) => `${r}(${terms.join(', ')})`),
    );
    const every = ['?x', '?y', '?z'].map((variable) => `${variable}`);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fact, { minLength: 1, maxLength: 8 }),
        fc.array(pattern, { minLength: 1, maxLength: 3 }),
        async (facts, patterns) => {
          // Every name and relation occurs, so that no query is refused.
          const all = [...facts, ['p', 'a', 'b'], ['q', 'c', 'd']];
          const graph = await factsOf(all);
          const query = `match ${patterns.join(', ')}`;
          const { columns, rows } = graph.query(query);
          const expected = naiveMatches(all, patterns, [...every, '?r']);
          const told = new Set(
            expected.map((binding) => columns.map((column) => binding[`?${column}`]).join('|')),
          );
          if (columns[0] === 'holds') expect(rows).toEqual([[expected.length > 0 ? 'yes' : 'no']]);
          else expect(rows.map((row) => row.join('|')).sort()).toEqual([...told].sort());
        },
      ),
      { numRuns: 80 },
    );
  });
});

/** Tries every assignment of names to the variables that occur. */
function naiveMatches(
  facts: readonly (readonly string[])[],
  patterns: readonly string[],
  variables: readonly string[],
): Record<string, string>[] {
  const text = patterns.join(' ');
  const used = variables.filter((variable) => text.includes(variable));
  const names = ['a', 'b', 'c', 'd'];
  let bindings: Record<string, string>[] = [{}];
  for (const variable of used) {
    const values = variable === '?r' ? ['p', 'q'] : names;
    bindings = bindings.flatMap((binding) => values.map((value) => ({ ...binding, [variable]: value })));
  }
  const known = new Set(facts.map((fact) => fact.join(' ')));
  const follows = (relation: string, from: string, to: string) => known.has(`${relation} ${from} ${to}`);
  const reaches = (relation: string, from: string, to: string, includesStart: boolean): boolean => {
    const seen = new Set(includesStart ? [from] : names.filter((name) => follows(relation, from, name)));
    for (let grows = true; grows; ) {
      const before = seen.size;
      for (const at of [...seen]) for (const name of names) if (follows(relation, at, name)) seen.add(name);
      grows = seen.size > before;
    }
    return seen.has(to);
  };
  return bindings.filter((binding) =>
    patterns.every((pattern) => {
      const at = (word: string) => binding[word] ?? word;
      const call = /^(.)\((.*)\)$/.exec(pattern);
      if (call) return known.has([call[1], ...call[2]!.split(', ').map(at)].join(' '));
      const [first, predicate, last] = pattern.split(' ') as [string, string, string];
      if (predicate.startsWith('^')) return follows(predicate.slice(1), at(last), at(first));
      if (/[+*]$/.test(predicate)) {
        return reaches(predicate[0]!, at(first), at(last), predicate.endsWith('*'));
      }
      return follows(at(predicate), at(first), at(last));
    }),
  );
}

describe('around a vertex', () => {
  test('neighbors are the levels of a breadth-first search', () => {
    fc.assert(
      fc.property(randomHypergraph, fc.integer({ min: 1, max: 4 }), ({ vertexCount, hyperedges }, hops) => {
        const graph = Hypergraph.from(hyperedges, {
          vertices: Array.from({ length: vertexCount }, (_, v) => v),
        });
        const levels = naiveLevels(hyperedges, vertexCount, 0);
        const found = graph.neighbors(0, { hops });
        const near = levels.flatMap((level, vertex) => (level > 0 && level <= hops ? [[vertex, level]] : []));
        const got = Array.from(found.vertices, (vertex, i) => [vertex, found.hops[i]]);
        expect(got.sort(([a], [b]) => a! - b!)).toEqual(near);
        expect([...found.hops]).toEqual([...found.hops].sort());
        const cut = graph.neighbors(0, { hops, limit: 3 });
        expect(cut.vertices).toEqual(found.vertices.subarray(0, Math.min(3, found.vertices.length)));
        expect(cut.isCut).toBe(near.length > 3);
      }),
    );
  });

  test.each([0, -1, 1.5, 65])('neighbors within %s hops are refused', (hops) => {
    using graph = Hypergraph.from([[0, 1]]);
    const message = `"hops" must be an integer from 1 to 64, not ${hops}.`;
    expect(() => graph.neighbors(0, { hops })).toThrow(message);
  });

  test('a path has as many hops as the breadth-first level says', () => {
    fc.assert(
      fc.property(randomHypergraph, ({ vertexCount, hyperedges }) => {
        const graph = Hypergraph.from(hyperedges, {
          vertices: Array.from({ length: vertexCount }, (_, v) => v),
        });
        const level = naiveLevels(hyperedges, vertexCount, 0)[vertexCount - 1]!;
        const rows = rowsOf(graph, `path 0 ${vertexCount - 1} --hops 30`);
        expect(rows).toHaveLength(level < 0 ? 0 : level + 1);
        for (let hop = 1; hop < rows.length; hop++) {
          const members = hyperedges[Number(rows[hop]![1])];
          expect(members).toContain(rows[hop]![2]);
          expect(members).toContain(rows[hop - 1]![2]);
        }
      }),
    );
  });

  test('relations restrict neighbors, paths and facts', async () => {
    const graph = await factsOf(FAMILY);
    expect(rowsOf(graph, 'neighbors byron --relation parent')).toEqual([
      ['ada', 1],
      ['john', 1],
    ]);
    expect(rowsOf(graph, 'path john charles').at(-1)).toEqual([3, 4, 'charles']);
    expect(rowsOf(graph, 'path john charles --relation parent')).toEqual([]);
    expect(rowsOf(graph, 'facts ada --relation wrote')).toEqual([[7, 'wrote', 'ada, note g, 1843, london']]);
    expect(rowsOf(graph, 'facts ada --relation knows').map(([fact]) => fact)).toEqual([4, 5, 6]);
    expect(rowsOf(graph, 'members 7')).toEqual([
      [0, 'ada'],
      [1, 'note g'],
      [2, '1843'],
      [3, 'london'],
    ]);
    expect(rowsOf(graph, 'degree ada')).toEqual([['ada', 8]]);
  });

  test('a graph without relations answers what needs none', () => {
    const graph = Hypergraph.from([
      [1, 2],
      [2, 3],
      [3, 4, 5],
    ]);
    expect(rowsOf(graph, 'match 1 _ ?x, ?x _ ?y select ?y')).toEqual([[3]]);
    expect(rowsOf(graph, 'match _(3, ?x, _)')).toEqual([[4]]);
    expect(rowsOf(graph, 'neighbors 1 --hops 2')).toEqual([
      [2, 1],
      [3, 2],
    ]);
  });
});

test('labels are told beside ids', async () => {
  const json = '{"edge-dict":{"e":["1","2"]},"node-data":{"1":{"name":"One"},"2":{"name":"Two"}}}';
  const graph = await Hypergraph.load(tempFile('g.json', json));
  expect(graph.query('neighbors One')).toMatchObject({
    columns: ['vertex', 'label', 'hops'],
    rows: [[2, 'Two', 1]],
  });
});

test.each([
  ['neighbours 42', 1, 'a query starts with neighbors, facts'],
  ['', 1, 'not the end'],
  ['neighbors', 10, 'expected the id of a vertex, not the end'],
  ['neighbors nobody', 11, 'the graph has no vertex "nobody"'],
  ['neighbors ada --hop 2', 15, 'there is no option "--hop" here; there are --hops, --limit, --relation'],
  ['neighbors ada --hops two', 22, '"--hops" must be a whole number from 1 to 64, not "two"'],
  ['neighbors ada --hops 65', 22, 'from 1 to 64'],
  ['neighbors ada twice', 15, 'the query should end here, but goes on with "twice"'],
  ['facts ada --hops 2', 11, 'there are --limit, --relation'],
  ['facts ada --relation likes', 22, 'the graph has no relation "likes"'],
  ['members 99', 9, 'the graph has no hyperedge "99"'],
  ['match ?x parent', 16, 'expected an id, a variable or "_", not the end'],
  ['match ?x parent ?y ?z', 20, 'should end here, but goes on with "?z"'],
  ['match ?x parent ?y select', 26, 'after "select" come variables'],
  ['match ?x parent ?y select ?z', 27, 'no pattern has the variable ?z'],
  ['match ?x parent ?y limit 0', 26, '"limit" must be a whole number'],
  ['match ?x parent ?y, ?z ?y ada', 24, '?y stands for a relation in one place'],
  ['match wrote(?x, ?y', 19, 'expected "," or ")", not the end'],
  ['match ?x "parent ?y', 10, 'the quote that ends this text is missing'],
  ['match ?x <parent ?y', 10, 'the ">" that belongs to this "<" is missing'],
  ['match ?x + ?y', 10, 'a relation is missing'],
  ['match ? parent ada', 7, '"?" is no variable'],
])('%j is refused at column %i', async (query, column, reason) => {
  const graph = await factsOf(FAMILY);
  expect(() => graph.query(query)).toThrow(
    expect.objectContaining({
      code: 'E_QUERY_INVALID',
      message: expect.stringContaining(reason),
      details: expect.objectContaining({ column }),
    }),
  );
});
