import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { tempFile } from '../testing/temp-files.js';
import type { LoadOptions } from './load.js';

const membersOf = (graph: Hypergraph) =>
  Array.from({ length: graph.hyperedgeCount }, (_, hyperedge) =>
    [...graph.membersOf(hyperedge)].map((vertex) => graph.vertices.externalOf(vertex)),
  );
const load = (name: string, contents: string | Uint8Array, options: LoadOptions = {}) =>
  Hypergraph.load(tempFile(name, contents), options);
const refusal = (line: number, reason: RegExp) =>
  expect.objectContaining({
    code: 'E_FILE_FORMAT',
    details: expect.objectContaining({ line, reason: expect.stringMatching(reason) }),
  });

describe('hyperedge lists', () => {
  test.each([
    ['commas', '3,1\n2\n1,2,3\n'],
    ['spaces', '3 1\n2\n1  2 3 \n'],
    ['tabs', '3\t1\n2\n1\t2\t3\n'],
    ['semicolons', '3; 1\n2\n1;2;3\n'],
    ['CRLF and no end of line', '3,1\r\n2\r\n1,2,3'],
    ['comments, blank lines and a byte-order mark', '\uFEFF# set\n3,1\n\n2\n% more\n1,2,3\n'],
  ])('%s', async (_, text) => {
    const graph = await load('a.txt', text, { format: 'hyperedges' });
    expect(membersOf(graph)).toEqual([[3, 1], [2], [1, 2, 3]]);
    expect([...graph.nodeToEdges.members]).toEqual([0, 2, 1, 2, 0, 2]);
  });

  test('text ids keep their order of appearance, in any script', async () => {
    const graph = await load('a.txt', 'zoë,ann\nann,日本\n', { format: 'hyperedges' });
    expect(membersOf(graph)).toEqual([
      ['zoë', 'ann'],
      ['ann', '日本'],
    ]);
    expect(graph.vertices.indexOf('日本')).toBe(2);
    expect(graph.vertices.indexOf('nobody')).toBe(-1);
  });

  test('a repeated member counts once, and a warning says so; or it is kept', async () => {
    const merged = await load('a.txt', '1 2 1\n2 2\n', { format: 'hyperedges' });
    expect(membersOf(merged)).toEqual([[1, 2], [2]]);
    expect(merged.source.warnings[0]).toMatch(/^2 repeated members/);
    const kept = await load('a.txt', '1 2 1\n2 2\n', { format: 'hyperedges', repeatedMembers: 'keep' });
    expect(membersOf(kept)).toEqual([
      [1, 2, 1],
      [2, 2],
    ]);
  });

  test('vertices that no hyperedge holds exist when the range says so', async () => {
    const graph = await load('a.txt', '2 5\n', { format: 'hyperedges', vertexRange: { first: 0, last: 6 } });
    expect(graph.vertexCount).toBe(7);
    expect(graph.degreeOf(0)).toBe(0);
    await expect(
      load('a.txt', 'a b\n', { format: 'hyperedges', vertexRange: { first: 0, last: 6 } }),
    ).rejects.toMatchObject({ code: 'E_GRAPH_INVALID' });
  });
});

describe('edges and incidences', () => {
  test('an edge list with weights', async () => {
    const graph = await load('a.txt', 'source target weight\n1 2 0.5\n2 3 -1e3\n', { properties: 'keep' });
    expect(graph.source.format).toBe('edges');
    expect(membersOf(graph)).toEqual([
      [1, 2],
      [2, 3],
    ]);
    expect([...graph.properties.hyperedges.weight!.values]).toEqual([0.5, -1000]);
  });

  test('incidence rows in any order, with ids of hyperedges and weights in their places', async () => {
    const csv = 'edge,node,weight\ne2,b,1\ne1,a,2\ne2,a,3\n"e ""3""",b,4\n';
    const graph = await load('a.csv', csv, { properties: 'keep' });
    expect(graph.source.format).toBe('incidences');
    expect(membersOf(graph)).toEqual([['b', 'a'], ['a'], ['b']]);
    expect([0, 1, 2].map((hyperedge) => graph.hyperedges.externalOf(hyperedge))).toEqual([
      'e2',
      'e1',
      'e "3"',
    ]);
    expect([...graph.properties.incidences.weight!.values]).toEqual([1, 3, 2, 4]);
  });

  test('a header may swap the columns; of a repeated incidence the last weight counts', async () => {
    const csv = 'node,edge,weight\n7,1,1\n8,1,2\n7,1,3\n';
    const graph = await load('a.csv', csv, { properties: 'keep' });
    expect(membersOf(graph)).toEqual([[7, 8]]);
    expect([...graph.properties.incidences.weight!.values]).toEqual([3, 2]);
  });

  test('integer ids are put in rising order, whatever the order of the file', async () => {
    const graph = await load('a.txt', '9000000000 7\n7 16777300\n3 7\n');
    expect([0, 1, 2, 3].map((vertex) => graph.vertices.externalOf(vertex))).toEqual([
      3, 7, 16777300, 9000000000,
    ]);
    expect(graph.vertices.indexOf(9000000000)).toBe(3);
    expect(graph.vertices.indexOf(8)).toBe(-1);
  });
});

