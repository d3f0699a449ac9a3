/** Parts of an engine are killed while tasks run: every handle settles, none hangs, and the next task works. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, type ClientEvent, connect, type Outcome, type RetryOptions } from '@anant/core';
import { FixtureSet } from '@anant/core/conformance';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { emptyFolder } from '../cli/run-cli.js';
import { localEngine } from '../conformance/support/engine.js';
import { daskApart } from '../conformance/support/engines-apart.js';
import { descendantsOf, signal } from '../conformance/support/processes.js';
import { noPython, sayNotInjected } from '../support/not-injected.js';
import { connectEngine, describeEngines, type EngineName, makeEngine } from './engines.js';
import { expectAlive } from './task-trouble.js';

const OPEN_TASKS = 1_000;
/** Few enough for the retry budget of a client with defaults. */
const APART_TASKS = 50;
const fixtures = new FixtureSet();
const BRIDGE = /-m anant_bridge spawned/;

/** What each engine consists of, by command line; looked for below this process only. */
const PARTS: Readonly<Record<EngineName, Readonly<Record<string, RegExp>>>> = {
  dask: { 'all its workers': /multiprocessing.*(spawn_main|forkserver)/ },
  ray: { 'its global control service': /\/gcs_server /, 'its node manager': /\/raylet / },
  celery: { 'its broker': /redis-server /, 'all its workers': /-m celery .*worker/ },
};

function kill(pattern: RegExp): void {
  const victims = descendantsOf(process.pid).filter(({ command }) => pattern.test(command));
  expect(victims.length).toBeGreaterThan(0);
  for (const { pid } of victims) signal(pid, 'SIGKILL');
}

describeEngines('while tasks run', (engine) => {
  let client: Client;
  beforeAll(() => {
    // The budget would end most retries when everything is lost at once.
    client = connectEngine(engine, localEngine, { limits: { retryReserve: 5 * OPEN_TASKS } });
  });
  afterAll(() => client?.close({ graceMs: 0 }));

  /** Holds `OPEN_TASKS` open, kills, lets go of the tasks, and gives how they ended. */
  async function outcomesAfter(pattern: RegExp, retry: RetryOptions): Promise<Outcome[]> {
    const release = join(emptyFolder(), 'release');
    const wait = await fixtures.definition('python', 'waitForFile');
    const isRunning = first(client, 'task-start');
    const handles = Array.from({ length: OPEN_TASKS }, () => client.submit(wait, { release }, { retry }));
    try {
      await isRunning;
      const isNoticed = first(client, 'task-retry', 'task-end');
      kill(pattern);
      await isNoticed;
    } finally {
      writeFileSync(release, '');
    }
    return Promise.all(handles.map((handle) => handle.outcome()));
  }

  it.each(Object.entries(PARTS[engine]))(`${engine} loses %s`, async (_, pattern) => {
    const outcomes = await outcomesAfter(pattern, { attempts: 5 });
    expect([...new Set(outcomes.map(({ status }) => status))]).toEqual(['ok']);
    await expectAlive(client, 'python');
  });

  it(`${engine} loses the bridge: what was open ends lost, what comes next runs under a new epoch`, async () => {
    const epoch = await epochOf(client, engine);
    const outcomes = await outcomesAfter(BRIDGE, { attempts: 1 });
    for (const { status } of outcomes) expect(['lost', 'ok']).toContain(status);
    expect(outcomes.some(({ status }) => status === 'lost')).toBe(true);
    await expectAlive(client, 'python');
    expect(await epochOf(client, engine)).toBeGreaterThan(epoch);
    expect(await client.health()).toMatchObject({
      openTasks: 0,
      backends: { [engine]: { openAttempts: 0 } },
    });
  });
});

async function first(client: Client, ...types: readonly ClientEvent['type'][]): Promise<void> {
  for await (const event of client.events()) if (types.includes(event.type)) return;
}

async function epochOf(client: Client, engine: EngineName): Promise<number> {
  await expectAlive(client, 'python');
  return (await client.health()).backends[engine]!.health!.epoch;
}

/** A local Dask has its scheduler in the bridge: this one runs apart. */
const reason = process.env.ANANT_PYTHON ? '' : ' (skipped: ANANT_PYTHON names no interpreter)';
sayNotInjected("death of Dask's scheduler", noPython());
it.skipIf(reason !== '')(`dask loses its scheduler and gets another${reason}`, async () => {
  const apart = await daskApart((options) => makeEngine('dask', options));
  onTestFinished(() => apart.close());
  const client = connect({ backends: { dask: apart.backend }, defaults: { backend: 'dask' } });
  onTestFinished(() => client.close({ graceMs: 0 }));
  const release = join(emptyFolder(), 'release');
  const wait = await fixtures.definition('python', 'waitForFile');
  const isRunning = first(client, 'task-start');
  const handles = Array.from({ length: APART_TASKS }, () => client.submit(wait, { release }));
  await isRunning;
  const restart = await apart.stopControlPlane();
  writeFileSync(release, '');
  await restart();
  const outcomes = await Promise.all(handles.map((handle) => handle.outcome()));
  expect([...new Set(outcomes.map(({ status }) => status))]).toEqual(['ok']);
  await expectAlive(client, 'python');
});
