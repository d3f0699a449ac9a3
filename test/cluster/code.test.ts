/** A worker runs tasks whose modules it does not have: they come to it once, checked, as do kernels and actors. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { native } from '@anant/backend-native';
import { ClusterAdmin } from '@anant/backend-native/cluster';
import { type Client, connect, defineActor, defineTask } from '@anant/core';
import { eventually } from '@anant/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canHide, TestCluster } from '../support/test-cluster.js';

const isHidden = canHide();
const folder = mkdtempSync(join(tmpdir(), 'anant-code-test-'));
const taskFile = join(folder, 'task.mjs');
const module = pathToFileURL(taskFile).href;
writeFileSync(join(folder, 'helper.mjs'), 'export const twice = (value) => 2 * value;');
writeFileSync(
  taskFile,
  `import { AnantError } from '@anant/core';
import { twice } from './helper.mjs';
export const run = (value) => ({ value: twice(value), from: import.meta.url, core: typeof AnantError });
export class Counter { constructor() { this.count = 0; } add(by) { this.count += by; return this.count; } }`,
);

interface Answer {
  readonly value: number;
  readonly from: string;
  readonly core: string;
}
const task = defineTask({
  module,
  export: 'run',
  run: (_value: number): Answer => ({ value: 0, from: '', core: '' }),
});

let cluster: TestCluster;
let client: Client;
let admin: ClusterAdmin;

beforeAll(async () => {
  cluster = await TestCluster.start({
    workers: 1,
    native: { slots: 2 },
    ...(isHidden && { hidden: folder }),
  });
  // Where this machine has no mount namespaces, workers see the file and are told not to take it.
  const options = { cluster: { ...cluster.options.cluster, ...(!isHidden && { code: 'bundle' as const }) } };
  client = connect({ backends: { native: () => native(options) } });
  admin = new ClusterAdmin({ address: cluster.address, token: cluster.token });
});

afterAll(async () => {
  admin?.close();
  await client?.close();
  await cluster?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The bundles of the worker, once the head has heard of `shipped`. */
async function bundles(shipped: number) {
  const worker = async () => (await admin.status()).members.find(({ role }) => role === 'worker')!;
  await eventually(async () => (await worker()).bundlesShipped >= shipped);
  return await worker();
}

describe('a worker without the module', () => {
  it('gets it once, with what it imports, and says so', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map((value) => client.run(task, value)));
    expect(answers.map(({ value }) => value)).toEqual([2, 4, 6, 8]);
    expect(answers[0]!.from).not.toBe(module);
    expect(answers[0]!.core).toBe('function');
    const inProcess = await client.run(task, 5, { mode: 'process' });
    expect([inProcess.value, inProcess.from]).toEqual([10, answers[0]!.from]);
    const worker = await bundles(1);
    expect(worker.bundlesShipped).toBe(1);
    expect(worker.bundles.map(({ name }) => name)).toEqual([`run@${task.reference().version}`]);
  });

  it('makes actors of its classes', async () => {
    class Counter {
      count = 0;
      add(by: number): number {
        this.count += by;
        return this.count;
      }
    }
    const actor = await client.actor(defineActor({ module, export: 'Counter', class: Counter }), undefined);
    const counts = [2, 3].map((by) => actor.call('add', by).result());
    expect(await Promise.all(counts)).toEqual([2, 5]);
    await actor.stop();
  });

  it.skipIf(!isHidden)('refuses it where only references are wanted, with what to do', async () => {
    const options = { cluster: { ...cluster.options.cluster, code: 'reference' as const } };
    const strict = connect({ backends: { native: () => native(options) } });
    const outcome = await strict.submit(task, 1).outcome();
    expect(outcome).toMatchObject({ status: 'app-error', error: { code: 'E_TASK_NOT_FOUND' } });
    await strict.close();
  });

  it('refuses a module that was changed after it was submitted', async () => {
    const changed = join(folder, 'changed.mjs');
    writeFileSync(changed, 'export const run = () => 1;');
    const url = pathToFileURL(changed).href;
    const stale = defineTask({ module: url, export: 'run', run: (_: undefined): number => 1 });
    stale.reference();
    writeFileSync(changed, 'export const run = () => 2;');
    const outcome = await client.submit(stale, undefined).outcome();
    expect(outcome).toMatchObject({ status: 'app-error', error: { code: 'E_TASK_VERSION' } });
  });
});
