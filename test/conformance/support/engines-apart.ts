/** Engines that run apart from the backend that uses them: a Dask scheduler, a Ray head, a Redis broker. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackendV1 } from '@anant/core';
import type { BackendApart } from '@anant/core/conformance';
import { EngineProcess, freePort, listens } from './engine-process.js';
import { root } from './report-file.js';

const python = process.env.ANANT_PYTHON ?? 'python3';
/** Workers import the tasks and the Python half from the repository. */
const PYTHON_PATH = { PYTHONPATH: join(root, 'python', 'src') };

type Make = (options: object) => BackendV1;

/** The parts of one engine: what is killed, and what has to be started with it again. */
interface Parts {
  startControlPlane(): Promise<EngineProcess>;
  startWorkers?(): Promise<EngineProcess>;
}

async function apart(backend: BackendV1, parts: Parts, folder: string): Promise<BackendApart> {
  let controlPlane = await parts.startControlPlane();
  let workers = await parts.startWorkers?.();
  return {
    backend,
    async stopControlPlane() {
      await controlPlane.kill();
      return async () => {
        await workers?.kill();
        controlPlane = await parts.startControlPlane();
        workers = await parts.startWorkers?.();
      };
    },
    async close() {
      await workers?.kill();
      await controlPlane.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const ready = (): boolean => true;
const newFolder = (name: string): string => mkdtempSync(join(tmpdir(), `anant-${name}-apart-`));

export async function daskApart(make: Make): Promise<BackendApart> {
  const [port, folder] = [await freePort(), newFolder('dask')];
  const address = `tcp://127.0.0.1:${port}`;
  const scheduler = ['-m', 'distributed.cli.dask_scheduler', '--host', '127.0.0.1', '--port', `${port}`];
  const worker = ['-m', 'distributed.cli.dask_worker', address, '--nworkers', '2', '--nthreads', '1'];
  const parts: Parts = {
    startControlPlane: () =>
      EngineProcess.start([python, ...scheduler, '--no-dashboard'], PYTHON_PATH, () => listens(port)),
    startWorkers: () =>
      EngineProcess.start(
        [python, ...worker, '--no-dashboard', '--local-directory', folder],
        PYTHON_PATH,
        ready,
      ),
  };
  return apart(make({ address }), parts, folder);
}

export async function rayApart(make: Make): Promise<BackendApart> {
  const [port, folder] = [await freePort(), newFolder('ray')];
  const head = ['-m', 'ray.scripts.scripts', 'start', '--head', `--port=${port}`, '--num-cpus=2', '--block'];
  const quiet = [
    '--include-dashboard=false',
    '--no-monitor',
    '--disable-usage-stats',
    '--include-log-monitor=false',
  ];
  const env = {
    RAY_AUTH_MODE: 'token',
    RAY_AUTH_TOKEN: randomBytes(32).toString('hex'),
    // Keeps Ray's idea of this machine's address at loopback.
    RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER: '0',
  };
  const parts: Parts = {
    startControlPlane: () =>
      EngineProcess.start(
        [python, ...head, ...quiet, '--node-ip-address=127.0.0.1', `--temp-dir=${folder}`],
        { ...PYTHON_PATH, ...env },
        (output) => output.includes('Ray runtime started'),
      ),
  };
  return apart(make({ address: `127.0.0.1:${port}`, env }), parts, folder);
}

export async function celeryApart(make: Make): Promise<BackendApart> {
  const [port, folder] = [await freePort(), newFolder('celery')];
  const address = `redis://127.0.0.1:${port}/0`;
  const redis = ['redis-server', '--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder];
  const worker = ['-m', 'celery', '-A', 'anant_bridge.celery_app', 'worker', '-P', 'prefork', '-c', '2'];
  const quiet = ['--without-gossip', '--without-mingle', '--without-heartbeat', '-l', 'WARNING'];
  const parts: Parts = {
    startControlPlane: () =>
      EngineProcess.start([...redis, '--appendonly', 'yes', '--save', ''], {}, () => listens(port)),
    startWorkers: () =>
      EngineProcess.start(
        [python, ...worker, '-Q', 'anant', ...quiet],
        { ...PYTHON_PATH, ANANT_BROKER_URL: address },
        ready,
      ),
  };
  return apart(make({ address }), parts, folder);
}
