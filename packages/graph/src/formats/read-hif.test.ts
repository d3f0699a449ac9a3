import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { tempFile } from '../testing/temp-files.js';
import type { LoadOptions } from './load.js';

const data =
  process.env.ANANT_DATA_DIR ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
const hif = join(data, 'hif');
const isHere = existsSync(hif);
const fixtures = (folder: string) => (isHere ? readdirSync(join(hif, folder)) : []);

describe.skipIf(!isHere)('the fixtures of the HIF standard (needs ANANT_DATA_DIR)', () => {
  test.each(fixtures('HIF-compliant'))('%s is read', async (file) => {
    const graph = await Hypergraph.load(join(hif, 'HIF-compliant', file), { properties: 'keep' });
    expect(graph.source.format).toBe('hif');
  });

  test.each(fixtures('HIF-non-compliant'))('%s is refused', async (file) => {
    const loading = Hypergraph.load(join(hif, 'HIF-non-compliant', file));
    await expect(loading).rejects.toMatchObject({
      code: 'E_FILE_FORMAT',
      details: { line: expect.any(Number), reason: expect.stringMatching(/^not valid HIF: /) },
    });
  });

  test('all of them are there', () => {
    expect(fixtures('HIF-compliant').length).toBe(15);
    expect(fixtures('HIF-non-compliant').length).toBe(16);
  });

  test.each([
    ['lesmis.hif.json', 'undirected', 80, 402, 862],
    ['e-coli.json', 'directed', 72, 141, 513],
    // 438 of its 938 hyperedges have records of their own.
    ['diseasome.json', 'asc', 516, 938, 1956],
  ])('%s', async (file, kind, vertices, hyperedges, incidences) => {
    const graph = await Hypergraph.load(join(hif, file));
    expect([graph.kind, graph.vertexCount, graph.hyperedgeCount, graph.incidenceCount]).toEqual([
      kind,
      vertices,
      hyperedges,
      incidences,
    ]);
  });
});

const load = (text: string, options: LoadOptions = {}) => Hypergraph.load(tempFile('a.json', text), options);
const ids = (graph: Hypergraph) =>
  Array.from({ length: graph.vertexCount }, (_, vertex) => graph.vertices.externalOf(vertex));

test('integer and text ids are different ids; nodes and edges without incidences are kept', async () => {
  const graph = await load(
    '{"edges":[{"edge":"lone"}],"incidences":[{"node":"1","edge":7},{"edge":7,"node":1}],"nodes":[{"node":-3}]}',
  );
  expect(ids(graph)).toEqual([-3, 1, '1']);
  expect(graph.hyperedgeCount).toBe(2);
  expect(graph.sizeOf(graph.hyperedges.indexOf('lone'))).toBe(0);
  expect([...graph.membersOf(graph.hyperedges.indexOf(7))]).toEqual([2, 1]);
});

test('a repeated incidence counts once', async () => {
  const graph = await load('{"incidences":[{"edge":1,"node":2},{"edge":1,"node":2}]}');
  expect(graph.incidenceCount).toBe(1);
  expect(graph.source.warnings[0]).toMatch(/^1 repeated/);
});

test('weights and directions are kept when asked; what states no weight counts as 1', async () => {
  const text = `{"network-type":"directed","nodes":[{"node":"b","weight":2}],"incidences":[
    {"edge":1,"node":"a","direction":"tail","weight":0.5},
    {"edge":1,"node":"b","direction":"head"},
    {"edge":1,"node":"a","direction":"head","attrs":{"role":["x",{"y":null}]}}]}`;
  const graph = await load(text, { properties: 'keep' });
  expect(graph.incidenceCount).toBe(3);
  expect([...graph.properties.incidences.direction!.values]).toEqual([2, 1, 1]);
  expect([...graph.properties.incidences.weight!.values]).toEqual([0.5, 1, 1]);
  expect([...graph.properties.vertices.weight!.values]).toEqual([2, 1]);
  expect(graph.source.warnings).toEqual([
    '1 attrs were left out: lists, objects, nothing, or named like a field of HIF.',
  ]);
});

