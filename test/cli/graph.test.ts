import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileWith, runCli } from './run-cli.js';

const TRIPLES = 'ada\tknows\tcharles\nada\tborn\tlondon\ncharles\tborn\tlondon\n';
const facts = () => fileWith('facts.tsv', TRIPLES);

/** A HIF document: hyperedge i has vertices i and i + 1, at one of the times. */
const timed = (times: readonly number[]) =>
  JSON.stringify({
    edges: times.map((time, edge) => ({ edge, attrs: { time } })),
    incidences: times.flatMap((_, edge) => [
      { edge, node: edge },
      { edge, node: edge + 1 },
    ]),
  });

describe('anant graph', () => {
  it('imports any format into a file that every command takes', async () => {
    const file = facts();
    const output = join(dirname(file), 'facts.anant');
    const imported = await runCli(['graph', 'import', file, '-o', output, '--json']);
    expect(JSON.parse(imported.stdout)).toMatchObject({
      output,
      input: { format: 'triples' },
      vertices: 3,
      hyperedges: 3,
      incidences: 6,
    });
    expect(imported.stderr).toBe('');
    const ranked = await runCli(['run', 'pagerank', output, '--damping', '0.5', '--json']);
    expect(JSON.parse(ranked.stdout)).toMatchObject({
      input: { format: 'anant' },
      parameters: { damping: 0.5 },
    });
    const stats = await runCli(['graph', 'stats', output, '--json']);
    expect(JSON.parse(stats.stdout)).toMatchObject({
      properties: { hyperedges: ['relation'] },
      degree: { largest: 2, distribution: [[2, 3]] },
      size: { distribution: [[2, 3]] },
    });
  });

  it('imports rows that do not say what they are', async () => {
    const named = fileWith('named.csv', 'user,item\n1,2\n3,4\n');
    const output = join(dirname(named), 'rows.anant');
    const doubtful = await runCli(['graph', 'import', named, '-o', output]);
    expect(doubtful.stderr).toMatch(/may be a header.*\n.*--header skip.*--ids text/);
    expect(doubtful.exitCode).toBe(5);
    const skipped = await runCli(['graph', 'import', named, '-o', output, '--header', 'skip', '--json']);
    expect(JSON.parse(skipped.stdout)).toMatchObject({ hyperedges: 2, vertices: 2 });
    const mixed = fileWith('mixed.txt', '1;bob\n2;2;2\n');
    const how = ['--format', 'hyperedges', '--ids', 'text', '--separator', 'semicolon'];
    const kept = [...how, '--repeated-members', 'keep', '--json'];
    const read = await runCli(['graph', 'import', mixed, '-o', output, ...kept]);
    expect(JSON.parse(read.stdout)).toMatchObject({ hyperedges: 2, vertices: 3, incidences: 5 });
    const wrong = await runCli(['graph', 'import', mixed, '-o', output, '--ids', 'real']);
    expect(wrong.stderr).toMatch(/Allowed choices are integer, text/);
    expect(wrong.exitCode).toBe(2);
  });

  it('draws statistics on the terminal and as SVG', async () => {
    const file = facts();
    const svg = join(dirname(file), 'stats.svg');
    const { stdout, exitCode } = await runCli(['graph', 'stats', file, '--svg', svg]);
    expect(stdout).toMatch(/degrees of vertices {2}mean 2, median 2, largest 2\n {2}2 █+ 3/);
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg .*Sizes of hyperedges/s);
    expect(exitCode).toBe(0);
  });

  it('exports, and says what was left out', async () => {
    const file = facts();
    const output = join(dirname(file), 'facts.ttl');
    const turtle = await runCli(['graph', 'export', file, '-o', output]);
    expect(turtle.stderr).toMatch(/Writing .*facts\.ttl: .* written as turtle/);
    expect(readFileSync(output, 'utf8')).toContain('<urn:anant:ada> <urn:anant:knows>');
    const rows = await runCli(['graph', 'export', file, '-o', join(dirname(file), 'x.csv')]);
    expect(rows.stderr).toContain('The property "relation" of hyperedges is left out.');
  });

  it('cuts out a stretch of time, and counts what is in each window', async () => {
    const file = fileWith('a.json', timed([0, 5, 11, 12]));
    const output = join(dirname(file), 'late.anant');
    const cut = await runCli(['graph', 'slice', file, '--from', '5', '--to', '12', '-o', output, '--json']);
    expect(JSON.parse(cut.stdout)).toEqual({ output, vertices: 3, hyperedges: 2, incidences: 4 });
    const counted = await runCli(['graph', 'slice', file, '--window', '10']);
    expect(counted.stdout).toMatch(/from +to +vertices.*\n +0 +10 +3 +2 +4\n +10 +20 +3 +2 +4/);
    for (const [args, message] of [
      [[], /either --output or --window/],
      [['--window', 'soon'], /--window <length>' argument 'soon' is invalid. It must be a number/],
      [['--window', '1', '--property', 'year'], /no times in the property "year"/],
    ] as const) {
      const { stderr, exitCode } = await runCli(['graph', 'slice', file, ...args]);
      expect(stderr).toMatch(message);
      expect(exitCode).toBeGreaterThan(0);
    }
  });

  it('writes a rank plot beside the result', async () => {
    const file = facts();
    const svg = join(dirname(file), 'ranks.svg');
    const { exitCode } = await runCli(['run', 'pagerank', file, '--svg', svg]);
    expect(readFileSync(svg, 'utf8')).toContain('london');
    expect(exitCode).toBe(0);
  });

  it('answers queries, and points at the column of a wrong one', async () => {
    const file = facts();
    const answer = await runCli(['graph', 'query', file, 'match ?x born london, ?x knows ?y']);
    expect(answer.stdout).toBe('x    y\nada  charles\n');
    const near = await runCli(['graph', 'query', file, 'neighbors ada --hops 2', '--json', '--limit', '1']);
    expect(JSON.parse(near.stdout)).toMatchObject({
      columns: ['vertex', 'hops'],
      rows: [['charles', 1]],
      cut: 'the limit of 1 rows is reached',
    });
    const wrong = await runCli(['graph', 'query', file, 'neighbors adam']);
    expect(wrong.stderr).toContain('  neighbors adam\n            ^\n');
    expect(wrong.stderr).toContain('Column 11: the graph has no vertex "adam"');
    expect(wrong.exitCode).toBe(2);
  });

  it('draws what lies around a vertex', async () => {
    const file = facts();
    const svg = join(dirname(file), 'ada.svg');
    const { exitCode } = await runCli([
      'graph',
      'draw',
      file,
      '--around',
      'ada',
      '--hops',
      '2',
      '--svg',
      svg,
    ]);
    expect(readFileSync(svg, 'utf8')).toContain('ada and what is 2 hops around');
    expect(exitCode).toBe(0);
  });

  it.each([
    [
      ['graph', 'draw', facts(), '--around', 'adam', '--svg', 'x.svg'],
      2,
      'no vertex with the id or label "adam"',
    ],
    [['graph', 'draw', facts(), '--style', 'hull', '--svg', 'x.svg'], 2, 'hulls, bipartite'],
    [['graph', 'import', facts(), '-o', 'x.txt'], 2, 'must end in .anant'],
    [['graph', 'import', facts()], 2, "required option '-o, --output <file>' not specified"],
    [['graph', 'import', 'nowhere', '-o', 'x.anant'], 5, 'E_FILE_NOT_FOUND'],
    [['graph', 'import', facts(), '-o', '/nowhere/x.anant'], 1, 'its folder does not exist'],
    [['graph', 'export', facts(), '-o', 'x.unknown'], 2, 'does not say which format'],
    [['graph', 'export', facts(), '-o', 'x', '--format', 'turtel'], 2, 'Did you mean "turtle"?'],
    [['graph', 'stats', fileWith('x.anant', '\x89ANANT\r\n')], 5, 'E_FILE_FORMAT'],
    [['run', 'pagerank', facts(), '--dampng', '0.5'], 2, 'Did you mean "--damping"?'],
    [['run', 'pagerank', facts(), '--damping'], 2, '"--damping" needs a value'],
    [['compare', 'pagerank', facts(), '--tolerence', '1'], 2, 'Did you mean "--tolerance"?'],
  ])('%j exits %i and says %s', async (args, exitCode, text) => {
    const result = await runCli(args);
    expect(result.stderr).toContain(text);
    expect(result.exitCode).toBe(exitCode);
    expect(existsSync('x.anant')).toBe(false);
  });
});
