/** A graph divided into a folder, and run from there as by a new user: the bytes and tables of the whole one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { native } from '@anant/backend-native';
import { type Client, connect } from '@anant/core';
import { type Algorithm, algorithms, Hypergraph, HypergraphInParts, PartitionedGraph } from '@anant/graph';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from '../cli/run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'anant-parts-test-'));
const file = join(folder, 'friends.txt');
const parts = join(folder, 'parts');
const SMALL = fileURLToPath(new URL('../../examples/data/wordnet-verbs.tsv.gz', import.meta.url));
let client: Client;
let whole: Hypergraph;

beforeAll(async () => {
  const line = (at: number) =>
    [at % 60, (at + 1 + (at % 7)) % 60, (at + 9 + ((at * at) % 43)) % 60].map((v) => `v${v}`).join(' ');
  writeFileSync(file, Array.from({ length: 400 }, (_, at) => line(at)).join('\n'));
  client = connect({ backends: { native: () => native() } });
  whole = await Hypergraph.load(file, { format: 'hyperedges' });
  await PartitionedGraph.write(whole, parts, { partitions: 3, partitioner: 'stream' });
});
afterAll(async () => {
  whole[Symbol.dispose]();
  await client.close({ graceMs: 0 });
  rmSync(folder, { recursive: true, force: true });
});

const CASES: readonly (readonly [Algorithm<never>, object])[] = [
  [algorithms.pagerank, {}],
  [algorithms.pagerank, { restart: ['v3', 'v50'] }],
  [algorithms.components, {}],
  [algorithms.bfs, {}],
  [algorithms['k-core'], {}],
  [algorithms.degrees, { of: 'hyperedges' }],
  [algorithms.katz, {}],
  [algorithms.katz, { alpha: 0.001 }],
  [algorithms['clique-eigenvector'], {}],
  [algorithms.hypercore, { k: 3 }],
  [algorithms['h-eigenvector'], {}],
  [algorithms['z-eigenvector'], {}],
  [algorithms['strong-components'], {}],
  [algorithms['parallel-label-propagation'], { seed: 3 }],
];

it.each(CASES.map(([algorithm, parameters]) => ({ name: algorithm.name, algorithm, parameters })))(
  '$name $parameters from a folder has the bytes and the table of the whole graph',
  async ({ algorithm, parameters }) => {
    using graph = await HypergraphInParts.openFolder(parts);
    const one = await algorithm.run(client, whole, parameters as never);
    const divided = await algorithm.run(client, graph, parameters as never);
    expect(Buffer.compare(divided.checksumBytes(), one.checksumBytes())).toBe(0);
    expect(divided.table(5)).toEqual(one.table(5));
  },
);

it('divides and runs by command', async () => {
  const made = join(folder, 'made');
  const divided = await runCli([
    'graph',
    'partition',
    file,
    '-o',
    made,
    '--partitions',
    '4',
    '-f',
    'hyperedges',
    '--json',
  ]);
  expect(divided.exitCode).toBe(0);
  expect(JSON.parse(divided.stdout)).toMatchObject({
    partitions: 4,
    partitioner: 'stream',
    incidences: whole.incidenceCount,
  });
  const checksums = [];
  for (const from of [[file, '-f', 'hyperedges'], [made]]) {
    const { stdout } = await runCli(['run', 'pagerank', ...from, '--json']);
    checksums.push(JSON.parse(stdout).checksum);
  }
  expect(checksums[1]).toBe(checksums[0]);
  rmSync(join(made, 'part-2.parts'));
  const broken = await runCli(['run', 'pagerank', made]);
  expect(broken.exitCode).not.toBe(0);
  expect(broken.stderr).toMatch(/E_FILE_NOT_FOUND.*part-2\.parts/);
});

it('says in the summary and in the route why a graph stays whole, where that is to be chosen', async () => {
  const { stdout } = await runCli(['run', 'bfs', file, '-f', 'hyperedges', '--partitions', 'auto', '--json']);
  expect(JSON.parse(stdout).result.summary.partitions).toMatch(/^not divided: one machine is about/);
  const route = await runCli(['route', 'graph-analytics', '--explain', '--file', SMALL]);
  expect(route.stdout).toMatch(/with --partitions auto: not divided: /);
});
