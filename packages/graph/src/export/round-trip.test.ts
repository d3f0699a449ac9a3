import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LoadOptions } from '../formats/load.js';
import { Hypergraph } from '../graph.js';
import { contentsOf } from '../testing/same-graph.js';
import { tempFile, tempFiles } from '../testing/temp-files.js';
import { EXPORT_FORMATS, type ExportOptions } from './export-graph.js';

const RUNS = { numRuns: 40 };

/** Text that starts with a letter, so that no reader takes it for a number, and may hold anything else. */
const anyText = fc
  .tuple(fc.constantFrom('a', 'b', 'é', '字'), fc.string({ unit: 'grapheme', maxLength: 4 }))
  .map(([first, rest]) => first + rest);
const lineText = anyText.map((text) => `${text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '')}.`);
const lists = <Id>(id: fc.Arbitrary<Id>, sizes = { minLength: 0, maxLength: 5 }) =>
  fc.array(fc.array(id, sizes), { minLength: 1, maxLength: 10 });
const MEMBERS = { minLength: 1, maxLength: 5 };

async function roundTrip(
  graph: Hypergraph,
  name: string,
  written: ExportOptions = {},
  read: LoadOptions = {},
) {
  const path = join(folder(), name);
  const report = await graph.export(path, written);
  const again = await Hypergraph.load(path, { properties: 'keep', ...read });
  expect(again.source.format).toBe(report.format);
  return again;
}

let made: string | undefined;
const folder = (): string => {
  if (made === undefined || !existsSync(made)) made = tempFiles({});
  return made;
};

/** Triples or facts, as `Hypergraph.from` cannot give them a relation. */
async function factsOf(rows: readonly (readonly string[])[]): Promise<Hypergraph> {
  const path = tempFile('facts.tsv', rows.map((row) => `${row.join('\t')}\n`).join(''));
  return Hypergraph.load(path, { format: 'facts', properties: 'keep' });
}

describe('everything is kept', () => {
  const ids = fc.oneof(fc.integer({ min: -50, max: 50 }), anyText);
  test.each(['graph.json', 'graph.hif.json.gz'])('HIF as %s', async (name) => {
    await fc.assert(
      fc.asyncProperty(lists(ids), fc.array(ids, { maxLength: 3 }), async (hyperedges, vertices) => {
        const graph = Hypergraph.from(hyperedges, { vertices });
        expect(contentsOf(await roundTrip(graph, name))).toEqual(contentsOf(graph));
      }),
      RUNS,
    );
  });

  const xmlText = anyText.map((text) => text.replace(/[\p{Cc}\ufffe\uffff]/gu, ''));
  test.each([
    ['graph.xgi.json', ids],
    ['graph.graphml', fc.oneof(fc.integer({ min: -50, max: 50 }), xmlText)],
  ])('%s', async (name, id) => {
    await fc.assert(
      fc.asyncProperty(lists(id), fc.array(id, { maxLength: 3 }), async (hyperedges, vertices) => {
        const graph = Hypergraph.from(hyperedges, { vertices });
        const again = await roundTrip(graph, name);
        expect(contentsOf(again)).toEqual(contentsOf(graph));
      }),
      RUNS,
    );
  });
});

describe('rows keep ids and members', () => {
  const shapes = [
    ['incidences', 'graph.csv'],
    ['incidences', 'graph.tsv.gz'],
    ['bipartite', 'graph.csv'],
  ] as const;
  test.each(shapes)('%s as %s', async (format, name) => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(fc.nat(99), lineText), async (id) => {
        await fc.assert(
          fc.asyncProperty(lists<string | number>(id, MEMBERS), async (hyperedges) => {
            const graph = Hypergraph.from(hyperedges);
            const again = await roundTrip(graph, name, { format }, { format });
            expect(contentsOf(again)).toEqual(contentsOf(graph));
          }),
          { numRuns: 15 },
        );
      }),
      { numRuns: 2 },
    );
  });

  test.each(['csv', 'tsv'])('lists of members and edges as %s', async (ending) => {
    const separator = ending === 'csv' ? 'comma' : 'tab';
    await fc.assert(
      fc.asyncProperty(lists(lineText, MEMBERS), async (hyperedges) => {
        const graph = Hypergraph.from(hyperedges);
        const read = { format: 'hyperedges', separator, ids: 'text' } as const;
        const again = await roundTrip(graph, `graph.${ending}`, { format: 'hyperedges' }, read);
        expect(contentsOf(again)).toEqual(contentsOf(graph));
        const pairs = Hypergraph.from(hyperedges.map((members) => [members[0]!, members.at(-1)!]));
        const edges = await roundTrip(pairs, `edges.${ending}`, { format: 'edges' }, { format: 'edges' });
        expect(contentsOf(edges)).toEqual(contentsOf(pairs));
      }),
      RUNS,
    );
  });

  test('facts with relations and names', async () => {
    const row = fc.array(lineText, { minLength: 2, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), async (rows) => {
        const graph = await factsOf(rows);
        for (const format of ['facts', 'named-facts'] as const) {
          const again = contentsOf(await roundTrip(graph, 'facts.tsv', { format }, { format }));
          const hyperedges = format === 'facts' ? again.hyperedges : again.hyperedges?.map(Number);
          expect({ ...again, hyperedges }).toEqual(contentsOf(graph));
        }
      }),
      RUNS,
    );
  });

  test('triples as text, RDF, Parquet and Arrow', async () => {
    const term = fc.oneof(
      fc.nat(9).map((n) => `http://example.org/é/${n}`),
      fc.nat(9).map((n) => `_:b${n}`),
      lineText.map((text) => JSON.stringify(text)),
      fc.constant('"1"^^<http://www.w3.org/2001/XMLSchema#integer>'),
      fc.constant('"où"@fr'),
    );
    const subject = term.filter((text) => !text.startsWith('"'));
    const triple = fc.tuple(fc.constantFrom('http://example.org/p', 'urn:q'), subject, term);
    await fc.assert(
      fc.asyncProperty(fc.array(triple, { minLength: 1, maxLength: 8 }), async (rows) => {
        const graph = await factsOf(rows);
        for (const [name, format] of [
          ['t.tsv', 'triples'],
          ['t.nt', 'ntriples'],
          ['t.ttl.gz', 'turtle'],
          ['t.parquet', 'parquet'],
          ['t.arrow', 'arrow'],
        ] as const) {
          const again = await roundTrip(graph, name, { format }, { format });
          expect(contentsOf(again), name).toEqual(contentsOf(graph));
        }
      }),
      RUNS,
    );
  });
});

