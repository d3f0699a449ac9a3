/** The bridge process is killed, frozen or keeps dying: every handle settles, and new work runs under a new epoch. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createBridgeBackend, planLaunch, STARTS_PER_MINUTE_MAX } from '@anant/bridge';
import { type Clock, systemClock } from '@anant/core';
import { afterEach, describe, expect, it } from 'vitest';
import { createBackend } from '../conformance/support/bridge-local.mjs';
import { descendantsOf, newestDescendant, signal, survivors } from '../conformance/support/processes.js';
import { DrivenBackend } from '../support/driven-backend.js';

const { ANANT_PYTHON } = process.env;
const title = ANANT_PYTHON ? 'supervision' : 'supervision (skipped: ANANT_PYTHON names no interpreter)';
const BRIDGE = /-m anant_bridge spawned/;
const open: DrivenBackend<ReturnType<typeof createBackend>>[] = [];

/** So slow that what it measures happens within a minute, whatever the machine. */
const slowClock: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() / 20 };
/** What the bridge promises: everything gone within this time of the parent's death. */
const ORPHANS_MS_MAX = 2_000;

async function started({ clock, ...overrides }: { random?: () => number; clock?: Clock } = {}) {
  const { manifest } = createBackend();
  const backend = createBridgeBackend({
    id: 'bridge',
    manifest,
    engine: 'local',
    engineOptions: { local: { workers: 2 } },
    launch: () => planLaunch({ engine: 'local' }),
    random: () => 0,
    ...overrides,
  });
  const driven = new DrivenBackend(backend, clock);
  open.push(driven);
  return driven.start();
}

/** Folders a process made. */
const privateFolders = (pid: number): string[] =>
  [tmpdir(), '/dev/shm'].flatMap((base) =>
    readdirSync(base).filter((name) => name.startsWith(`anant-${pid}-`)),
  );

describe.skipIf(!ANANT_PYTHON)(title, () => {
  afterEach(async () => {
    await Promise.all(open.splice(0).map((driven) => driven.stop(0)));
  });

  it('settles 1,000 open tasks when the bridge is killed, and runs new ones under a new epoch', async () => {
    const driven = await started();
    const gate = driven.gate();
    const ids = driven.submit('waitForFile', Array(1_000).fill({ release: gate.path }));
    await driven.started(ids[0]!);
    signal(newestDescendant(BRIDGE).pid, 'SIGKILL');
    const ends = await Promise.all(ids.map((id) => driven.end(id)));
    expect(new Set(ends.map(({ outcome }) => outcome.status))).toEqual(new Set(['lost']));
    expect(ends.some(({ outcome }) => outcome.status === 'lost' && outcome.started === 'yes')).toBe(true);
    expect(await driven.state('down')).toMatchObject({ epoch: 1 });
    expect(await driven.state('ready', 2)).toMatchObject({ epoch: 2 });
    const [next] = driven.submit('echo', ['alive']);
    expect(await driven.value(next!)).toBe('alive');
    expect(driven.ends).toHaveLength(1_001);
    expect(await driven.backend.doHealth()).toMatchObject({ state: 'ready', epoch: 2, openTasks: 0 });
  });

  it('takes a bridge that is silent for 15 seconds for dead', async () => {
    const driven = await started();
    const gate = driven.gate();
    const [id] = driven.submit('waitForFile', [{ release: gate.path }]);
    await driven.started(id!);
    const before = descendantsOf(process.pid).map(({ pid }) => pid);
    signal(newestDescendant(BRIDGE).pid, 'SIGSTOP');
    const { outcome } = await driven.end(id!);
    expect(outcome).toMatchObject({ status: 'lost', started: 'yes' });
    await driven.state('ready', 2);
    // Nothing of the frozen one is left, its workers included.
    expect(await survivors(before, 10_000)).toEqual([]);
  });

  it('ends what is submitted while the bridge is down, without waiting', async () => {
    const driven = await started({ random: () => 0.999 });
    signal(newestDescendant(BRIDGE).pid, 'SIGKILL');
    await driven.state('down');
    const [id] = driven.submit('echo', [1]);
    expect((await driven.end(id!)).outcome).toMatchObject({ status: 'lost', started: 'no' });
    await expect(driven.backend.doGet('x')).rejects.toMatchObject({ code: 'E_BACKEND_UNAVAILABLE' });
    expect(await driven.backend.doHealth()).toMatchObject({ state: 'down' });
  });

  it('stays down when the bridge keeps dying, and says what to do', async () => {
    const driven = await started({ clock: slowClock });
    for (let epoch = 1; epoch <= STARTS_PER_MINUTE_MAX; epoch += 1) {
      await driven.state('ready', epoch);
      signal(newestDescendant(BRIDGE).pid, 'SIGKILL');
    }
    const { reason } = await driven.event(
      (event): event is Extract<typeof event, { type: 'backend-state' }> =>
        event.type === 'backend-state' && event.state === 'down' && event.reason.includes('stays down'),
    );
    expect(reason).toContain('connect again');
    const [id] = driven.submit('echo', [1]);
    expect((await driven.end(id!)).outcome).toMatchObject({ status: 'lost', started: 'no' });
  });

  it('leaves no process and no folder behind, stopped or killed', async () => {
    const folders = privateFolders(process.pid);
    const before = descendantsOf(process.pid).map(({ pid }) => pid);
    const driven = await started();
    const [id] = driven.submit('add', [{ a: 1, b: 2 }], { kind: 'typescript' });
    expect(await driven.value(id!)).toBe(3);
    signal(newestDescendant(BRIDGE).pid, 'SIGKILL');
    await driven.state('ready', 2);
    await driven.stop(0);
    const after = descendantsOf(process.pid).map(({ pid }) => pid);
    expect(
      await survivors(
        after.filter((pid) => !before.includes(pid)),
        ORPHANS_MS_MAX,
      ),
    ).toEqual([]);
    expect(privateFolders(process.pid).filter((name) => !folders.includes(name))).toEqual([]);
  });

  it('leaves nothing when the process that uses it is killed', async () => {
    const program = fileURLToPath(new URL('./parent.mjs', import.meta.url));
    const parent = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(parent.stdout, 'data');
    const pid = parent.pid as number;
    const below = descendantsOf(pid).map((found) => found.pid);
    expect(below.length).toBeGreaterThan(0);
    expect(privateFolders(pid)).toHaveLength(2);
    parent.kill('SIGKILL');
    expect(await survivors(below, ORPHANS_MS_MAX)).toEqual([]);
    expect(privateFolders(pid)).toEqual([]);
  });

  it('can be stopped while it starts', async () => {
    const { manifest } = createBackend();
    const backend = createBridgeBackend({
      id: 'bridge',
      manifest,
      engine: 'local',
      engineOptions: {},
      launch: () => planLaunch({ engine: 'local' }),
    });
    const driven = new DrivenBackend(backend);
    const starting = driven.start();
    await backend.doStop({ graceMs: 0 });
    await expect(starting).rejects.toMatchObject({ code: 'E_BACKEND_CLOSED' });
    expect(() => newestDescendant(BRIDGE)).toThrow();
  });
});
