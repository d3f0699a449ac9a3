/** Starting a bridge, or failing to: each reason has its code and its advice. */
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBridgeBackend, type Launch, planLaunch, probeEngine, pythonSource } from '@anant/bridge';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBackend } from '../conformance/support/bridge-local.mjs';
import { DrivenBackend } from '../support/driven-backend.js';

const { ANANT_PYTHON } = process.env;
const title = ANANT_PYTHON ? 'start' : 'start (skipped: ANANT_PYTHON names no interpreter)';

interface Overrides {
  readonly engine?: string;
  readonly engineOptions?: Readonly<Record<string, unknown>>;
  readonly launch?: () => Promise<Launch>;
}

function driven(overrides: Overrides = {}) {
  const backend = createBridgeBackend({
    id: 'bridge',
    manifest: createBackend().manifest,
    engine: 'local',
    engineOptions: {},
    launch: () => planLaunch({ engine: 'local' }),
    ...overrides,
  });
  const made = new DrivenBackend(backend);
  onTestFinished(() => made.stop(0));
  return made;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'anant-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A Python that starts, but without any installed package. */
function barePython(): string {
  const path = join(folder(), 'python');
  writeFileSync(path, `#!/bin/sh\nexec "${ANANT_PYTHON}" -S "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

describe.skipIf(!ANANT_PYTHON)(title, () => {
  it('tells slots, window and versions', async () => {
    const { info } = await driven({ engineOptions: { local: { workers: 3 } } }).start();
    expect(info?.slots).toBe(3);
    expect(info?.windowTasks).toBeGreaterThan(0);
    expect(info?.details).toMatchObject({ anant_bridge: expect.any(String), python: expect.any(String) });
  });

  it('says that Python is missing', async () => {
    const launch = () => planLaunch({ engine: 'dask', python: '/nonexistent/python' });
    await expect(driven({ engine: 'dask', launch }).start()).rejects.toMatchObject({
      code: 'E_PYTHON_VERSION',
      advice: expect.stringContaining('npx anant setup dask'),
    });
  });

  it('says that packages are missing, and which', async () => {
    const python = barePython();
    const launch = () => planLaunch({ engine: 'ray', python });
    await expect(driven({ engine: 'ray', launch }).start()).rejects.toMatchObject({
      code: 'E_ENGINE_NOT_INSTALLED',
      message: expect.stringMatching(/pyzmq.*ray/),
      advice: 'Run `npx anant setup ray`.',
    });
  });

  it('recognises a missing module even when it was not looked for', async () => {
    const launch = async (): Promise<Launch> => ({
      ...((await planLaunch({ engine: 'local' })) as Extract<Launch, { how: 'spawn' }>),
      python: barePython(),
    });
    await expect(driven({ launch }).start()).rejects.toMatchObject({ code: 'E_ENGINE_NOT_INSTALLED' });
  });

  it('refuses another half that speaks another protocol', async () => {
    const source = join(folder(), 'src');
    cpSync(join(pythonSource(), 'src'), source, { recursive: true });
    const file = join(source, 'anant_bridge', 'version.py');
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(/PROTOCOL_VERSION = \d+/, 'PROTOCOL_VERSION = 99'),
    );
    const launch = async (): Promise<Launch> => ({
      ...((await planLaunch({ engine: 'local' })) as Extract<Launch, { how: 'spawn' }>),
      importPath: [source],
    });
    await expect(driven({ launch }).start()).rejects.toMatchObject({
      code: 'E_PROTOCOL_VERSION',
      advice: expect.any(String),
    });
  });

  it('passes on what the engine says of its options', async () => {
    const engineOptions = { local: { workerz: 3 } };
    await expect(driven({ engineOptions }).start()).rejects.toMatchObject({
      code: 'E_CONFIG_INVALID',
      message: expect.stringContaining('workerz'),
    });
  });

  it('gives up at its deadline and leaves nothing', async () => {
    const sleepy = join(folder(), 'python');
    writeFileSync(sleepy, '#!/bin/sh\nexec sleep 60\n');
    chmodSync(sleepy, 0o755);
    const launch = async (): Promise<Launch> => ({
      ...((await planLaunch({ engine: 'local' })) as Extract<Launch, { how: 'spawn' }>),
      python: sleepy,
    });
    await expect(driven({ launch }).start(1_000)).rejects.toMatchObject({ code: 'E_BACKEND_UNAVAILABLE' });
  });

  it('probes without starting anything', async () => {
    const usable = await probeEngine({ engine: 'local' });
    expect(usable.problem).toBeUndefined();
    expect(usable.python).toMatchObject({ executable: ANANT_PYTHON, origin: 'ANANT_PYTHON' });
    const bare = await probeEngine({ engine: 'celery', python: barePython() });
    expect(bare.problem).toMatchObject({ code: 'E_ENGINE_NOT_INSTALLED' });
    expect(Object.keys(bare.packages)).toEqual(expect.arrayContaining(['celery', 'redis', 'pyzmq']));
  });
});
