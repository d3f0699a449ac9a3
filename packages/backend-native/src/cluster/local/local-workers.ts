/** The workers of this machine's cluster, for whoever starts more of them. */
import { join } from 'node:path';
import { AnantError } from '@anant/core';
import type { NativeOptions } from '../../embedded/options.js';
import type { WorkerProvider } from '../scaler/auto-scaler.js';
import { LocalCertificates } from './local-certificates.js';
import { READY_MS_MAX } from './local-cluster.js';
import { startProgram } from './node-program.js';
import { isSameProcess } from './process-identity.js';
import {
  clusterFolder,
  type LocalCluster,
  type LocalProcess,
  readLocalCluster,
  writeLocalCluster,
} from './state-file.js';

export class LocalWorkers implements WorkerProvider {
  readonly #directory: string;
  readonly #native: NativeOptions;

  /** @param directory Of the cluster, as `findLocalCluster` gives it. */
  constructor(directory: string, native: NativeOptions) {
    this.#directory = directory;
    this.#native = native;
  }

  /** Starts workers, one after the other. @throws AnantError when one does not become ready */
  async start(count: number): Promise<readonly string[]> {
    const names: string[] = [];
    for (let at = 0; at < count; at++) names.push(await this.#startOne());
    return names;
  }

  /** Forgets the processes that have ended, so that nothing is told to end that is somebody else's by then. */
  forgetEnded(): void {
    const state = this.#state();
    const workers = state.workers.filter(isSameProcess);
    if (workers.length < state.workers.length) writeLocalCluster(this.#directory, { ...state, workers });
  }

  async #startOne(): Promise<string> {
    const { address, token, workers, bind, certificates } = this.#state();
    const name = freeName(workers);
    const folder = certificates && (await certificateOf(name, certificates.authority, bind));
    const { address: _address, ...worker } = await startProgram({
      program: 'worker-main',
      name,
      options: {
        head: address,
        name,
        native: this.#native,
        ...(bind !== undefined && { dataHost: bind }),
        ...(folder && { certificates: folder }),
      },
      token,
      directory: this.#directory,
      logFile: join(clusterFolder(this.#directory), `${name}.log`),
      readyMsMax: READY_MS_MAX,
    });
    const state = this.#state();
    writeLocalCluster(this.#directory, { ...state, workers: [...state.workers, worker] });
    return name;
  }

  #state(): LocalCluster {
    const state = readLocalCluster(this.#directory);
    if (state !== undefined) return state;
    throw new AnantError('E_BACKEND_UNAVAILABLE', `No cluster runs for ${this.#directory} any more.`, {
      advice: '`npx anant up` starts one.',
    });
  }
}

async function certificateOf(name: string, folder: string, bind: string | undefined): Promise<string> {
  return await (await LocalCertificates.open({ folder, bind })).folderOf(name, 'worker');
}

function freeName(workers: readonly LocalProcess[]): string {
  const taken = new Set(workers.map(({ name }) => name));
  for (let number = 1; ; number++) {
    if (!taken.has(`worker-${number}`)) return `worker-${number}`;
  }
}
