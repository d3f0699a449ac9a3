/** A bridge that somebody else runs, reached by address: token, keys, and what happens when it goes away. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AttachLaunch, createBridgeBackend, pythonSource } from '@anant/bridge';
import { describe, expect, it, onTestFinished } from 'vitest';
import { curveKeyPair } from 'zeromq';
import { createBackend } from '../conformance/support/bridge-local.mjs';
import { DrivenBackend } from '../support/driven-backend.js';

const { ANANT_PYTHON } = process.env;
const title = ANANT_PYTHON ? 'attach' : 'attach (skipped: ANANT_PYTHON names no interpreter)';
const TOKEN = 'a token for this test';

interface Served {
  readonly address: string;
  readonly process: ChildProcess;
}

async function serve(args: readonly string[] = [], port = 0): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'anant-test-'));
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, TOKEN, { mode: 0o600 });
  const bind = `tcp://127.0.0.1:${port}`;
  const child = spawn(
    ANANT_PYTHON as string,
    ['-m', 'anant_bridge', 'serve', '--bind', bind, '--token-file', tokenFile, ...args],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, PYTHONPATH: join(pythonSource(), 'src') } },
  );
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  });
  let output = '';
  const address = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      output += chunk;
      const found = /listening on (tcp:\/\/\S+)/.exec(output);
      if (found) resolve(found[1] as string);
    });
    child.once('exit', () => reject(new Error(`The bridge ended: ${output}`)));
  });
  return { address, process: child };
}

function attached(launch: Omit<AttachLaunch, 'how'>) {
  const backend = createBridgeBackend({
    id: 'bridge',
    manifest: createBackend().manifest,
    engine: 'local',
    engineOptions: { local: { workers: 1 } },
    launch: async () => ({ how: 'attach', ...launch }),
    random: () => 0,
  });
  const driven = new DrivenBackend(backend);
  onTestFinished(() => driven.stop(0));
  return driven;
}

describe.skipIf(!ANANT_PYTHON)(title, () => {
  it('runs tasks, and leaves the bridge running for the next client', async () => {
    const { address, process: server } = await serve();
    for (const round of [1, 2]) {
      const driven = await attached({ address, token: TOKEN }).start();
      const [id] = driven.submit('echo', [round]);
      expect(await driven.value(id!)).toBe(round);
      await driven.stop();
    }
    expect(server.exitCode).toBeNull();
  });

  it('refuses a wrong token', async () => {
    const { address } = await serve();
    await expect(attached({ address, token: 'guess' }).start(60_000)).rejects.toThrow(/token/i);
  });

  it('says in time that nobody listens', async () => {
    const { address, process: server } = await serve();
    server.kill('SIGKILL');
    await once(server, 'exit');
    await expect(attached({ address, token: TOKEN }).start(1_000)).rejects.toMatchObject({
      code: 'E_BACKEND_UNAVAILABLE',
    });
  });

  it('admits only clients with a listed key when it has keys', async () => {
    const [server, client, stranger] = [curveKeyPair(), curveKeyPair(), curveKeyPair()];
    const folder = mkdtempSync(join(tmpdir(), 'anant-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'secret'), server.secretKey, { mode: 0o600 });
    writeFileSync(join(folder, 'clients'), client.publicKey);
    const keys = ['--curve-secret', join(folder, 'secret'), '--curve-clients', join(folder, 'clients')];
    const { address } = await serve(keys);
    const curve = { serverKey: server.publicKey, ...client };
    const driven = await attached({ address, token: TOKEN, curve }).start();
    const [id] = driven.submit('echo', ['secret']);
    expect(await driven.value(id!)).toBe('secret');
    await driven.stop();
    const other = { serverKey: server.publicKey, ...stranger };
    await expect(attached({ address, token: TOKEN, curve: other }).start(3_000)).rejects.toThrow();
    await expect(attached({ address, token: TOKEN }).start(1_000)).rejects.toThrow();
  });

  it('loses open tasks when the bridge dies, and comes back when there is one again', async () => {
    const { address, process: server } = await serve();
    const driven = await attached({ address, token: TOKEN }).start();
    const gate = driven.gate();
    const [id] = driven.submit('waitForFile', [{ release: gate.path }]);
    await driven.started(id!);
    server.kill('SIGKILL');
    expect((await driven.end(id!)).outcome).toMatchObject({ status: 'lost', started: 'yes' });
    await driven.state('down');
    await serve([], Number(address.split(':').at(-1)));
    await driven.state('ready', 2);
    const [next] = driven.submit('echo', ['again']);
    expect(await driven.value(next!)).toBe('again');
  });
});
