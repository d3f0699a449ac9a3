/** After very many tasks, handles, threads, sockets and file descriptors are back to where they were. */
import { native } from '@anant/backend-native';
import { type Client, connect, type MapOptions } from '@anant/core';
import { FixtureSet } from '@anant/core/conformance';
import { beforeAll, expect, it } from 'vitest';
import { createBackend } from '../conformance/support/bridge-local.mjs';
import { descendantsOf } from '../conformance/support/processes.js';
import { connectEngine, describeEngines } from './engines.js';
import { expectBackTo, footprintOf, ownFootprint } from './footprint.js';
import type { CodeKind } from './task-trouble.js';

const { ANANT_PYTHON } = process.env;
const fixtures = new FixtureSet();

/** An engine's own pools may open a connection late. */
const ENGINE_SPARE = 8;

async function run(client: Client, kind: CodeKind, count: number, options: MapOptions = {}): Promise<void> {
  const inputs = Array.from({ length: count }, (_, index) => index);
  expect(await client.map(await fixtures.definition(kind, 'echo'), inputs, options)).toEqual(inputs);
}

/** Some of everything, so that what is opened once is open. */
async function runNative(client: Client, share: number): Promise<void> {
  await run(client, 'typescript', 600 * share, { mode: 'thread' });
  await run(client, 'typescript', 350 * share, { mode: 'async' });
  await run(client, 'typescript', 30 * share, { mode: 'process' });
  await run(client, ANANT_PYTHON ? 'python' : 'typescript', 20 * share);
}

it('native: 100,000 tasks in every mode', async () => {
  const connectNative = () =>
    connect({ backends: { native: native({ slots: 2 }) }, defaults: { backend: 'native' } });
  const first = connectNative();
  await runNative(first, 1);
  await first.close();
  const before = ownFootprint();
  const client = connectNative();
  await runNative(client, 10);
  const processes = () => footprintOf([process.pid, ...descendantsOf(process.pid).map(({ pid }) => pid)]);
  const warm = processes();
  await runNative(client, 90);
  await expectBackTo(warm, processes);
  expect(await client.health()).toMatchObject({
    openTasks: 0,
    backends: { native: { openAttempts: 0, waitingTasks: 0, health: { openTasks: 0 } } },
  });
  await client.close();
  await expectBackTo(before, ownFootprint);
  expect(descendantsOf(process.pid)).toEqual([]);
});

describeEngines('100,000 tasks', (engine) => {
  // The first socket opens what this process keeps for good.
  beforeAll(async () => {
    const client = connect({ backends: { bridge: createBackend() }, defaults: { backend: 'bridge' } });
    await run(client, 'python', 1);
    await client.close();
  });

  it('leave nothing open in client, bridge and workers', async () => {
    const before = ownFootprint();
    const client = connectEngine(engine);
    await run(client, 'python', 45_000);
    await run(client, 'typescript', 5_000);
    const processes = () => footprintOf(descendantsOf(process.pid).map(({ pid }) => pid));
    const warm = processes();
    await run(client, 'python', 45_000);
    await run(client, 'typescript', 5_000);
    // Every process of Ray begins one more thread some seconds after its start, however many tasks there are.
    await expectBackTo(warm, processes, ENGINE_SPARE + descendantsOf(process.pid).length);
    expect(await client.health()).toMatchObject({
      openTasks: 0,
      backends: { [engine]: { openAttempts: 0, waitingTasks: 0, health: { openTasks: 0 } } },
    });
    await client.close();
    await expectBackTo(before, ownFootprint);
    expect(descendantsOf(process.pid)).toEqual([]);
  });
});
