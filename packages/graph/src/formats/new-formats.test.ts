import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../graph.js';
import { contentsOf } from '../testing/same-graph.js';
import { tempFile } from '../testing/temp-files.js';
import { detectFormat } from './detect-format.js';
import type { FormatName } from './format-names.js';
import type { LoadOptions } from './load.js';

const load = (name: string, text: string | Uint8Array, options: LoadOptions = {}) =>
  Hypergraph.load(tempFile(name, text), { properties: 'keep', ...options });

const members = (graph: Hypergraph) =>
  Array.from({ length: graph.hyperedgeCount }, (_, hyperedge) =>
    Array.from(graph.membersOf(hyperedge), (vertex) => graph.vertices.externalOf(vertex)),
  );

const failure = async (name: string, text: string | Uint8Array, options: LoadOptions = {}) => {
  const error = await load(name, text, options).catch((reason) => reason);
  expect(error).toMatchObject({ code: 'E_FILE_FORMAT' });
  return error.message.replace(/^.*anant-graph-[^/]*[/]/, '') as string;
};

const MTX = '%%MatrixMarket matrix coordinate';

test.each<[string, string, FormatName]>([
  ['a.mtx', `${MTX} pattern general\n1 1 0\n`, 'matrix-market'],
  ['a.mtx', `${MTX} real symmetric\n1 1 0\n`, 'matrix-market-adjacency'],
  ['a.xml', '<?xml version="1.0"?><graphml/>', 'graphml'],
  ['a.txt', '# c\n<http://a> <http://p> "x y"@en .\n', 'ntriples'],
  ['a.nt.gz', '_:a <http://p> _:b .\n', 'ntriples'],
  ['a.txt', '@prefix e: <http://e/> .\n', 'turtle'],
  ['a.json', '{"node-data":{},"edge-dict":{}}', 'xgi'],
])('%s is told apart', async (name, text, format) => {
  const file = tempFile(name, name.endsWith('.gz') ? gzipSync(text) : text);
  expect((await detectFormat(file)).format).toBe(format);
});

describe('Matrix Market', () => {
  test('an incidence matrix has all rows and columns', async () => {
    const graph = await load('a.mtx', `${MTX} integer general\n% c\n3 2 3\n1 2 5\n3 2 7\n1 1 -1\n`);
    expect(members(graph)).toEqual([[1], [1, 3]]);
    expect(graph.vertexCount).toBe(3);
    expect(contentsOf(graph).properties.incidences).toEqual({ weight: [-1, 5, 7] });
  });

  test('a general adjacency matrix is directed, a symmetric one is not', async () => {
    const options = { format: 'matrix-market-adjacency' } as const;
    const general = await load('a.mtx', `${MTX} pattern general\n3 3 2\n1 2\n3 3\n`, options);
    expect([general.kind, members(general)]).toEqual(['directed', [[1, 2], [3]]]);
    const symmetric = await load('a.mtx', `${MTX} real symmetric\n3 3 1\n2 1 0.5\n`);
    expect([symmetric.kind, members(symmetric)]).toEqual(['undirected', [[2, 1]]]);
    expect(contentsOf(symmetric).properties.hyperedges).toEqual({ weight: [0.5] });
  });

  test.each([
    [`%%MatrixMarket matrix array real general\n1 1\n`, 'a.mtx:1: only "matrix coordinate" is read'],
    [`${MTX} complex general\n1 1 0\n`, 'a.mtx:1: the field must be pattern, real or integer'],
    [`${MTX} real skew-symmetric\n1 1 0\n`, 'the symmetry must be general or symmetric'],
    [`${MTX} pattern general\n1 1\n`, 'a.mtx:2: the size line must be: rows columns entries'],
    [`${MTX} pattern general\n2 2 1\n3 1\n`, 'a.mtx:3: the row 3 is not between 1 and 2'],
    [`${MTX} pattern general\n2 2 2\n1 1\n`, 'announces 2 entries, but the file has 1'],
    [`${MTX} pattern general\n2 2 1\n1 1\n1 2\n`, 'a.mtx:4: the size line announces 1 entries'],
    [`${MTX} real general\n2 2 1\n1 1 x\n`, 'a.mtx:3: the value "x" is not a finite number'],
    [`${MTX} real general\n2 2 1\n1 1\n`, 'a.mtx:3: expected 3 fields (row, column, value), found 2'],
  ])('%j is refused', async (text, message) => {
    expect(await failure('a.mtx', text)).toContain(message);
  });
});

