import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { emptyFolder, fileWith, runCli, startCli } from './run-cli.js';

/** Two triangles that share a vertex, as hyperedges of pairs and a singleton component. */
const GRAPH = 'e1\ta\ne1\tb\ne1\tc\ne2\tc\ne2\td\ne2\te\ne3\tz\n';
const graphFile = () => fileWith('graph.tsv', GRAPH);

describe('anant run', () => {
  it('prints the documented fields as JSON, and nothing else', async () => {
    const { exitCode, stdout, stderr } = await runCli(['run', 'components', graphFile(), '--json']);
    expect(stderr).toBe('');
    const printed = JSON.parse(stdout);
    expect(printed).toMatchObject({
      algorithm: 'components',
      backend: 'native',
      route: { workload: 'graph-analytics', backend: 'native', tier: 'primary' },
      warnings: [],
    });
    expect(printed.checksum).toMatch(/^[0-9a-f]{64}$/);
    expect(printed.timeMs).toBeGreaterThan(0);
    expect(exitCode).toBe(0);
  });

  it('gives the checksum of the result bytes', async () => {
    const { stdout } = await runCli(['run', 'components', graphFile(), '--json']);
    const labels = Uint32Array.of(0, 0, 0, 0, 0, 5);
    const expected = createHash('sha256').update(new Uint8Array(labels.buffer)).digest('hex');
    expect(JSON.parse(stdout).checksum).toBe(expected);
  });

  it('shows route, result and time on plain lines when nobody watches a terminal', async () => {
    const { exitCode, stdout, stderr } = await runCli(['run', 'pagerank', graphFile(), '--top', '2']);
    expect(stderr).toContain('Route: graph-analytics → native');
    expect(stderr).toMatch(/6 vertices, 3 hyperedges, 7 incidences/);
    expect(stderr).toMatch(/Done in .* on native/);
    expect(stderr).not.toContain('\u001b[');
    expect(stdout).toMatch(/^c +0\.26/m);
    expect(exitCode).toBe(0);
  });

  it('runs on partitions with the same bytes, and says what they cut', async () => {
    const file = graphFile();
    const [one, parts] = await Promise.all([
      runCli(['run', 'pagerank', file, '--json']),
      runCli(['run', 'pagerank', file, '--json', '--partitions', '2', '--partitioner', 'hash']),
    ]);
    const printed = JSON.parse(parts.stdout);
    expect(printed.checksum).toBe(JSON.parse(one.stdout).checksum);
    expect(printed.result.summary).toMatchObject({ partitions: '2 by hash, as actors' });
    expect(printed.result.summary.cut).toMatch(/^\d+ hyperedges/);
    expect(parts.exitCode).toBe(0);
  });

  it('says what one machine and partitions would take, and that one machine is faster', async () => {
    const { stdout, exitCode } = await runCli([
      ...['route', 'graph-analytics', '--explain', '--file', graphFile(), '--partitions', '2'],
    ]);
    expect(stdout).toMatch(/^estimate: pagerank on one thread of one machine takes about /m);
    expect(stdout).toMatch(/^ {2}ray: about .* supersteps .*; one machine is about [\d.]+ times as fast$/m);
    expect(exitCode).toBe(0);
  });

  it.each([
    [
      ['run', 'pagerank', graphFile(), '--partitions', '2', '--partitioner', 'streem'],
      2,
      'Did you mean "stream"?',
    ],
    [['run', 'louvain', graphFile(), '--partitions', '2'], 2, 'does not run on partitions'],
    [['run', 'pagrank', 'x'], 2, 'Did you mean "pagerank"?'],
    [['run', 'pagerank', 'nowhere.tsv'], 5, 'E_FILE_NOT_FOUND'],
    [['run', 'pagerank', graphFile(), '-p', 'damping=2'], 2, 'E_GRAPH_INVALID'],
    [['run', 'pagerank', graphFile(), '-p', 'damp=0.5'], 2, 'has no parameter "damp"'],
    [['run', 'pagerank', graphFile(), '-p', 'damping'], 2, 'name=value'],
    [['run', 'pagerank', graphFile(), '--backend', 'nativ'], 3, 'Did you mean "native"?'],
    [['run', 'pagerank', graphFile(), '--format', 'hiff'], 2, 'Did you mean "hif"?'],
    [['run', 'pagerank', graphFile(), '--top', '-1'], 2, 'above 0'],
    [['run', 'pagerank'], 2, "missing required argument 'file'"],
    [['rout'], 2, 'Did you mean route?'],
    [['route', 'bach'], 2, 'Did you mean "batch"?'],
    [['route', 'batch', '--require', 'cancel.kil'], 2, 'Did you mean "cancel.kill"?'],
    [['setup', 'dusk'], 3, 'Did you mean "dask"?'],
    [['compare', 'pagerank', graphFile(), '--backends', ' , '], 2, 'No backend was named'],
    [['config', 'check', '-c', 'nowhere.json'], 3, 'E_CONFIG_NOT_FOUND'],
  ])('%j exits %i and says %s', async (args, exitCode, text) => {
    const result = await runCli(args);
    expect(result.stderr).toContain(text);
    expect(result.exitCode).toBe(exitCode);
    expect(result.stdout).toBe('');
  });

  it('gives errors as JSON when JSON was asked for', async () => {
    const { exitCode, stdout } = await runCli(['run', 'pagerank', 'nowhere.tsv', '--json']);
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'E_FILE_NOT_FOUND' });
    expect(exitCode).toBe(5);
  });

  it('names the bad key of a configuration and the nearest valid one', async () => {
    const config = fileWith('anant.config.json', JSON.stringify({ backend: { native: {} } }));
    const { exitCode, stderr } = await runCli(['run', 'pagerank', graphFile(), '-c', config]);
    expect(stderr).toContain('E_CONFIG_INVALID');
    expect(stderr).toContain('"backends"');
    expect(exitCode).toBe(3);
  });
});

