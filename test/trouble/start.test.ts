/** Engines that cannot be used: every reason has its code and its advice, and another backend takes over in time. */
import { chmodSync } from 'node:fs';
import { native } from '@anant/backend-native';
import { type Client, type ConnectOptions, connect } from '@anant/core';
import { FixtureSet } from '@anant/core/conformance';
import { expect, it, onTestFinished } from 'vitest';
import { fileWith, runCli } from '../cli/run-cli.js';
import { descendantsOf } from '../conformance/support/processes.js';
import { describeEngines, type EngineName, makeEngine } from './engines.js';
import { expectStatus } from './task-trouble.js';

const { ANANT_PYTHON } = process.env;
const EXIT_BACKEND = 4;
const fixtures = new FixtureSet();

/** Addresses where nothing listens. */
const NOWHERE: Readonly<Record<EngineName, string>> = {
  dask: 'tcp://127.0.0.1:1',
  ray: '127.0.0.1:1',
  celery: 'redis://127.0.0.1:1/0',
};

/** A program that answers as a Python would. */
function pretendPython(...lines: readonly string[]): string {
  const path = fileWith('python', ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(path, 0o755);
  return path;
}

const REASONS = {
  'no Python there': { python: () => '/nonexistent/python', code: 'E_PYTHON_VERSION', says: /cannot be run/ },
  'a Python that is too old': {
    python: () => pretendPython(`echo '{"version": "3.9.1", "packages": {}}'`),
    code: 'E_PYTHON_VERSION',
    says: /is Python 3\.9\.1; 3\.11, 3\.12, 3\.13 are supported/,
  },
  'a Python without the engine': {
    // -S leaves installed packages out.
    python: () => pretendPython(`exec "${ANANT_PYTHON}" -S "$@"`),
    code: 'E_ENGINE_NOT_INSTALLED',
    says: /needs Python packages that .* does not have: .*\b(distributed|ray|celery)\b/,
  },
} as const;

function connectTo(options: ConnectOptions): Client {
  const client = connect(options);
  onTestFinished(() => client.close({ graceMs: 0 }));
  return client;
}

async function failureOf(client: Client, backend: string): Promise<Error> {
  const before = descendantsOf(process.pid).map(({ pid }) => pid);
  const handle = client.submit(fixtures.kernelDefinition('trap'), {}, { backend });
  const { error } = expectStatus(await handle.outcome(), 'app-error');
  await client.close({ graceMs: 0 });
  expect(descendantsOf(process.pid).filter(({ pid }) => !before.includes(pid))).toEqual([]);
  return error;
}

describeEngines('cannot start', (engine) => {
  it.each(Object.keys(REASONS) as (keyof typeof REASONS)[])('with %s', async (title) => {
    const { python, code, says } = REASONS[title];
    const client = connectTo({ backends: { [engine]: makeEngine(engine, { python: python() }) } });
    const error = await failureOf(client, engine);
    expect(error.message).toMatch(says);
    expect(error).toMatchObject({ code, advice: expect.stringContaining(`npx anant setup ${engine}`) });
  });

  it('where nothing listens; the next backend takes tasks that may go there, and says so', async () => {
    const client = connectTo({
      // Variables of one's own do not hide where Python is.
      backends: {
        [engine]: makeEngine(engine, { address: NOWHERE[engine], env: { TZ: 'UTC' } }),
        native: native(),
      },
      workloads: { interactive: { primary: [engine], secondary: ['native'], fallback: 'allow' } },
    });
    const echo = await fixtures.definition('typescript', 'echo');
    const [pinned, free] = [client.submit(echo, 1, { backend: engine }), client.submit(echo, 2)];
    const outcome = await free.outcome();
    expect(outcome).toMatchObject({ status: 'ok', value: 2, backend: 'native' });
    expect(outcome.warnings).toEqual([
      expect.objectContaining({ type: 'fallback', message: expect.stringContaining(engine) }),
    ]);
    const { error } = expectStatus(await pinned.outcome(), 'app-error');
    expect(error).toMatchObject({ code: 'E_ENGINE_UNREACHABLE', advice: expect.any(String) });
    expect(error.message).toContain('127.0.0.1:1');
  });
});

it('an engine that cannot start ends `anant run` with its own exit code, the reason and the advice', async () => {
  const path = fileWith('graph.txt', '1 2\n');
  const config = fileWith(
    'anant.config.json',
    JSON.stringify({ backends: { ray: { local: true, python: '/nonexistent/python' } } }),
  );
  const { exitCode, stdout, stderr } = await runCli([
    'run',
    'degrees',
    path,
    '--backend',
    'ray',
    '-c',
    config,
  ]);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/E_PYTHON_VERSION: .*\/nonexistent\/python/);
  expect(stderr).toContain('npx anant setup ray');
  expect(exitCode).toBe(EXIT_BACKEND);
});