describe('facts', () => {
  test('n-ary facts keep the order of roles and, when asked, their relation', async () => {
    const graph = await load('a.tsv', 'play\tann\tbob\tann\nsing\tcy\n', {
      format: 'facts',
      properties: 'keep',
    });
    expect(membersOf(graph)).toEqual([['ann', 'bob', 'ann'], ['cy']]);
    const { values, dictionary } = graph.properties.hyperedges.relation!;
    expect([...values].map((value) => dictionary!.externalOf(value))).toEqual(['play', 'sing']);
  });

  test('triples, and facts with names', async () => {
    const triples = await load('a.txt', 'ann\tknows\tbob\nbob\tknows\tcy\n');
    expect(triples.source.format).toBe('triples');
    expect(membersOf(triples)).toEqual([
      ['ann', 'bob'],
      ['bob', 'cy'],
    ]);
    const named = await load('a.txt', 'f1\tplay\tann\tbob\nf2\tsing\tcy\n', { format: 'named-facts' });
    expect(named.hyperedges.indexOf('f2')).toBe(1);
    await expect(load('a.txt', 'f1\tplay\tann\nf1\tsing\tcy\n', { format: 'named-facts' })).rejects.toEqual(
      refusal(2, /used on an earlier line/),
    );
  });

  test('bad lines are refused by line, or skipped and counted', async () => {
    const text = 'play\tann\tbob\nmodel\nsing\t\tcy\nsing\tcy\n';
    await expect(load('a.txt', text, { format: 'facts' })).rejects.toEqual(refusal(2, /at least one entity/));
    const graph = await load('a.txt', text, { format: 'facts', badLines: 'skip' });
    expect(graph.hyperedgeCount).toBe(2);
    expect(graph.vertexCount).toBe(3);
    expect(graph.source.warnings[0]).toMatch(/^2 lines were skipped.*a\.txt:2:/);
  });
});

describe('malformed files are refused with line and reason', () => {
  const hyperedges: LoadOptions = { format: 'hyperedges' };
  test.each<[string, string | Uint8Array, LoadOptions, number, RegExp]>([
    ['a negative id', '1 2\n3 -4\n', hyperedges, 2, /"-4" is negative/],
    ['a negative id in the first line', '-1 2\n', hyperedges, 1, /"-1" is negative/],
    ['a fraction', '1 2\n3 1.5\n', hyperedges, 2, /"1.5" is not an integer/],
    ['text among integers', '1 2\n3 x\n', hyperedges, 2, /"x" is not an integer/],
    ['leading zeros', '1 2\n3 007\n', hyperedges, 2, /leading zeros/],
    ['an id beyond 2^53', '1 2\n3 9007199254740993\n', hyperedges, 2, /larger than 2\^53/],
    ['spaces, then a comma', '1 2\n3,4\n', hyperedges, 2, /mixed separators.*space.*comma/],
    ['commas, then a tab', '1,2\n3\t4\n', hyperedges, 2, /mixed separators.*comma.*tab/],
    ['commas, then a space', '1,2\n3 4\n', hyperedges, 2, /mixed separators/],
    ['an empty field', '1,2\n3,,4\n', hyperedges, 2, /field is empty/],
    ['three fields in an edge list', '1 2\n3 4 5\n', { format: 'edges' }, 2, /expected 2 fields.*found 3/],
    ['one field in an edge list', '1 2\n3\n', { format: 'edges' }, 2, /found 1/],
    ['a weight that is no number', '1 2 3\n3 4 x\n', { format: 'edges' }, 2, /weight "x"/],
    ['a row that is too short', 'edge,node\na,b\nc\n', { format: 'incidences' }, 3, /expected 2 fields/],
    ['an open quote', 'edge,node\na,"b\n', { format: 'incidences' }, 2, /not closed/],
    ['text after a quote', 'edge,node\na,"b"c\n', { format: 'incidences' }, 2, /follows a closing quote/],
    ['a doubtful header', 'who,what\n1,2\n', { format: 'incidences' }, 1, /may be a header/],
    ['bad UTF-8', Buffer.from([97, 32, 98, 10, 99, 32, 0xff, 0xfe, 10]), hyperedges, 2, /not valid UTF-8/],
    ['a zero byte', 'a b\nc \0\n', hyperedges, 2, /zero byte/],
  ])('%s', async (_, contents, options, line, reason) => {
    await expect(load('a.txt', contents, options)).rejects.toEqual(refusal(line, reason));
  });

  test('an empty file, a blank one, one that is empty inside', async () => {
    const coded = (reason: RegExp) =>
      expect.objectContaining({ code: 'E_FILE_FORMAT', message: expect.stringMatching(reason) });
    await expect(load('a.txt', '')).rejects.toEqual(coded(/a\.txt: the file is empty$/));
    await expect(load('a.txt', '\n\n', hyperedges)).rejects.toEqual(coded(/no rows/));
    await expect(load('a.txt.gz', gzipSync(''), hyperedges)).rejects.toEqual(
      coded(/empty once decompressed/),
    );
    await expect(load('a.txt', Buffer.from([0xff, 0xfe, 49, 0]), hyperedges)).rejects.toEqual(
      coded(/UTF-16/),
    );
    await expect(load('a.zip', Buffer.from('PK\x03\x04...'))).rejects.toEqual(coded(/compressed with zip/));
  });

  test('a line of 10 MB, at the bound that the message states', async () => {
    const long = Buffer.alloc(10_000_000, '1');
    await expect(load('a.txt', Buffer.concat([Buffer.from('1 2\n'), long]), hyperedges)).rejects.toEqual(
      refusal(2, /longer than 4194304 bytes \(lineBytesMax\)/),
    );
    await expect(load('a.txt', '1 2\n3 4 5 6\n', { ...hyperedges, lineBytesMax: 4 })).rejects.toEqual(
      refusal(2, /longer than 4 bytes/),
    );
  });

  test('a missing file, a folder, a file that is a folder', async () => {
    await expect(Hypergraph.load('/nowhere/a.txt')).rejects.toMatchObject({ code: 'E_FILE_NOT_FOUND' });
    const file = tempFile('a.txt', '1 2\n');
    await expect(Hypergraph.load(`${file}/b`)).rejects.toMatchObject({ code: 'E_FILE_NOT_FOUND' });
    await expect(Hypergraph.load(file.replace(/a\.txt$/, ''))).rejects.toMatchObject({
      code: 'E_FILE_NOT_FOUND',
    });
  });
});

