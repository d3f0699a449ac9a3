/** Heads and their Redis from the configuration file: with a password, on a Redis Cluster, and no secret in a command line. */
import { realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@anant/core/testing';
import { afterEach, expect, it } from 'vitest';
import { emptyFolder, runCli } from '../cli/run-cli.js';
import { processOf } from '../conformance/support/processes.js';
import { RedisServer } from '../support/redis-server.js';

const PASSWORD = 'open sesame/1';
const WAIT_MS = 60_000;

let redis: RedisServer | undefined;
let folder = '';

afterEach(async () => {
  if (folder !== '') await runCli(['down'], folder);
  await redis?.stop();
});

it('starts the heads that the configuration names, and commands follow whichever leads', async () => {
  // The user without a name keeps its rights for the test's own commands; heads come with a name and a password.
  redis = await RedisServer.start();
  await redis.command('ACL', 'SETUSER', 'anant', 'on', `>${PASSWORD}`, '~*', '&*', '+@all');
  folder = realpathSync(emptyFolder());
  const shared = { url: redis.url, username: 'anant', password: PASSWORD };
  const cluster = { address: 'auto', heads: 2, redis: shared };
  writeFileSync(
    join(folder, 'anant.config.mjs'),
    `export default { backends: { native: { cluster: ${JSON.stringify(cluster)} } } };\n`,
  );
  const up = await runCli(['up', '--workers', '1', '--port', '0', '--json'], folder);
  expect(up.exitCode, up.stderr).toBe(0);
  const { head, standbys } = JSON.parse(up.stdout);
  expect(standbys).toHaveLength(1);
  for (const { pid } of [head, ...standbys]) expect(processOf(pid)?.command).not.toContain('sesame');
  const users = String(await redis.command('CLIENT', 'LIST'));
  expect(users).toContain('user=anant');

  const statusOf = async () => JSON.parse((await runCli(['status', '--json'], folder)).stdout);
  const leaderOf = (status: { heads: readonly { name: string; state: string }[] }) =>
    status.heads.find(({ state }) => state === 'leader')?.name;
  await eventually(async () => {
    const { heads } = await statusOf();
    return heads.some(({ state }: { state: string }) => state === 'in-sync');
  }, WAIT_MS);
  const before = leaderOf(await statusOf());
  const all = [head, ...standbys] as readonly { readonly name: string; readonly pid: number }[];
  process.kill(all.find(({ name }) => name === before)!.pid, 'SIGKILL');
  await eventually(async () => {
    const status = await statusOf();
    return leaderOf(status) !== undefined && leaderOf(status) !== before;
  }, WAIT_MS);
  const text = await runCli(['status'], folder);
  expect(text.stdout).toContain(`Head ${before} at`);
  expect(text.stdout).toMatch(/head-\d leads, 0 in sync/);
  expect((await runCli(['down'], folder)).exitCode).toBe(0);
  // Of operations it remembers the outcome for some minutes, by itself; a lease that nobody let go of ends by itself, too.
  await eventually(async () => {
    const keys = (await redis?.command('KEYS', 'anant:*')) as readonly string[];
    return keys.every((key) => key.includes(':operation:'));
  }, WAIT_MS);
}, 180_000);
