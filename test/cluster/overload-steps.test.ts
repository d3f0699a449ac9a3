/** A worker that is told of pressure gives way by its steps, which status shows, and comes back by them. */
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { native } from '@anant/backend-native';
import { ClusterAdmin } from '@anant/backend-native/cluster';
import { type Client, connect } from '@anant/core';
import { eventually } from '@anant/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from '../cli/run-cli.js';
import { TestCluster } from '../support/test-cluster.js';
import { holdHere } from './cluster-tasks.js';

const SLOTS = 4;
const TASKS = 40;
/** A look that takes a step, a message and a busy machine. */
const WAIT_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'anant-overload-'));
let cluster: TestCluster;
let client: Client;
let admin: ClusterAdmin;
let submitted = 0;
const results: Promise<number>[] = [];

beforeAll(async () => {
  process.env.ANANT_TEST_PRESSURE = folder;
  const preload = new URL('../support/pressed-machine.mjs', import.meta.url).href;
  cluster = await TestCluster.start({
    workers: 2,
    native: { slots: SLOTS },
    nodeOptions: `--import ${preload}`,
    // Everything is handed out at once, and whoever is idle takes what waits at the other.
    scheduler: { prefetchMs: 1_000_000, stealMs: 0 },
  });
  client = connect({ backends: { native: () => native(cluster.options) } });
  admin = new ClusterAdmin({ address: cluster.address, token: cluster.token });
});
afterAll(async () => {
  delete process.env.ANANT_TEST_PRESSURE;
  admin.close();
  await client.close({ graceMs: 0 });
  await cluster.close();
  rmSync(folder, { recursive: true, force: true });
});

const member = async (name: string) => (await admin.status()).members.find(({ node }) => node === name)!;
/** Whole at any moment: the worker may look while it is written. */
const press = (part: number) => {
  const file = join(folder, 'worker-1.pressure');
  writeFileSync(`${file}.next`, `${part}`);
  renameSync(`${file}.next`, file);
};
const letGo = async (name: string) => writeFileSync(join(folder, `${(await member(name)).pid}`), '');
const stop = async (name: string) => rmSync(join(folder, `${(await member(name)).pid}`));
const level = async () => (await member('worker-1')).overload;
const until = (check: () => Promise<boolean>) => eventually(check, WAIT_MS);

function submit(count = TASKS): void {
  for (let index = 0; index < count; index += 1) {
    const input = { folder, index: submitted };
    results.push(client.run(holdHere, input, { mode: 'thread', retry: { attempts: 1 } }));
    submitted += 1;
  }
}

/** The process of each task that has begun, in their order. */
const begun = () => readFileSync(join(folder, 'began'), 'utf8').trim().split('\n');

/** Everything that was submitted is with a worker. */
const isHandedOut = async () => {
  const { queued, assigned, ended } = await admin.status();
  return queued === 0 && assigned + ended === submitted;
};

async function shown(command: readonly string[]): Promise<string> {
  const env = { ANANT_CLUSTER_TOKEN: cluster.token };
  const { exitCode, stdout, stderr } = await runCli([...command, '--head', cluster.address], folder, { env });
  expect(exitCode, stderr).toBe(0);
  return stdout;
}

it('stops stealing first, and steals again when the pressure is over', async () => {
  press(0.87);
  await until(async () => (await level()) === 'no-stealing');
  submit();
  await until(isHandedOut);
  await letGo('worker-1');
  await until(async () => (await member('worker-1')).assigned === 0);
  // Idle beside a worker at which much waits.
  expect((await member('worker-1')).slots).toBe(SLOTS);
  expect((await member('worker-2')).assigned).toBeGreaterThan(SLOTS);
  const { assigned } = await member('worker-2');
  expect((await member('worker-2')).assigned).toBe(assigned);
  press(0);
  await until(async () => (await member('worker-2')).assigned <= SLOTS);
  expect(await level()).toBe('none');
  await letGo('worker-2');
  await Promise.all(results);
});

it('then offers fewer slots, then none: what waits there goes to others, who run all that is new', async () => {
  press(0.92);
  await until(async () => (await member('worker-1')).slots === 1);
  expect(await level()).toBe('shrunk');
  const note = 'worker-1: shrunk: 92 % of the memory is taken (shrunk from 90 %).';
  expect(await shown(['status'])).toContain(note);
  expect(await shown(['top', '--count', '1'])).toContain(note);

  for (const name of ['worker-1', 'worker-2']) await stop(name);
  const before = begun().length;
  submit();
  await until(isHandedOut);
  const { pid } = await member('worker-1');
  const countOf = () => begun().filter((each) => each === `${pid}`).length;
  await until(async () => begun().length - before >= 2 * SLOTS);
  const share = (await member('worker-1')).assigned;
  expect(share).toBeGreaterThan(SLOTS);
  expect(share).toBeLessThan(TASKS / 3);
  press(0.95);
  await until(async () => (await member('worker-1')).slots === 0);
  expect(await level()).toBe('refusing');
  const kept = countOf();
  // What had not begun there is with the other one now.
  await until(async () => (await member('worker-1')).assigned <= SLOTS);
  await until(isHandedOut);
  expect((await member('worker-2')).assigned).toBeGreaterThanOrEqual(TASKS - SLOTS);

  for (const name of ['worker-1', 'worker-2']) await letGo(name);
  submit();
  await Promise.all(results);
  expect(countOf()).toBe(kept);

  press(0.97);
  await until(async () => (await level()) === 'spilling');
  const members = JSON.parse(await shown(['status', '--json'])).members as { overload: string }[];
  expect(members.map(({ overload }) => overload).sort()).toEqual(['none', 'none', 'spilling']);
});

it('comes back by the same steps, takes work, and every task has ended well, once', async () => {
  press(0);
  await until(async () => (await level()) === 'none');
  await until(async () => (await member('worker-1')).slots === SLOTS);
  const steps = [...cluster.output.matchAll(/Overload: ([a-z-]+)\./g)].map(([, step]) => step);
  const up = ['shrunk', 'refusing', 'spilling'];
  expect(steps).toEqual(['no-stealing', 'none', ...up, 'refusing', 'shrunk', 'no-stealing', 'none']);
  submit();
  await Promise.all(results);
  const { pid } = await member('worker-1');
  expect(begun().length).toBe(submitted);
  expect(begun().slice(-TASKS)).toContain(`${pid}`);
  expect(await Promise.all(results)).toEqual(results.map((_, index) => index));
});