describe('gzip, told by its bytes', () => {
  const text = Array.from({ length: 50_000 }, (_, i) => `${i} ${(i * 7919) % 50_000}`).join('\n');
  const packed = gzipSync(text);

  test('a gzip file of any name, in one part or in several', async () => {
    const graph = await load('a.txt', packed);
    expect(graph.hyperedgeCount).toBe(50_000);
    const parts = Buffer.concat([gzipSync('1 2\n'), gzipSync('3 4\n')]);
    expect((await load('a.txt', parts)).hyperedgeCount).toBe(2);
    expect((await load('a.gz', '1 2\n')).hyperedgeCount).toBe(1);
  });

  test('truncated and corrupt data are told apart, with the line', async () => {
    const message = (reason: RegExp) =>
      expect.objectContaining({ code: 'E_FILE_FORMAT', message: expect.stringMatching(reason) });
    const cut = packed.subarray(0, packed.length >> 1);
    await expect(load('a.txt.gz', cut, { format: 'edges' })).rejects.toEqual(
      message(/a\.txt\.gz:\d+: .*truncated/),
    );
    await expect(load('a.txt.gz', packed.subarray(0, 12))).rejects.toEqual(message(/truncated/));
    const bent = Uint8Array.from(packed);
    bent[bent.length >> 1]! ^= 0xff;
    bent[bent.length - 6]! ^= 0xff;
    await expect(load('a.txt.gz', bent, { format: 'edges' })).rejects.toEqual(message(/:\d+: .*corrupt/));
  });
});

test('progress ends at the size of the file, and a signal ends reading', async () => {
  const text = Array.from({ length: 100_000 }, (_, i) => `${i} ${i + 1}`).join('\n');
  const file = tempFile('a.txt', text);
  const seen: number[] = [];
  await Hypergraph.load(file, { onProgress: ({ bytesRead }) => seen.push(bytesRead) });
  expect(seen.at(-1)).toBe(text.length);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  const stop = new AbortController();
  const loading = Hypergraph.load(file, { signal: stop.signal, onProgress: () => stop.abort() });
  await expect(loading).rejects.toMatchObject({ code: 'E_CANCELLED' });
});

test('lines that cross pieces of the file come out whole', async () => {
  const rows = Array.from({ length: 60_000 }, (_, i) => [i, (i * 31) % 1_000, `v${i % 77}`]);
  const text = rows.map(([a, b]) => `${a} ${b}`).join('\n');
  const graph = await load('a.txt', text);
  expect(membersOf(graph).every(([a, b], i) => a === i && (b ?? a) === rows[i]![1])).toBe(true);
});
