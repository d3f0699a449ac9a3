/** A graph that exceeds a small memory: refused whole, and run in parts with the same bytes, as by a new user. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@anant/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from '../cli/run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'anant-beyond-'));
const list = join(folder, 'hyperedges.txt');
const file = join(folder, 'whole.anant');
const VERTICES = 20_000;
const HYPEREDGES = 200_000;
/** Two sides of 600,000 members, 4 bytes each, are more. */
const SMALL = '4MiB';
let checksum: string;

const run = async (...args: readonly string[]) => {
  const { exitCode, stdout, stderr } = await runCli(['run', 'components', ...args, '--json']);
  return { exitCode, stderr, printed: JSON.parse(stdout || stderr) };
};

beforeAll(async () => {
  const random = seededRandom(5);
  // Groups of 50 vertices, so that there is something to find; every vertex is there.
  const line = (at: number) => {
    const group = Math.floor((at % VERTICES) / 50) * 50;
    const other = () => group + Math.floor(random() * 50);
    return `${at % VERTICES} ${other()} ${other()}`;
  };
  writeFileSync(list, Array.from({ length: HYPEREDGES }, (_, at) => line(at)).join('\n'));
  const imported = await runCli(['graph', 'import', list, '-f', 'hyperedges', '-o', file]);
  expect(imported.exitCode).toBe(0);
  checksum = (await run(file)).printed.checksum;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  ['a list', [list, '-f', 'hyperedges']],
  ['an .anant file', [file]],
])('%s that does not fit is refused, with what to do; divided it has the same bytes', async (_, args) => {
  const refused = await run(...args, '--memory-max', SMALL);
  expect(refused.exitCode).not.toBe(0);
  expect(refused.printed.error).toMatchObject({
    code: 'E_OUT_OF_MEMORY',
    message: expect.stringContaining('does not fit into one memory'),
    advice: expect.stringContaining('--partitions auto'),
  });
  const divided = await run(...args, '--memory-max', SMALL, '--partitions', 'auto');
  expect(divided.printed.checksum).toBe(checksum);
  expect(divided.printed.result.summary.partitions).toMatch(/^16 by stream/);
});

it('an algorithm that does not run on parts is refused before anything is divided', async () => {
  const { exitCode, stderr } = await runCli([
    ...['run', 'louvain', file, '--memory-max', SMALL, '--partitions', 'auto'],
  ]);
  expect(exitCode).not.toBe(0);
  expect(stderr).toMatch(/E_OUT_OF_MEMORY.*Algorithms that do: .*components/s);
});

it.each([
  ['a list', [list, '-f', 'hyperedges']],
  ['an .anant file', [file]],
])('%s is divided in one pass, and run from there', async (_, args) => {
  const parts = join(folder, `parts-${args.length}`);
  const made = await runCli([
    ...['graph', 'partition', ...args, '-o', parts],
    ...['--partitions', '5', '--one-pass', '--json'],
  ]);
  expect(JSON.parse(made.stdout)).toMatchObject({
    partitions: 5,
    vertices: VERTICES,
    hyperedges: HYPEREDGES,
  });
  expect(readdirSync(parts).filter((name) => name.endsWith('.spill'))).toEqual([]);
  expect((await run(parts)).printed.checksum).toBe(checksum);
});

it('a file of another format is not taken for a list', async () => {
  const pairs = join(folder, 'pairs.tsv');
  writeFileSync(pairs, 'edge\tnode\n0\t1\n0\t2\n1\t2\n');
  const { exitCode, stderr } = await runCli([
    ...['graph', 'partition', pairs, '-f', 'incidences', '-o', join(folder, 'pairs')],
    ...['--partitions', '2', '--one-pass'],
  ]);
  expect(exitCode).not.toBe(0);
  expect(stderr).toMatch(/E_INPUT_INVALID.*One pass cannot divide/);
});
