/** A head that joins a running cluster from elsewhere: it takes over, others come back, and it leaves in peace. */
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { native } from '@anant/backend-native';
import { ClusterAdmin } from '@anant/backend-native/cluster';
import { type Client, connect } from '@anant/core';
import { eventually } from '@anant/core/testing';
import { afterEach, expect, it } from 'vitest';
import { emptyFolder, type RunningCli, runCli, startCli } from '../cli/run-cli.js';
import { freePort, RedisServer } from '../support/redis-server.js';
import { slowDouble } from './cluster-tasks.js';

const ONCE = { mode: 'async', retry: { attempts: 1 } } as const;
const WAIT_MS = 60_000;

let redis: RedisServer | undefined;
let folder = '';
let client: Client | undefined;
let admin: ClusterAdmin | undefined;
const nodes: RunningCli[] = [];

afterEach(async () => {
  await client?.close({ graceMs: 0 });
  admin?.close();
  for (const { process: child } of nodes) child.kill('SIGKILL');
  if (folder !== '') await runCli(['down'], folder);
  await redis?.stop();
});

const node = async (name: string, heads: string, port: number): Promise<RunningCli> => {
  const place = ['--name', name, '--port', `${port}`, '--redis', redis!.url];
  const started = startCli(['node', '--head', '--join', heads, ...place], folder);
  nodes.push(started);
  await started.says(`${name} is a head at`);
  return started;
};

const states = async (): Promise<Record<string, string>> =>
  Object.fromEntries((await admin!.status()).heads.map(({ name, state }) => [name, state]));

it('takes over for drivers and workers that were told of it, and hands over again', async () => {
  redis = await RedisServer.start();
  folder = realpathSync(emptyFolder());
  const up = await runCli(['up', '--workers', '1', '--redis', redis.url, '--port', '0', '--json'], folder);
  expect(up.exitCode, up.stderr).toBe(0);
  const { address: first, head } = JSON.parse(up.stdout);
  const { token } = JSON.parse(readFileSync(join(folder, '.anant', 'cluster', 'cluster.json'), 'utf8'));
  // The client knows of one head, and hears of the other while it runs.
  client = connect({ backends: { native: () => native({ cluster: { address: first, token } }) } });
  expect(await client.run(slowDouble, { value: 2, ms: 1 }, ONCE)).toBe(4);

  const port = await freePort();
  const second = await node('head-b', first, port);
  admin = new ClusterAdmin({ address: `${first},127.0.0.1:${port}`, token });
  await eventually(async () => (await states())['head-b'] === 'in-sync', WAIT_MS);
  await eventually(async () => {
    const { members } = await admin!.status();
    return members.find((member) => member.node === 'head-b')?.gossip?.status === 'alive';
  }, WAIT_MS);

  const load = (count: number) =>
    client!.map(
      slowDouble,
      Array.from({ length: count }, (_, value) => ({ value, ms: 20 })),
      ONCE,
    );
  const expected = (count: number) => Array.from({ length: count }, (_, value) => 2 * value);

  const killed = load(60);
  process.kill(head.pid, 'SIGKILL');
  expect(await killed).toEqual(expected(60));
  expect((await states())['head-b']).toBe('leader');

  // The machine of the first is back: it is told where to look by any head.
  const back = await node('head-1', `127.0.0.1:${port}`, Number(first.split(':')[1]));
  await eventually(async () => (await states())['head-1'] === 'in-sync', WAIT_MS);

  // A second process of the same name is refused.
  const twice = ['--name', 'head-1', '--port', `${await freePort()}`, '--redis', redis.url];
  const refused = await runCli(['node', '--head', '--join', first, ...twice], folder);
  expect(refused.exitCode).not.toBe(0);
  expect(refused.stderr).toContain('A head named "head-1" runs already');

  // Nor is one let in that was given another Redis: it would be elected there.
  const foreign = await RedisServer.start();
  const lost = ['--name', 'head-c', '--port', `${await freePort()}`, '--redis', foreign.url];
  const stray = await runCli(['node', '--head', '--join', first, ...lost], folder);
  await foreign.stop();
  expect(stray.stderr).toContain('knows nothing of this cluster');
  expect(stray.exitCode).toBe(3);
  expect(Object.keys(await states())).not.toContain('head-c');

  const left = load(60);
  second.process.kill('SIGTERM');
  expect((await second.ended).exitCode).toBe(130);
  expect(await left).toEqual(expected(60));
  expect((await states())['head-1']).toBe('leader');
  back.process.kill('SIGTERM');
  expect((await back.ended).exitCode).toBe(130);
}, 180_000);