describe('numbered formats keep the structure', () => {
  const structure = (graph: Hypergraph) => {
    const { edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, properties } = contentsOf(graph);
    return { edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, properties };
  };
  const vertices = Array.from({ length: 8 }, (_, index) => index);

  test.each([
    ['hmetis', 'graph.hgr', 1],
    ['matrix-market', 'graph.mtx.gz', 0],
  ] as const)('%s', async (format, name, minLength) => {
    await fc.assert(
      fc.asyncProperty(lists(fc.nat(7), { minLength, maxLength: 5 }), async (hyperedges) => {
        const graph = Hypergraph.from(hyperedges, { vertices });
        expect(structure(await roundTrip(graph, name, { format }))).toEqual(structure(graph));
      }),
      RUNS,
    );
  });

  test('adjacency matrices and coordinate rows', async () => {
    const pair = fc.tuple(fc.nat(7), fc.nat(7)).map(([a, b]) => [Math.max(a, b), Math.min(a, b)]);
    await fc.assert(
      fc.asyncProperty(fc.array(pair, { minLength: 1, maxLength: 10 }), async (pairs) => {
        const graph = Hypergraph.from(pairs, { vertices });
        const written = { format: 'matrix-market-adjacency' } as const;
        expect(structure(await roundTrip(graph, 'graph.mtx', written))).toEqual(structure(graph));
        const dense = Hypergraph.from([...pairs, vertices]);
        const coo = { format: 'coo' } as const;
        expect(structure(await roundTrip(dense, 'graph.txt', coo, coo))).toEqual(structure(dense));
      }),
      RUNS,
    );
  });
});

test('weights and directions are kept where a format has them', async () => {
  const graph = await Hypergraph.load(
    tempFile(
      'graph.json',
      JSON.stringify({
        'network-type': 'directed',
        nodes: [{ node: 'a', weight: 2.5 }],
        edges: [{ edge: 'e', weight: 0.1 }],
        incidences: [
          { edge: 'e', node: 'a', direction: 'tail', weight: 3 },
          { edge: 'e', node: 'b', direction: 'head', weight: 1e-9 },
        ],
      }),
    ),
    { properties: 'keep' },
  );
  expect(contentsOf(await roundTrip(graph, 'again.json'))).toEqual(contentsOf(graph));
  const { incidences, ...others } = contentsOf(graph).properties;
  const { weight, direction } = incidences;
  for (const [name, format] of [
    ['x.csv', 'incidences'],
    ['x.parquet', 'parquet'],
    ['x.arrow', 'arrow'],
    ['x.mtx', 'matrix-market'],
    ['x.tsv', 'coo'],
  ] as const) {
    const again = contentsOf(await roundTrip(graph, name, { format }, { format }));
    const isTable = format === 'parquet' || format === 'arrow';
    expect(again.properties, name).toEqual(
      isTable ? { ...others, incidences } : { vertices: {}, hyperedges: {}, incidences: { weight } },
    );
    if (isTable) expect(again.kind).toBe('directed');
  }
  const graphml = contentsOf(await roundTrip(graph, 'x.graphml'));
  expect(graphml.properties).toEqual({ ...others, incidences: { direction } });
  expect(graphml.kind).toBe('directed');
  const hmetis = contentsOf(await roundTrip(graph, 'x.hgr'));
  expect(hmetis.properties).toEqual({ ...others, incidences: {} });
});