test('escapes, white space and integers written as fractions', async () => {
  const graph = await load(
    '\n { "incidences" :\n[ {"edge": 1.0e1 , "node": "a\\u00e9\\n\\ud83d\\ude00\\""} ] }\n ',
  );
  expect(ids(graph)).toEqual(['aé\n😀"']);
  expect(graph.hyperedges.externalOf(0)).toBe(10);
});

test('a document much longer than one piece of reading', async () => {
  const rows = Array.from({ length: 30_000 }, (_, i) => `{"edge": "e${i % 5_000}", "node": ${i % 7_001}}`);
  const graph = await load(`{"metadata": {"note": "x"}, "incidences": [\n${rows.join(',\n')}\n]}`);
  expect(graph.incidenceCount).toBe(30_000);
  expect(graph.vertexCount).toBe(7_001);
  expect([...graph.membersOf(1)].map((vertex) => graph.vertices.externalOf(vertex))).toEqual([
    1,
    5_001,
    10_001 - 7_001,
    15_001 - 14_002,
    20_001 - 14_002,
    25_001 - 21_003,
  ]);
});

test.each<[string, string, number, RegExp]>([
  ['truncated', '{"incidences": [\n{"edge": 1, "node": 2},\n{"edge": 1', 3, /ends too early/],
  ['cut before its end', '{"incidences": [\n{"edge": 1, "node": 2}]', 2, /ends too early/],
  ['followed by something', '{"incidences": []}\n{}', 2, /follows the end/],
  ['no object', '[]', 1, /must be a JSON object|expected/],
  ['with a comma too many', '{"incidences": [\n{"edge": 1, "node": 2},\n]}', 3, /must be an object/],
  ['with a trailing comma', '{"incidences": [],\n}', 2, /expected a string/],
  ['with a comma missing', '{"incidences": []\n"nodes": []}', 2, /expected "}"/],
  ['with a field twice', '{"incidences": [],\n"incidences": []}', 2, /comes twice/],
  ['with a key twice', '{"incidences": [{"edge": 1,\n"edge": 2, "node": 3}]}', 2, /comes twice/],
  ['with a boolean id', '{"incidences": [{"edge": true, "node": 3}]}', 1, /string or an integer/],
  ['with a null id', '{"incidences": [{"edge": null, "node": 3}]}', 1, /string or an integer/],
  ['with an id beyond 2^53', '{"incidences": [{"edge": 9007199254740993, "node": 3}]}', 1, /beyond 2\^53/],
  ['with an infinite weight', '{"incidences": [{"edge": 1, "node": 3, "weight": 1e999}]}', 1, /finite/],
  ['with a bad number', '{"incidences": [{"edge": 01, "node": 3}]}', 1, /expected/],
  ['with a bad escape', '{"incidences": [{"edge": "\\x", "node": 3}]}', 1, /escape/],
  ['with half a surrogate pair', '{"incidences": [{"edge": "\\ud800", "node": 3}]}', 1, /surrogate/],
  ['with attrs that are no object', '{"incidences": [{"edge": 1, "node": 3, "attrs": []}]}', 1, /"attrs"/],
  ['nested too deeply', `{"incidences": [], "metadata": {"a": ${'['.repeat(200)}}`, 1, /nested deeper/],
  ['with a control character', '{"incidences": [{"edge": "a\tb", "node": 3}]}', 1, /control character/],
])('a document %s is refused', async (_, text, line, reason) => {
  await expect(load(text, { format: 'hif' })).rejects.toMatchObject({
    code: 'E_FILE_FORMAT',
    details: { line, reason: expect.stringMatching(reason) },
  });
});

test('a record longer than the bound is refused', async () => {
  const text = `{"incidences": [{"edge": "${'x'.repeat(2_000_000)}", "node": 1}]}`;
  await expect(load(text, { lineBytesMax: 500_000 })).rejects.toMatchObject({
    code: 'E_FILE_FORMAT',
    details: { reason: expect.stringMatching(/longer than 500000 bytes \(lineBytesMax\)/) },
  });
});
