import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KernelMemory } from '@anant/core';
import { seededRandom } from '@anant/core/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Hypergraph } from '../graph.js';
import { kernelClient } from '../testing/kernel-client.js';
import { HypergraphInParts } from './hypergraph-in-parts.js';
import { loadOrDivide } from './load-or-divide.js';
import { PartitionedGraph } from './partitioned-graph.js';

const folder = mkdtempSync(join(tmpdir(), 'anant-parts-'));
const file = join(folder, 'hyperedges.txt');
const client = kernelClient();
const cuts: number[] = [];

beforeAll(() => {
  const random = seededRandom(11);
  const line = () => {
    const near = Math.floor(random() * 3_000);
    return Array.from(
      { length: 1 + Math.floor(random() * 6) },
      () => (near + Math.floor(random() ** 2 * 400)) % 3_000,
    ).join(' ');
  };
  writeFileSync(file, `# made for a test\n${Array.from({ length: 20_000 }, line).join('\n')}\n3999\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(['hash', 'stream'] as const)(
  'parts by %s give the bits of the whole graph, one part in memory at a time',
  async (partitioner) => {
    using whole = await Hypergraph.load(file, {
      format: 'hyperedges',
      vertexRange: { first: 0, last: 3_999 },
    });
    const parts = await PartitionedGraph.divide(file, join(folder, partitioner), {
      partitions: 5,
      partitioner,
    });
    expect(parts.vertexCount).toBe(whole.vertexCount);
    expect(parts.incidenceCount).toBe(whole.incidenceCount);
    const on = whole.on(client);
    const ranks = await parts.run('pagerank', { tolerance: 1e-6 }, { checkpointEvery: 8 });
    expect(ranks.values.ranks).toEqual((await on.pagerank({ tolerance: 1e-6 })).values.ranks);
    expect((await parts.run('components')).values.labels).toEqual((await on.components()).values.labels);
    expect((await parts.run('bfs', { source: 7 })).values.levels).toEqual(
      (await on.bfs({ source: 7 })).values.levels,
    );
    expect((await parts.run('k-core')).values.cores).toEqual((await on.kCore()).values.cores);
    cuts.push(parts.cut.hyperedges);
    expect(cuts.at(-1)).toBeLessThanOrEqual(cuts[0]!);
    expect(readdirSync(join(folder, partitioner)).toSorted()).toEqual([
      'ids.anant',
      ...Array.from({ length: 5 }, (_, part) => `part-${part}.parts`),
      'parts.json',
    ]);
    parts.remove();
  },
);

test('PageRank sends each value on the boundary once in two supersteps, others at most as often', async () => {
  const parts = await PartitionedGraph.divide(file, join(folder, 'bytes'), { partitions: 4 });
  const totals = async (algorithm: string) => {
    const seen: number[] = [0];
    const onSuperstep = ({ boundaryBytes }: { readonly boundaryBytes: number }) => seen.push(boundaryBytes);
    await parts.run(algorithm, {}, { checkpointEvery: 0, onSuperstep });
    return seen.slice(1).map((bytes, at) => bytes - seen[at]!);
  };
  const { boundary } = parts.cut;
  const ranks = await totals('pagerank');
  for (let at = 1; at < ranks.length; at += 2) expect(ranks[at]! + ranks[at - 1]!).toBe(8 * boundary);
  // A value and its place, both ways.
  for (const algorithm of ['components', 'bfs', 'k-core']) {
    for (const bytes of await totals(algorithm)) expect(bytes).toBeLessThanOrEqual(2 * 12 * boundary);
  }
});

test('a graph that one memory refuses runs in parts', async () => {
  const memory = new KernelMemory({ initialBytes: 2 ** 16, reservedBytes: 2 ** 16, maximumBytes: 2 ** 19 });
  await expect(Hypergraph.load(file, { format: 'hyperedges', memory })).rejects.toMatchObject({
    code: 'E_OUT_OF_MEMORY',
  });
  const parts = await PartitionedGraph.divide(file, join(folder, 'small'), { partitions: 4 });
  const { values } = await parts.run('degrees');
  expect((values.degrees as Uint32Array).reduce((sum, degree) => sum + degree, 0)).toBe(parts.incidenceCount);
});

test('a file that does not fit is divided by itself, one that fits is not, and another format says what is wrong', async () => {
  const memory = new KernelMemory({ initialBytes: 2 ** 16, reservedBytes: 2 ** 16, maximumBytes: 2 ** 19 });
  const options = {
    format: 'hyperedges',
    folder: join(folder, 'by-itself'),
    divided: { partitions: 3 },
  } as const;
  const parts = await loadOrDivide(file, { ...options, memory });
  expect(parts).toBeInstanceOf(HypergraphInParts);
  using whole = await loadOrDivide(file, options);
  expect(whole).toBeInstanceOf(Hypergraph);
  expect(parts.incidenceCount).toBe(whole.incidenceCount);
  const names = join(folder, 'names.txt');
  writeFileSync(names, readFileSync(file, 'utf8').replaceAll(/\d+/g, 'v$&'));
  const small = new KernelMemory({ initialBytes: 2 ** 16, reservedBytes: 2 ** 16, maximumBytes: 2 ** 19 });
  await expect(loadOrDivide(names, { ...options, memory: small })).rejects.toMatchObject({
    code: 'E_OUT_OF_MEMORY',
  });
});

test('what is no list of integers, and what does not run on partitions, is refused by name', async () => {
  const wrong = join(folder, 'wrong.txt');
  writeFileSync(wrong, '1 2\n3 x\n');
  await expect(
    PartitionedGraph.divide(wrong, join(folder, 'wrong'), { partitions: 2 }),
  ).rejects.toMatchObject({
    code: 'E_FILE_FORMAT',
    message: expect.stringContaining('wrong.txt:2'),
  });
  const parts = await PartitionedGraph.divide(file, join(folder, 'two'), { partitions: 2 });
  await expect(parts.run('louvain')).rejects.toThrow(/"louvain" does not run on partitions/);
});

test('a list with gaps says that its parts have vertices that a loaded list has not', async () => {
  for (const [name, text, lone] of [
    ['gaps', '1 2\n2 6\n', 4],
    ['dense', '0 1\n1 2\n', 0],
  ] as const) {
    const list = join(folder, `${name}.txt`);
    writeFileSync(list, text);
    await PartitionedGraph.divide(list, join(folder, name), { partitions: 2 });
    const { source } = await HypergraphInParts.openFolder(join(folder, name));
    const told = `Integers below the largest that are in no hyperedge: ${lone}. In these parts they are vertices, too.`;
    expect(source.warnings).toEqual(lone === 0 ? [] : [told]);
  }
});
