import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { tempFile } from '../testing/temp-files.js';
import type { LoadOptions } from './load.js';

const load = (text: string, options: LoadOptions = {}) => Hypergraph.load(tempFile('a.hgr', text), options);

test('hyperedges, weights, and vertices that no hyperedge holds', async () => {
  const graph = await load('% made up\n2 4 11\n5 1 2 \n7 2 4\n1\n2\n3\n4\n', { properties: 'keep' });
  expect([graph.vertexCount, graph.hyperedgeCount, graph.incidenceCount]).toEqual([4, 2, 4]);
  expect(graph.vertices.externalOf(0)).toBe(1);
  expect(graph.degreeOf(2)).toBe(0);
  expect([...graph.properties.hyperedges.weight!.values]).toEqual([5, 7]);
  expect([...graph.properties.vertices.weight!.values]).toEqual([1, 2, 3, 4]);
});

test.each<[string, string, number | undefined, RegExp]>([
  ['no header', '1\n2\n', 1, /first line/],
  ['an unknown format', '1 2 7\n1 2\n', 1, /format must be/],
  ['a vertex out of range', '1 2\n1 3\n', 2, /vertex 3 is not between 1 and 2/],
  ['a hyperedge too many', '1 2\n1 2\n1\n', 3, /announces 1 hyperedges/],
  ['a hyperedge too few', '2 2\n1 2\n', undefined, /announces 2 hyperedges.*has 1/],
  ['weights missing', '1 2 10\n1 2\n3\n', undefined, /announces 2 vertex weights.*has 1/],
  ['more vertices than can be', '1 99999999999\n1 2\n', 1, /at most/],
])('%s', async (_, text, line, reason) => {
  await expect(load(text)).rejects.toMatchObject({
    code: 'E_FILE_FORMAT',
    details: { ...(line && { line }), reason: expect.stringMatching(reason) },
  });
});

const data =
  process.env.ANANT_DATA_DIR ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
const gold = join(data, 'gold', 'reference-counts.json');
test.skipIf(!existsSync(gold))('published circuits (needs ANANT_DATA_DIR)', async () => {
  const counts = JSON.parse(readFileSync(gold, 'utf8'));
  for (const [name, folder] of [
    ['ibm01', 'small'],
    ['ibm10', 'medium'],
  ]) {
    const graph = await Hypergraph.load(join(data, folder!, 'ispd98', `${name}.hgr.gz`));
    const { vertices, hyperedges, incidences } = counts[`ispd98-${name}`];
    expect([graph.vertexCount, graph.hyperedgeCount, graph.incidenceCount]).toEqual([
      vertices,
      hyperedges,
      incidences,
    ]);
  }
});
