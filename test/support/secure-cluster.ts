/** A head and workers with certificates, as processes on addresses of their own of this machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CertificateStore, type NodeRole } from '@anant/backend-native/security';

const READY_MS_MAX = 60_000;
const HEAD_HOST = '127.0.0.2';
const WORKER_HOST = '127.0.0.3';
const resolve = createRequire(import.meta.url).resolve;

export class SecureCluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'anant-secure-'));
  readonly #children: ChildProcess[] = [];
  readonly #nativeOptions: object;
  /** Whose certificates count here. */
  store!: CertificateStore;
  address = '';
  /** What its processes wrote. */
  output = '';

  private constructor(nativeOptions: object) {
    this.#nativeOptions = nativeOptions;
  }

  static async start(workers: readonly string[], nativeOptions: object): Promise<SecureCluster> {
    const cluster = new SecureCluster(nativeOptions);
    try {
      cluster.store = await CertificateStore.create(join(cluster.folder, 'ours'), { cluster: 'ours' });
      const certificates = await cluster.issue('head', 'head');
      const folder = join(cluster.folder, 'head');
      const options = { host: HEAD_HOST, port: 0, folder, certificates, metricsPort: 0 };
      cluster.address = await cluster.spawn('head-main', options);
      for (const name of workers) await cluster.startWorker(await cluster.issue(name, 'worker'));
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  get pids(): readonly number[] {
    return this.#children.flatMap(({ pid }) => pid ?? []);
  }

  /** Options of the native backend that use this cluster with the certificate in a folder. */
  options(certificates: string) {
    return { cluster: { address: this.address, certificates, bind: '127.0.0.4', connectTimeoutMs: 5_000 } };
  }

  /** @returns the folder of the new certificate */
  async issue(nodeId: string, role: NodeRole, store = this.store): Promise<string> {
    const hosts = ['localhost', '127.0.0.1', HEAD_HOST, WORKER_HOST];
    return (await store.issue({ nodeId, role, hosts })).folder;
  }

  /** @throws Error with what was written, when it ends before it has joined */
  async startWorker(certificates: string, name?: string): Promise<void> {
    const named = name === undefined ? {} : { name };
    const where = { head: this.address, dataHost: WORKER_HOST, native: this.#nativeOptions };
    await this.spawn('worker-main', { ...where, certificates, ...named });
  }

  async close(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** @returns the address it says it is ready at */
  async spawn(program: 'head-main' | 'worker-main', options: object): Promise<string> {
    const child = spawn(
      process.execPath,
      [resolve(`@anant/backend-native/${program}`), JSON.stringify(options)],
      { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
    );
    this.#children.push(child);
    let own = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        own += String(chunk);
        this.output += String(chunk);
      });
    }
    return await new Promise<string>((settle, reject) => {
      const timer = setTimeout(() => reject(new Error(`${program} is not ready:\n${own}`)), READY_MS_MAX);
      child.once('message', (message) => {
        clearTimeout(timer);
        settle((message as { address: string }).address);
      });
      child.once('close', (code, signal) => {
        clearTimeout(timer);
        reject(new Error(`${program} ended with ${signal ?? code}:\n${own}`));
      });
    });
  }
}