describe('rows', () => {
  test('a bipartite list has the vertex first, unless its header says otherwise', async () => {
    const format = 'bipartite';
    expect(members(await load('a.txt', 'a e\nb e\na f\n', { format }))).toEqual([['a', 'b'], ['a']]);
    expect(members(await load('a.csv', 'edge,node\ne,a\ne,b\n', { format }))).toEqual([['a', 'b']]);
  });

  test('coordinate rows have every index up to the largest', async () => {
    const graph = await load('a.txt', '4 0 2.5\n0 2 1\n', { format: 'coo' });
    expect(members(graph)).toEqual([[4], [], [0]]);
    expect(graph.vertexCount).toBe(5);
    expect(await failure('a.txt', '4 0\n-1 2\n', { format: 'coo' })).toContain('a.txt:2: ');
  });
});

describe('GraphML', () => {
  const GRAPHML = `<?xml version="1.0"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="w" for="edge" attr.name="weight" attr.type="double"/>
<key id="c" for="node" attr.name="colour" attr.type="string"/>
<key id="l" for="node" attr.name="label" attr.type="string"/>
<graph edgedefault="directed">
<node id="1"><data key="l">One &amp; only</data><data key="c">red</data></node><node id="n"/>
<edge source="1" target="n"><data key="w">2</data></edge>
<hyperedge id="h"><endpoint node="n" type="in"/><endpoint node="1"/><endpoint node="m"/></hyperedge>
</graph></graphml>`;

  test('nodes, edges, hyperedges, weights, labels and other data are read', async () => {
    const graph = await load('a.graphml', GRAPHML);
    expect(members(graph)).toEqual([
      [1, 'n'],
      ['n', 1, 'm'],
    ]);
    expect(graph.kind).toBe('directed');
    expect(graph.labelOf(graph.vertices.indexOf(1))).toBe('One & only');
    expect(graph.source.warnings).toEqual([]);
    expect(contentsOf(graph).properties.vertices).toEqual({ colour: ['red', '', ''] });
    expect(contentsOf(graph).properties.hyperedges).toEqual({ weight: [2, 1] });
  });

  test.each([
    ['<graphml><graph><node/></graph></graphml>', 'a.graphml:1: the element "node" has no attribute "id"'],
    ['<graphml>\n<graph>\n<edge source="a"/></graph></graphml>', 'a.graphml:3: '],
    ['<graphml><graph><node id="a"></graph></graphml>', 'a.graphml:1: not well-formed XML: unexpected close'],
    ['<graphml><graph>', 'not well-formed XML: unclosed tag'],
    ['<graphml></graphml>', 'there is no element "graph"'],
    ['<graphml><graph></graph><graph/></graphml>', 'several or nested graphs'],
    [GRAPHML.replace('>2<', '>two<'), 'the weight "two" is not a finite number'],
  ])('%j is refused', async (text, message) => {
    expect(await failure('a.graphml', text)).toContain(message);
  });
});

describe('RDF', () => {
  test('Turtle has IRIs, literals and blank nodes as ids', async () => {
    const text = `@prefix e: <http://e/> .
e:a e:p e:b, "x\\ty", 5 ; a e:C .
_:n e:q <rel> .`;
    const graph = await load('a.ttl', text);
    expect(members(graph)).toEqual([
      ['http://e/a', 'http://e/b'],
      ['http://e/a', '"x\ty"'],
      ['http://e/a', '"5"^^<http://www.w3.org/2001/XMLSchema#integer>'],
      ['http://e/a', 'http://e/C'],
      ['_:n', 'urn:anant:rel'],
    ]);
    expect(contentsOf(graph).properties.hyperedges.relation).toEqual([
      'http://e/p',
      'http://e/p',
      'http://e/p',
      'http://www.w3.org/1999/02/22-rdf-syntax-ns#type',
      'http://e/q',
    ]);
  });

  test.each([
    ['a.nt', '<http://a> <http://p> <http://b> .\n<http://a> <http://p> .\n', /^a.nt:2: not valid RDF: /],
    ['a.nt', '<http://a> <http://p> <http://b> .\n<http://a', /^a.nt:2: not valid RDF: /],
    ['a.nt', '# nothing\n', /^a.nt: the file has no triples/],
    ['a.ttl', 'e:a e:b e:c .', /^a.ttl:1: not valid RDF: Undefined prefix/],
  ])('%s with %j is refused', async (name, text, message) => {
    expect(await failure(name, text)).toMatch(message);
  });
});

