import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { algorithms } from '../algorithms/registry.js';
import { Hypergraph } from '../graph.js';
import { kernelClient } from '../testing/kernel-client.js';
import { HypergraphInParts } from './hypergraph-in-parts.js';
import { PartitionedGraph } from './partitioned-graph.js';
import { isPartsFolder } from './parts-folder.js';

const root = mkdtempSync(join(tmpdir(), 'anant-folder-'));
const client = kernelClient();
const named = (at: number) => `v${at % 40}`;
const whole = Hypergraph.from(
  Array.from({ length: 300 }, (_, at) => [named(at), named(at * 3 + 1), named(at * 7 + 2)]),
  { vertices: ['alone'] },
);
let folder: string;
let count = 0;

beforeEach(async () => {
  folder = join(root, `parts-${count++}`);
  await PartitionedGraph.write(whole, folder, { partitions: 3, partitioner: 'stream' });
});
afterAll(() => {
  whole[Symbol.dispose]();
  rmSync(root, { recursive: true, force: true });
});

test('a reopened graph has the names, counts and results of the whole one', async () => {
  expect(isPartsFolder(folder)).toBe(true);
  using graph = await HypergraphInParts.openFolder(folder);
  expect([graph.vertexCount, graph.hyperedgeCount, graph.incidenceCount]).toEqual([
    whole.vertexCount,
    whole.hyperedgeCount,
    whole.incidenceCount,
  ]);
  const names = [0, 7, 40].map((vertex) => graph.labelOf(vertex));
  expect(names).toEqual([0, 7, 40].map((vertex) => whole.labelOf(vertex)));
  expect([graph.degreeOf(7), graph.sizeOf(11)]).toEqual([whole.degreeOf(7), whole.sizeOf(11)]);
  const reopened = await PartitionedGraph.open(folder);
  const ranks = await whole.on(client).pagerank({ tolerance: 1e-6 });
  expect((await reopened.run('pagerank', { tolerance: 1e-6 })).values.ranks).toEqual(ranks.values.ranks);
  expect((await reopened.run('components')).values.labels).toEqual(
    (await whole.on(client).components()).values.labels,
  );
});

test('the default of "alpha" is that of the whole graph', async () => {
  using graph = await HypergraphInParts.openFolder(folder);
  expect(graph.mostOtherMembers()).toBe(whole.mostOtherMembers());
  const { values, summary } = await whole.on(client).katz();
  expect(summary).toContainEqual({
    name: 'alpha',
    value: Number((0.5 / whole.mostOtherMembers()).toPrecision(6)),
  });
  const reopened = await PartitionedGraph.open(folder);
  expect((await reopened.run('katz')).values.scores).toEqual(values.scores);
});

test('what needs the whole graph says so', async () => {
  using graph = await HypergraphInParts.openFolder(folder);
  await expect(algorithms.louvain.run(client, graph)).rejects.toThrow(/"louvain" does not run on partitions/);
  await expect(algorithms.pagerank.run(client, graph, {}, { partitions: 2 })).rejects.toThrow(
    /in 3 parts, not in 2/,
  );
  expect(() => graph.membersOf()).toThrow(/The graph is in parts/);
});

const part = (at: number) => join(folder, `part-${at}.parts`);
const rewrite = (change: (manifest: Record<string, unknown>) => void) => {
  const path = join(folder, 'parts.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  change(manifest);
  writeFileSync(path, JSON.stringify(manifest));
};

test.each([
  ['a part that is missing', () => rmSync(part(1)), 'E_FILE_NOT_FOUND', /part-1\.parts/],
  [
    'a part that is truncated',
    () => truncateSync(part(1), 900),
    'E_FILE_FORMAT',
    /truncated: 900 of \d+ bytes/,
  ],
  [
    "parts in each other's place",
    () => copyFileSync(part(0), part(1)),
    'E_FILE_FORMAT',
    /truncated|another division/,
  ],
  [
    'a part that is damaged',
    () => {
      const bytes = readFileSync(part(2));
      bytes[bytes.length - 9]! ^= 1;
      writeFileSync(part(2), bytes);
    },
    'E_FILE_FORMAT',
    /damaged/,
  ],
  [
    'another version',
    () =>
      rewrite((manifest) => {
        manifest.version = 2;
      }),
    'E_FILE_FORMAT',
    /version is 2/,
  ],
  ['no divided graph', () => rmSync(join(folder, 'parts.json')), 'E_FILE_NOT_FOUND', /parts\.json/],
  ['no JSON', () => writeFileSync(join(folder, 'parts.json'), '{'), 'E_FILE_FORMAT', /no JSON/],
  [
    'paths that lead elsewhere',
    () =>
      rewrite((manifest) => {
        manifest.parts = [{ file: '../x' }];
      }),
    'E_FILE_FORMAT',
    /missing/,
  ],
] as const)('%s is refused by name', async (_, spoil, code, message) => {
  spoil();
  const opened = PartitionedGraph.open(folder);
  await expect(opened).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

test('a part of another division is refused, though it is whole', async () => {
  const other = join(root, `other-${count++}`);
  await PartitionedGraph.write(whole, other, { partitions: 3, partitioner: 'hash' });
  copyFileSync(join(other, 'part-1.parts'), part(1));
  rewrite((manifest) => {
    (manifest.parts as { bytes: number }[])[1]!.bytes = 1;
  });
  await expect(HypergraphInParts.openFolder(folder)).rejects.toThrow(/another division/);
});

test('a folder can be divided into anew, and fewer parts leave none behind', async () => {
  await PartitionedGraph.write(whole, folder, { partitions: 2, partitioner: 'hash' });
  using graph = await HypergraphInParts.openFolder(folder);
  expect(graph.plan.sources).toHaveLength(2);
  const parts = await PartitionedGraph.open(folder);
  parts.remove();
  expect(isPartsFolder(folder)).toBe(false);
});
