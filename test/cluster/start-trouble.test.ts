/** `anant up` when it cannot work, or is not let: it says why, once, and no process is left. */
import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { eventually } from '@anant/core/testing';
import { describe, expect, it } from 'vitest';
import { emptyFolder, runCli, startCli } from '../cli/run-cli.js';
import { processesWith } from '../conformance/support/processes.js';

const headOf = (folder: string) => processesWith(`"folder":"${folder}`);

describe('a cluster that does not start', () => {
  it.each([
    ['what is no Redis', ['--redis', 'nonsense'], /"nonsense" is no address of a Redis/],
    ['another protocol', ['--redis', 'http://127.0.0.1:1'], /is no address of a Redis/],
    ['more workers than a machine runs', ['--workers', '1000'], /1 to 256 workers, not 1000/],
  ])('for %s', async (_, options, message) => {
    const { exitCode, stdout, stderr } = await runCli(['up', '--port', '0', ...options]);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(exitCode).toBe(3);
  });

  it.each([
    ['a misspelt option', { cluster: { address: 'auto', journl: 'os' } }, /journl is not a known key/],
    ['no slots', { slots: 0 }, /backends\.native\.slots/],
    ['no such policy', { cluster: { address: 'auto', scheduler: { order: 'x' } } }, /must be one of "fifo"/],
    ['no URL', { cluster: { address: 'auto', redis: { url: 'x' } } }, /redis\.url/],
  ])('for a configuration with %s', async (_, native, message) => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'anant.config.json'), JSON.stringify({ backends: { native } }));
    const { exitCode, stderr } = await runCli(['up', '--port', '0'], folder);
    expect(stderr).toMatch(/E_CONFIG_INVALID/);
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(3);
    expect(existsSync(join(folder, '.anant'))).toBe(false);
  });

  it('for a Redis that does not answer, without telling its password', async () => {
    const { exitCode, stderr } = await runCli([
      'up',
      '--heads',
      '2',
      '--redis',
      'redis://me:secret@127.0.0.1:1',
    ]);
    expect(stderr).toMatch(
      /E_REDIS_UNREACHABLE: The Redis at redis:\/\/me:\*\*\*@127\.0\.0\.1:1 cannot be used/,
    );
    expect(stderr).not.toContain('secret');
    expect(exitCode).toBe(4);
  });

  it('for a port that is taken: each time that reason, once, and what to do', async () => {
    const folder = realpathSync(emptyFolder());
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    try {
      for (const _ of ['first', 'second']) {
        const { exitCode, stderr } = await runCli(['up', '--workers', '1', '--port', `${port}`], folder);
        expect(stderr.match(/EADDRINUSE: address already in use/g)).toHaveLength(1);
        expect(stderr).toContain('Choose another port');
        expect(exitCode).toBe(4);
      }
    } finally {
      server.close();
    }
    expect(headOf(folder)).toEqual([]);
  });

  it('because of Ctrl-C: what it had started has ended, and no cluster is there', async () => {
    const folder = realpathSync(emptyFolder());
    const up = startCli(['up', '--workers', '2', '--port', '0'], folder);
    await eventually(() => existsSync(join(folder, '.anant', 'cluster', 'head.log')));
    up.process.kill('SIGINT');
    const { exitCode, stderr, stdout } = await up.ended;
    const isThere = existsSync(join(folder, '.anant', 'cluster', 'cluster.json'));
    // On a busy machine it may have been there before the signal was.
    expect(exitCode, stdout + stderr).toBe(isThere ? 0 : 130);
    if (isThere) await runCli(['down'], folder);
    await eventually(() => headOf(folder).length === 0);
  });
});
