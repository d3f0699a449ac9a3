/** What a user sees of bad input: one error with a code and advice, and the documented exit code; never NaN. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileWith, runCli } from './run-cli.js';

const pairs = () => fileWith('a.edges', '1 2\n2 3\n5 6\n');
const mixed = () => fileWith('hyperedges.txt', '1,2,3\n3,4\n');

describe('bad parameters exit 2 and are named', () => {
  it.each([
    ['an unknown vertex', ['bfs', pairs(), '--source', '99'], /"source": the graph has no vertex/],
    [
      'damping out of (0, 1)',
      ['pagerank', pairs(), '--damping', '1'],
      /"damping" must be a number between 0 and 1/,
    ],
    ['mixed sizes where one is needed', ['h-eigenvector', mixed()], /same number of members/],
    [
      'mixed sizes, for spreading',
      ['assortativity', mixed(), '--kind', 'dynamical'],
      /same number of members/,
    ],
    ['a parameter that there is not', ['pagerank', pairs(), '--dampng', '0.5'], /dampng/],
    ['an algorithm that there is not', ['pagrank', pairs()], /Did you mean "pagerank"/],
    ['a query of an unknown vertex', ['query', pairs(), 'neighbors 77'], /no vertex "77"/],
  ] as const)('%s', async (_, [name, ...rest], message) => {
    const command = name === 'query' ? ['graph', 'query'] : ['run', name];
    const { exitCode, stderr, stdout } = await runCli([...command, ...rest]);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/E_[A-Z_]+: /);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });
});

describe('queries that are too large end with E_QUERY_LIMIT and no rows', () => {
  const star = () => fileWith('star.edges', Array.from({ length: 400 }, (_, at) => `0 ${at + 1}`).join('\n'));
  it.each([
    ['an answer', ['match ?x _ ?y, ?u _ ?v', '--limit', '1000000', '--memory', '4MiB'], /over 4194304 bytes/],
    [
      'an intermediate result',
      ['match ?x _ ?y, ?z _ ?w, ?u _ ?v select ?x', '--limit', '1000000', '--timeout', '0.001'],
      /it took over 0.001 s/,
    ],
  ] as const)('%s', async (_, query, message) => {
    const { exitCode, stderr, stdout } = await runCli(['graph', 'query', star(), ...query]);
    expect(stderr).toMatch(/E_QUERY_LIMIT/);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(exitCode).toBe(1);
  });
});

describe('bad files exit 5, with the reason', () => {
  it.each([
    ['an empty one', fileWith('empty.txt', ''), /the file is empty/],
    ['a missing one', '/no/such/file.txt', /does not exist/],
    ['a bad line', fileWith('b.edges', '1 2\n3 x\n'), /b\.edges:2: /],
  ])('%s', async (_, file, message) => {
    const { exitCode, stderr } = await runCli(['run', 'pagerank', file]);
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(5);
  });

  it('an .anant file that is cut short, of another version, or damaged', async () => {
    const file = pairs();
    const whole = join(dirname(file), 'whole.anant');
    expect((await runCli(['graph', 'import', file, '-o', whole])).exitCode).toBe(0);
    const bytes = readFileSync(whole);
    const withByte = (at: number, value: number) => {
      const changed = Buffer.from(bytes);
      changed[at] = value;
      return changed;
    };
    for (const [damaged, message] of [
      [bytes.subarray(0, 300), /truncated: it has 300 bytes of/],
      [withByte(8, 99), /version 99 of the format/],
      [withByte(bytes.length - 3, bytes.at(-3)! ^ 255), /damaged/],
    ] as const) {
      const path = join(dirname(file), 'bad.anant');
      writeFileSync(path, damaged);
      const { exitCode, stderr } = await runCli(['run', 'pagerank', path]);
      expect(stderr).toMatch(message);
      expect(exitCode).toBe(5);
    }
  });
});

describe('odd input has a documented result', () => {
  it.each([
    ['an s above every size', ['s-betweenness', pairs(), '--s', '50']],
    ['several components', ['clique-eigenvector', pairs()]],
    ['an iteration that is cut off', ['pagerank', pairs(), '--iterations-max', '1'], /did not converge/],
    ['an empty graph', ['pagerank', fileWith('a.json', '{"incidences": []}')]],
    ['self-loops', ['reweighted-louvain', fileWith('loops.edges', '1 1\n2 2\n')]],
  ] as const)('%s', async (_, rest, warning = /./) => {
    const { exitCode, stdout, stderr } = await runCli(['run', ...rest]);
    expect(stdout).not.toMatch(/NaN|undefined/);
    expect(stderr).toMatch(warning);
    expect(exitCode).toBe(0);
  });
});
