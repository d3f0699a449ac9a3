/** A head that ends by a fault of its own says so: in its log, to `anant status`, and to drivers. */
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { emptyFolder, runCli } from '../cli/run-cli.js';
import { processesWith, signal, survivors } from '../conformance/support/processes.js';

const crashing = pathToFileURL(join(import.meta.dirname, '..', 'support', 'crash-on-signal.mjs')).href;
const GONE_MS_MAX = 60_000;
let folder = '';

afterEach(async () => {
  if (folder !== '') await runCli(['down'], folder);
});

describe('a head that ended by itself', () => {
  it('is in its log with its stack, and told to whoever asks', async () => {
    folder = realpathSync(emptyFolder());
    const env = { NODE_OPTIONS: `--import=${crashing}` };
    const up = await runCli(['up', '--workers', '1', '--port', '0', '--json'], folder, { env });
    expect(up.exitCode, up.stderr).toBe(0);
    const { head } = JSON.parse(up.stdout);
    signal(head.pid, 'SIGUSR2');
    expect(await survivors([head.pid], GONE_MS_MAX)).toEqual([]);

    const log = readFileSync(join(folder, '.anant', 'cluster', 'head.log'), 'utf8');
    expect(log).toContain('head error: It ends by an error that nothing caught (uncaughtException)');
    expect(log).toMatch(/a fault that the test planted\n\s+at .*crash-on-signal\.mjs:\d+/);

    const status = await runCli(['status', '--json'], folder);
    expect(status.exitCode).toBe(4);
    const { code, message, details } = JSON.parse(status.stdout).error;
    expect(code).toBe('E_BACKEND_UNAVAILABLE');
    expect(message).toContain(`The head (process ${head.pid}) has ended.`);
    expect(message).toContain('a fault that the test planted');
    expect(details.heads[0].log).toBe(join(folder, '.anant', 'cluster', 'head.log'));

    writeFileSync(join(folder, 'graph.txt'), 'a b\n');
    writeFileSync(
      join(folder, 'anant.config.mjs'),
      "export default { backends: { native: { cluster: { address: 'auto' } } } };\n",
    );
    const job = ['run', 'degrees', 'graph.txt', '--format', 'edges', '--backend', 'native', '--json'];
    const run = await runCli(job, folder);
    expect(run.exitCode).toBe(4);
    expect(run.stdout + run.stderr).toContain('nothing listens there: its process has ended');

    expect((await runCli(['down'], folder)).exitCode).toBe(0);
    expect(processesWith(folder)).toEqual([]);
    expect((await runCli(['status'], folder)).stderr).toContain('No cluster runs for this folder');
  });
});