describe('XGI JSON', () => {
  test('is read in any order, with names as labels', async () => {
    const text = JSON.stringify({
      'hypergraph-data': { name: 'x' },
      'edge-dict': { 0: ['1', 'b'], e: [] },
      'node-data': { 1: { name: 'One' }, 9: { age: 3 } },
      'edge-data': { 0: { w: 1 } },
    });
    const graph = await load('a.json', text);
    expect(members(graph)).toEqual([[1, 'b'], []]);
    expect(graph.labelOf(0)).toBe('One');
    expect(graph.vertexCount).toBe(3);
    expect(graph.source.warnings).toEqual([]);
    expect(contentsOf(graph).properties.vertices).toEqual({ age: [Number.NaN, 3, Number.NaN] });
    expect(contentsOf(graph).properties.hyperedges).toEqual({ w: [1, Number.NaN] });
  });

  test('a directed hyperedge has a tail and a head', async () => {
    const graph = await load('a.json', '{"edge-dict":{"0":[["a"],["b","c"]]},"node-data":{}}');
    expect([graph.kind, members(graph)]).toEqual(['directed', [['a', 'b', 'c']]]);
    expect(contentsOf(graph).properties.incidences).toEqual({ direction: [2, 1, 1] });
  });

  test.each([
    ['{"node-data":{}}', 'the field "edge-dict" is missing'],
    ['{"edge-dict":{"0":["a"],\n"0":["b"]}}', 'a.json:2: not valid XGI JSON: the edge "0" comes twice'],
    ['{"edge-dict":{"0":[1.5]}}', 'an id must be a string or an integer, not 1.5'],
    ['{"edge-dict":{"0":["a"]}', 'ends too early'],
    ['{"edge-dict":{}} x', 'something follows'],
  ])('%j is refused', async (text, message) => {
    expect(await failure('a.json', text, { format: 'xgi' })).toContain(message);
  });
});

describe('tables', () => {
  test('columns are found by their names, and a bad value by its row', async () => {
    const { parquetWriteBuffer } = await import('hyparquet-writer');
    const { tableFromArrays, tableToIPC } = await import('apache-arrow');
    const columns = { Node_ID: ['a', 'b', 'a'], extra: [1, 2, 3], edge: [7, 7, 8] };
    const arrow = tableToIPC(tableFromArrays(columns), 'stream');
    const columnData = Object.entries(columns).map(([name, data]) => ({ name, data }));
    const parquet = new Uint8Array(parquetWriteBuffer({ columnData }));
    for (const [bytes, format] of [
      [arrow, 'arrow'],
      [parquet, 'parquet'],
    ] as const) {
      expect(members(await load('t', bytes, { format }))).toEqual([['a', 'b'], ['a']]);
      expect(await failure('t', bytes.slice(0, 50), { format })).toMatch(/^t: not valid (Arrow|Parquet)/);
    }
    const bad = parquetWriteBuffer({
      columnData: [
        { name: 'u', data: ['a', null] },
        { name: 'v', data: ['b', 'c'] },
      ],
    });
    expect(await failure('t', new Uint8Array(bad))).toContain('row 2, column "u": it must be a text');
    const strange = tableToIPC(tableFromArrays({ x: [1], y: [2] }), 'file');
    expect(await failure('t.arrow', strange)).toContain('the columns are x, y: neither hyperedge and vertex');
  });
});
