import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../graph.js';

const LETTERS = Hypergraph.from(
  [
    ['ada', 'note g', 'charles', 'menabrea'],
    ['passages', 'charles'],
    ['ada', 'ada', 'diary'],
    ['charles', 'engine'],
  ],
  {
    repeatedMembers: 'keep',
    properties: {
      hyperedges: { relation: ['wrote', 'wrote', 'wrote', 'made'] },
      incidences: {
        role: [
          ['author', 'work', 'reader', 'reader'],
          ['work', 'author'],
          ['author', 'reader', 'work'],
          ['', 'first work'],
        ],
      },
    },
  },
);
const rowsOf = (query: string) => LETTERS.query(query).rows;
const failure = (query: string): string => {
  try {
    LETTERS.query(query);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('members by role', () => {
  test.each<[string, readonly (readonly string[])[]]>([
    ['match wrote(author: ada, work: ?w)', [['note g'], ['diary']]],
    ['match wrote(work: ?w, author: charles)', [['passages']]],
    [
      'match wrote(author: ?a, reader: ?r)',
      [
        ['ada', 'charles'],
        ['ada', 'menabrea'],
        ['ada', 'ada'],
      ],
    ],
    ['match wrote(author: ?a, reader: ?a)', [['ada']]],
    [
      'match wrote(reader: ?r, reader: ?s), wrote(author: ?r)',
      [
        ['charles', 'charles'],
        ['charles', 'menabrea'],
        ['ada', 'ada'],
      ],
    ],
    ['match ?r("first work" : ?w)', [['made', 'engine']]],
    ['match wrote(author: charles, reader: _)', [['no']]],
    ['match wrote(reader: menabrea)', [['yes']]],
  ])('%s', (query, want) => {
    expect(rowsOf(query).toSorted()).toEqual(want.toSorted());
  });

  test('roles are told with members', () => {
    expect(LETTERS.query('members 1')).toMatchObject({
      columns: ['place', 'vertex', 'role'],
      rows: [
        [0, 'passages', 'work'],
        [1, 'charles', 'author'],
      ],
    });
  });

  test('what cannot be is refused, with the column', () => {
    expect(failure('match wrote(author: ada, ?w)')).toMatch(/Column 26: either all members/);
    expect(failure('match wrote(?w, author: ada)')).toMatch(/either all members/);
    expect(failure('match wrote(writer: ada)')).toMatch(/no role "writer"/);
    const plain = Hypergraph.from([['a']], { properties: { hyperedges: { relation: ['r'] } } });
    expect(() => plain.query('match r(author: a)')).toThrow(/members of this graph have no roles/);
  });

  test('finds what trying all choices finds', () => {
    const role = fc.constantFrom('a', 'b', 'c');
    const fact = fc.array(fc.tuple(fc.constantFrom('x', 'y', 'z'), role), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(fact, { minLength: 1, maxLength: 6 }), role, role, (facts, one, other) => {
        using graph = Hypergraph.from(
          facts.map((members) => members.map(([id]) => id)),
          {
            repeatedMembers: 'keep',
            properties: {
              hyperedges: { relation: facts.map(() => 'r') },
              incidences: { role: facts.map((members) => members.map(([, name]) => name)) },
            },
          },
        );
        const roles = new Set(facts.flat().map(([, name]) => name));
        if (!roles.has(one) || !roles.has(other)) return;
        const want = new Set(
          facts.flatMap((members) =>
            members.flatMap(([left, first]) =>
              members.flatMap(([right, second]) =>
                first === one && second === other ? [`${left} ${right}`] : [],
              ),
            ),
          ),
        );
        const found = graph.query(`match r(${one}: ?u, ${other}: ?v)`).rows.map((row) => row.join(' '));
        expect(found.toSorted()).toEqual([...want].toSorted());
      }),
    );
  });
});
