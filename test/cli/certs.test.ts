/** `anant certs` as an operator uses it. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { emptyFolder, runCli } from './run-cli.js';

it('makes an authority, issues, lists, rotates and revokes', async () => {
  const folder = emptyFolder();
  const certs = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await runCli(['certs', ...args, '--json'], folder);
    return { exitCode, json: JSON.parse(stdout || 'null'), stderr };
  };
  expect((await certs('list')).exitCode).toBe(3);
  expect((await certs('init', '--cluster', 'lab')).exitCode).toBe(0);
  expect((await certs('init')).json.error).toMatchObject({ code: 'E_CERTIFICATE_INVALID' });
  const issued = await certs('issue', 'head-1', '--role', 'head', '--host', '127.0.0.1', 'head.example');
  expect(issued.json).toMatchObject({
    node: 'head-1',
    role: 'head',
    state: 'valid',
    hosts: ['127.0.0.1', 'head.example'],
  });
  await certs('issue', 'worker-1', '--days', '10');
  for (const file of ['ca.key', 'nodes/head-1/node.pem'])
    expect(statSync(join(folder, '.anant/certs', file)).mode & 0o777).toBe(0o600);
  expect(existsSync(join(folder, '.anant/certs/nodes/head-1/ca.crt'))).toBe(true);

  const due = await certs('expiry', '--days', '30');
  expect(due).toMatchObject({ exitCode: 1, json: { due: [{ node: 'worker-1' }] } });
  const rotated = await certs('rotate', 'worker-1', '--revoke');
  expect(rotated.json.fingerprint).not.toBe(due.json.due[0].fingerprint);
  expect((await certs('expiry')).exitCode).toBe(0);
  await certs('revoke', 'worker-1');
  const { json } = await certs('list');
  expect(json.nodes.map(({ node, state }: { node: string; state: string }) => [node, state])).toEqual([
    ['head-1', 'valid'],
    ['worker-1', 'revoked'],
  ]);
}, 120_000);
