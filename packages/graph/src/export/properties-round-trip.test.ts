/** Properties of any name and kind survive being written and read again, as far as the format says. */
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../graph.js';
import type { PropertyColumns } from '../store/properties.js';
import { valueAt } from '../store/properties.js';
import { tempFiles } from '../testing/temp-files.js';

const RUNS = { numRuns: 25 };
const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 6 })
  .map((value) => value.replace(/[\p{Cc}\ufffe\uffff]/gu, '.'));
/** Text has no minus zero. */
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
/** One kind per column; undefined is none. */
const values = fc.oneof(
  fc.array(fc.option(number, { nil: undefined }), { minLength: 40, maxLength: 40 }),
  fc.array(fc.option(text, { nil: undefined }), { minLength: 40, maxLength: 40 }),
);
const names = fc.constantFrom('type', 'Since when?', 'a.b', 'kind', '1');
const columns = fc.dictionary(names, values, { maxKeys: 3, noNullPrototype: true });

const graphs = fc
  .record({
    lists: fc.array(fc.uniqueArray(fc.nat(8), { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 6,
    }),
    vertices: columns,
    hyperedges: columns,
    incidences: columns,
    roles: fc.infiniteStream(fc.constantFrom('', 'agent', 'patient', 'place')),
  })
  .map(({ lists, vertices, hyperedges, incidences, roles }) => {
    const ids = [...new Set(lists.flat())];
    const perVertex = (given: readonly (number | string | undefined)[]) =>
      ids.flatMap((id, at) => (given[at] === undefined ? [] : [[id, given[at]] as const]));
    const perMember = (given: readonly (number | string | undefined)[]) => {
      let at = 0;
      return lists.map((list) => list.map(() => given[at++]));
    };
    const mapped = <Result>(of: typeof vertices, map: (given: (number | string | undefined)[]) => Result) =>
      Object.fromEntries(Object.entries(of).map(([name, given]) => [name, map(given)]));
    return Hypergraph.from(lists, {
      hyperedgeIds: lists.map((_, at) => `e${at}`),
      properties: {
        vertices: mapped(vertices, perVertex),
        hyperedges: mapped(hyperedges, (given) => given.slice(0, lists.length)),
        incidences: {
          ...mapped(incidences, perMember),
          role: lists.map((list) => list.map(() => roles.next().value!)),
        },
      },
    });
  });

/** Everything that is said, thing by thing: columns without a value say nothing. */
function said(columns: PropertyColumns, except: readonly string[] = []): Record<string, unknown>[] {
  const entries = Object.entries<PropertyColumns[string]>(columns).filter(([name]) => !except.includes(name));
  const length = entries[0]?.[1].values.length ?? 0;
  const rows = Array.from({ length }, (_, index) =>
    Object.fromEntries(entries.map(([name, column]) => [name, valueAt(column, index)])),
  );
  return rows.some((row) => Object.values(row).some((value) => value !== undefined)) ? rows : [];
}

async function again(graph: Hypergraph, name: string): Promise<Hypergraph> {
  const path = join(tempFiles({}), name);
  if (name.endsWith('.anant')) {
    await graph.save(path);
    return Hypergraph.open(path);
  }
  const report = await graph.export(path);
  for (const warning of report.warnings) expect(warning).toMatch(/incidences is left out/);
  return Hypergraph.load(path, { properties: 'keep' });
}

describe('named roles, types and other properties', () => {
  test.each(['graph.anant', 'graph.json', 'graph.parquet', 'graph.arrow'])(
    'all of them, in %s',
    async (name) => {
      await fc.assert(
        fc.asyncProperty(graphs, async (graph) => {
          const read = await again(graph, name);
          expect(Array.from(read.edgeToNodes.members)).toEqual(Array.from(graph.edgeToNodes.members));
          for (const of of ['vertices', 'hyperedges', 'incidences'] as const) {
            expect(said(read.properties[of])).toEqual(said(graph.properties[of]));
          }
        }),
        RUNS,
      );
    },
  );

  test.each(['graph.xgi.json', 'graph.graphml'])(
    'those of vertices and hyperedges, and roles, in %s',
    async (name) => {
      await fc.assert(
        fc.asyncProperty(graphs, async (graph) => {
          const read = await again(graph, name);
          for (const of of ['vertices', 'hyperedges'] as const) {
            expect(said(read.properties[of])).toEqual(said(graph.properties[of]));
          }
          if (name !== 'graph.graphml') return;
          const { role } = graph.properties.incidences;
          expect(said(read.properties.incidences)).toEqual(said(role ? { role } : {}));
        }),
        RUNS,
      );
    },
  );
});

describe('Hypergraph.from with properties', () => {
  test('follows its hyperedges and members, also where ids put them in another order or repetitions go', () => {
    const graph = Hypergraph.from([['a', 'b', 'a'], ['c']], {
      hyperedgeIds: [7, 3],
      properties: {
        vertices: { type: [['c', 'thing']] },
        hyperedges: { relation: ['wrote', undefined], year: [1843, 1844] },
        incidences: {
          role: [['author', 'reader', 'editor'], ['object']],
          direction: [['tail', 'head', ''], ['head']],
        },
      },
    });
    expect(graph.kind).toBe('directed');
    expect(said(graph.properties.hyperedges)).toEqual([
      { relation: undefined, year: 1844 },
      { relation: 'wrote', year: 1843 },
    ]);
    expect(said(graph.properties.incidences, ['direction']).map(({ role }) => role)).toEqual([
      'object',
      'editor',
      'reader',
    ]);
    expect([...graph.properties.incidences.direction!.values]).toEqual([1, 0, 1]);
    expect(said(graph.properties.vertices)).toEqual([
      { type: undefined },
      { type: undefined },
      { type: 'thing' },
    ]);
    expect([...graph.edgeToNodes.members]).toEqual([2, 0, 1]);
  });

  test('refuses values that do not fit, and names them', () => {
    const from = (properties: object) => () => Hypergraph.from([['a']], { properties });
    expect(from({ hyperedges: { x: [] } })).toThrow(/"x" has 0 values for 1 hyperedges/);
    expect(from({ incidences: { x: [[1, 2]] } })).toThrow(/"x" has 2 values for 1 members of hyperedge 0/);
    expect(from({ vertices: { x: [['b', 1]] } })).toThrow(/"x" is of the vertex "b", which there is not/);
    expect(from({ hyperedges: { x: [Number.NaN] } })).toThrow(/"x" is neither/);
    expect(from({ incidences: { direction: [['up']] } })).toThrow(/"head" or "tail"/);
  });
});