describe('Ctrl-C', () => {
  /** Rank spreads along a path of 20,000 vertices for hundreds of millions of iterations. */
  const path = Array.from(
    { length: 20_000 },
    (_, index) => `${index}	${index}
${index}	${index + 1}
`,
  ).join('');
  const slow = ['damping=0.999999999', 'tolerance=1e-300', 'iterationsMax=1000000'].flatMap((text) => [
    '-p',
    text,
  ]);
  const endless = ['run', 'pagerank', fileWith('path.tsv', path), ...slow];

  it('once cancels the job, closes everything and exits 130', async () => {
    const cli = startCli(endless);
    await cli.says('Route:');
    cli.process.kill('SIGINT');
    const { exitCode, stderr } = await cli.ended;
    expect(stderr).toContain('press Ctrl-C again');
    expect(exitCode).toBe(130);
  });

  it('twice ends at once', async () => {
    const cli = startCli(endless);
    await cli.says('Route:');
    cli.process.kill('SIGINT');
    await cli.says('press Ctrl-C again');
    cli.process.kill('SIGINT');
    expect((await cli.ended).exitCode).toBe(130);
  });
});

describe('anant compare', () => {
  it('exits 0 when the bytes agree, and fails with the reason of a backend that cannot run', async () => {
    const same = await runCli(['compare', 'degrees', graphFile(), '--backends', 'native', '--json']);
    expect(JSON.parse(same.stdout)).toMatchObject({
      equal: true,
      backends: [{ backend: 'native', status: 'ok' }],
    });
    expect(same.exitCode).toBe(0);
    const config = fileWith(
      'anant.config.json',
      JSON.stringify({ backends: { dask: { local: true, python: '/nowhere/python' } } }),
    );
    const args = ['compare', 'degrees', graphFile(), '--backends', 'native,dask', '-c', config, '--json'];
    const differs = await runCli(args, emptyFolder());
    const printed = JSON.parse(differs.stdout);
    expect(printed.equal).toBe(false);
    expect(printed.backends[1]).toMatchObject({ backend: 'dask', status: 'failed' });
    expect(printed.backends[1].error).toContain('E_PYTHON_VERSION');
    expect(differs.exitCode).toBe(1);
  });
});

describe('anant doctor and algorithms', () => {
  it('say what is usable as JSON', async () => {
    const { stdout, exitCode } = await runCli(['doctor', '--json']);
    const { findings } = JSON.parse(stdout);
    expect(findings.map(({ subject }: { subject: string }) => subject)).toEqual([
      'node',
      'native',
      'python tasks',
      'dask',
      'ray',
      'celery',
      'redis-server',
      'gpu tasks',
      'nvidia',
    ]);
    expect(exitCode).toBe(0);
  });

  it('list every algorithm with its parameters', async () => {
    const { stdout } = await runCli(['algorithms', '--json']);
    const listed = JSON.parse(stdout) as { name: string }[];
    expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining(['pagerank', 'components', 'bfs']));
  });
});