test('simplex triples keep sizes, members, times and labels; a folder that exists is left alone', async () => {
  await fc.assert(
    fc.asyncProperty(lists(fc.nat(30), MEMBERS), fc.infiniteStream(fc.nat()), async (hyperedges, times) => {
      const time = hyperedges.map(() => times.next().value!);
      const graph = Hypergraph.from(hyperedges, { properties: { hyperedges: { time } } });
      const path = join(tempFiles({}), 'set');
      const { warnings } = await graph.export(path, { format: 'simplices' });
      expect(warnings).toEqual([]);
      const again = await Hypergraph.load(path, { properties: 'keep' });
      expect(contentsOf(again)).toEqual(contentsOf(graph));
      await expect(graph.export(path, { format: 'simplices' })).rejects.toThrow(/it exists/);
    }),
    RUNS,
  );
  const labelled = tempFiles({
    'x-nverts.txt': '1\n',
    'x-simplices.txt': '4\n',
    'x-node-labels.txt': '4 four\n9 nine\n',
  });
  const path = join(tempFiles({}), 'again');
  const graph = await Hypergraph.load(labelled);
  await graph.export(path, { format: 'simplices' });
  expect(contentsOf(await Hypergraph.load(path))).toEqual(contentsOf(graph));
  const texts = Hypergraph.from([['a']]).export(join(path, 'y'), { format: 'simplices' });
  await expect(texts).rejects.toThrow(/the vertex "a" is no integer from 0/);
});

test('what a format cannot hold is said', async () => {
  const graph = Hypergraph.from([['a', 'b', 'c'], []], { vertices: ['z'], hyperedgeIds: ['x', 'y'] });
  const report = await graph.export(join(tempFiles({}), 'graph.tsv'), { format: 'hyperedges' });
  expect(report.warnings).toEqual([
    '1 vertices without hyperedges are left out.',
    '1 hyperedges without members are left out.',
    'The ids of hyperedges are left out.',
  ]);
  expect((await graph.export(join(tempFiles({}), 'graph.json'))).warnings).toEqual([]);
});

test('ids that a format would lose or take for one another are refused, others of both kinds are told', async () => {
  const path = join(tempFiles({}), 'graph');
  const failing = async (graph: Hypergraph, format: ExportOptions['format']) =>
    graph.export(path, { ...(format && { format }) }).then(
      () => '',
      (error) => `${error.code} ${error.message}`,
    );
  for (const format of ['incidences', 'xgi', 'graphml', 'arrow', 'parquet', 'hyperedges', 'edges'] as const) {
    const alike = Hypergraph.from([[7, '7']]);
    expect(await failing(alike, format)).toMatch(/^E_GRAPH_INVALID .* take the ids 7 and "7" for one/);
  }
  expect((await Hypergraph.from([[7, '7']]).export(path, { format: 'hif' })).warnings).toEqual([]);
  const mixed = await Hypergraph.from([[7, 'a']]).export(path, { format: 'xgi' });
  expect(mixed.warnings).toEqual(['Integers and texts that are ids are written alike.']);
  for (const format of ['hyperedges', 'edges'] as const) {
    expect(await failing(Hypergraph.from([['#a', 'b']]), format)).toMatch(/"#a" .* would be a comment/);
    expect(await failing(Hypergraph.from([['%a']]), format)).toMatch(/"%a" .* would be a comment/);
    expect(await failing(Hypergraph.from([['a', '#b']]), format)).toBe('');
  }
  expect(await failing(Hypergraph.from([[' ']]), 'hyperedges')).toMatch(/would be blank/);
});

test('tables are read from gzip, too', async () => {
  const graph = Hypergraph.from([['a', 'b'], ['c']]);
  for (const name of ['x.parquet.gz', 'x.arrow.gz']) {
    expect(contentsOf(await roundTrip(graph, name)), name).toEqual(contentsOf(graph));
  }
});

test('a graph that does not fit, an id that cannot be written and a name that says nothing are refused', async () => {
  const target = join(tempFiles({}), 'graph');
  const failing = async (graph: Hypergraph, options: ExportOptions) =>
    graph.export(target, options).then(
      () => '',
      (error) => `${error.code} ${error.message}`,
    );
  const graph = Hypergraph.from([['a', 'b\n', 'c']]);
  expect(await failing(graph, { format: 'edges' })).toMatch(/^E_GRAPH_INVALID .* 0 has 3 members, not two/);
  expect(await failing(graph, { format: 'turtle' })).toMatch(/have no relation/);
  expect(await failing(graph, { format: 'incidences' })).toMatch(/"b\\n" cannot be written .* end of line/);
  expect(await failing(graph, {})).toMatch(/does not say which format/);
  expect(await failing(Hypergraph.from([['a\0', 'b']]), { format: 'graphml' })).toMatch(/that XML cannot/);
  expect(existsSync(target)).toBe(false);
});

test('an empty graph has a file in every format that it fits', async () => {
  const empty = Hypergraph.from([]);
  for (const format of EXPORT_FORMATS) {
    const path = join(tempFiles({}), 'empty');
    const report = await empty.export(path, { format }).catch((error) => error);
    if (report.code) expect(report.message, format).toMatch(/no relation|no members/);
    else expect(readFileSync(path).length, format).toBe(report.bytes);
  }
});
