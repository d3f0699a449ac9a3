/** A cluster with certificates from the command line, also by somebody in another folder who shows a certificate. */
import { join } from 'node:path';
import { native } from '@anant/backend-native';
import { connect } from '@anant/core';
import { afterEach, expect, it } from 'vitest';
import { emptyFolder, runCli } from '../cli/run-cli.js';
import { restTask } from './tasks.js';

let folder = '';

afterEach(async () => {
  if (folder !== '') await runCli(['down'], folder);
});

it('is watched, asked, scaled and drained by who shows a certificate, and by nobody else', async () => {
  folder = emptyFolder();
  const start = ['up', '--secure', '--workers', '1', '--slots', '1', '--port', '0', '--json'];
  const up = await runCli(start, folder);
  expect(up.exitCode, up.stderr).toBe(0);
  const { address } = JSON.parse(up.stdout) as { address: string };
  expect((await runCli(['certs', 'issue', 'alice', '--role', 'driver'], folder)).exitCode).toBe(0);
  expect((await runCli(['certs', 'issue', 'mallory'], folder)).exitCode).toBe(0);
  const certificates = (node: string) => join(folder, '.anant', 'certs', 'nodes', node);

  const elsewhere = emptyFolder();
  const ask = async (args: readonly string[], node: string) => {
    const shown = ['--head', address, '--certificates', certificates(node), '--json'];
    const { exitCode, stdout } = await runCli([...args, ...shown], elsewhere);
    return { exitCode, answer: JSON.parse(stdout) };
  };
  const ready = async () => {
    const { answer } = await ask(['status'], 'alice');
    return answer.members.filter(
      ({ role, state }: Record<string, string>) => role === 'worker' && state === 'ready',
    ).length;
  };
  expect(await ready()).toBe(1);
  expect((await ask(['top', '--count', '1'], 'alice')).answer.members).toHaveLength(2);
  expect((await ask(['gossip', 'rotate'], 'alice')).exitCode).toBe(0);
  for (const args of [
    ['status'],
    ['top', '--count', '1'],
    ['explain', 'any'],
    ['drain', 'worker-1'],
    ['gossip', 'rotate'],
  ]) {
    const { exitCode, answer } = await ask(args, 'mallory');
    expect([args[0], exitCode, answer.error.code]).toEqual([args[0], 4, 'E_IDENTITY_REFUSED']);
  }
  expect((await runCli(['status', '--head', address], elsewhere)).exitCode).toBe(4);

  const scale = ['scale', '--min', '2', '--max', '2', '--slots', '1', '--interval', '100', '--count', '1'];
  expect((await runCli(scale, folder)).exitCode).toBe(0);
  expect(await ready()).toBe(2);
  const drained = await ask(['drain', 'worker-2'], 'alice');
  expect([drained.exitCode, drained.answer.node]).toEqual([0, 'worker-2']);

  const cluster = { address, certificates: certificates('alice') };
  const client = connect({ backends: { native: () => native({ cluster }) } });
  const handle = client.submit(restTask, 7, { mode: 'async' });
  expect(await handle.result()).toBe(7);
  const explained = await ask(['explain', handle.id], 'alice');
  expect([explained.exitCode, JSON.stringify(explained.answer)]).toEqual([
    0,
    expect.stringContaining(handle.id),
  ]);
  await client.close();

  const down = await runCli(['down', '--json'], folder);
  expect(JSON.parse(down.stdout).killed).toEqual([]);
}, 240_000);
