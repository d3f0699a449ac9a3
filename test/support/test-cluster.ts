/** A cluster of real processes below this one: a head and workers that are started again when they die. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ClusterAdmin } from '@anant/backend-native/cluster';
import { CertificateStore, type NodeRole, NodeSecurity } from '@anant/backend-native/security';
import type { TcpProxy } from './tcp-proxy.js';

export interface TestClusterOptions {
  readonly workers: number;
  /** Options of the workers' executors. */
  readonly native?: object;
  /** Settings of the head's scheduler, such as a short lease. */
  readonly scheduler?: object;
  /** What acknowledged tasks survive. @default 'memory' */
  readonly journal?: 'memory' | 'os' | 'fsync';
  /** A folder that is empty for the workers, by a mount namespace of their own. */
  readonly hidden?: string;
  /** How all of them gossip. */
  readonly gossip?: object;
  /** How the head does besides. */
  readonly headGossip?: object;
  /** `certificates`: every node and the driver has one, and every connection is encrypted. @default 'token' */
  readonly security?: 'token' | 'certificates';
  /** A folder of the head's own, and what its program is run with. */
  readonly headDisk?: { readonly folder: string; readonly command: readonly string[] };
  /** Workers reach the head through this. */
  readonly workersVia?: TcpProxy;
  /** NODE_OPTIONS of head and workers. */
  readonly nodeOptions?: string;
  /** Whether workers that end are started again. @default 'on' */
  readonly restarts?: 'on' | 'off';
}

/** Runs a program that finds a folder empty; the program keeps its process id. */
const HIDE = 'mount -t tmpfs none "$0" && exec "$@"';
/** Whether this machine lets us make mount namespaces. */
export const canHide = (): boolean =>
  spawnSync('unshare', ['--mount', 'sh', '-c', HIDE, tmpdir(), 'true']).status === 0;

const READY_MS_MAX = 60_000;
const DRIVER = 'driver';
const OUTPUT_CHARACTERS_MAX = 16_000;
const resolve = createRequire(import.meta.url).resolve;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class TestCluster {
  readonly token = randomBytes(16).toString('hex');
  readonly #options: TestClusterOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), 'anant-test-cluster-'));
  readonly #workers = new Map<string, ChildProcess>();
  readonly #ready = new Set<ChildProcess>();
  #head: ChildProcess | undefined;
  readonly #certificates = new Map<string, { readonly certificates: string }>();
  #isClosing = false;
  #output = '';
  #headEnd: string | undefined;
  address = '';

  private constructor(options: TestClusterOptions) {
    this.#options = options;
  }

  static async start(options: TestClusterOptions): Promise<TestCluster> {
    const cluster = new TestCluster(options);
    try {
      const names = Array.from({ length: options.workers }, (_, index) => `worker-${index + 1}`);
      if (options.security === 'certificates') await cluster.#makeCertificates(names);
      await cluster.startHead();
      await Promise.all(names.map((name) => cluster.startWorker(name)));
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  /** Options of the native backend that use this cluster. */
  get options() {
    return { cluster: { address: this.address, ...this.#own } };
  }

  /** What a driver shows. */
  get #own() {
    return this.#certificates.get(DRIVER) ?? { token: this.token };
  }

  get headPid(): number {
    return this.#head?.pid ?? 0;
  }

  get workerPids(): readonly number[] {
    return [...this.#workers.values()].flatMap(({ pid }) => pid ?? []);
  }

  /** Of the workers that have joined. */
  get readyWorkerPids(): readonly number[] {
    return [...this.#ready].flatMap(({ pid }) => pid ?? []);
  }

  /** What its processes wrote last. */
  get output(): string {
    return this.#output;
  }

  /** Starts the head, at the address it had before. */
  async startHead(): Promise<void> {
    const port = Number(this.address.split(':')[1] ?? 0);
    const { scheduler, journal, gossip, headGossip } = this.#options;
    const kept = { ...(scheduler && { scheduler }), ...(journal && { journal }) };
    const own = this.#certificates.get('head');
    const all = { port: 0, ...gossip, ...headGossip };
    const folder = this.#options.headDisk?.folder ?? this.#folder;
    const options = { port, folder, gossip: all, ...own, ...kept };
    const { child, address } = await this.#spawn('head-main', options);
    this.#head = child;
    this.address = address;
    this.#options.workersVia?.aim(Number(address.split(':')[1]));
  }

  /** Kills the head without warning. */
  async killHead(): Promise<void> {
    const head = this.#head;
    this.#head = undefined;
    if (head) await kill(head);
  }

  async startWorker(name: string): Promise<void> {
    const { native, gossip, workersVia, restarts = 'on' } = this.#options;
    const codeFolder = join(this.#folder, 'code');
    const own = this.#certificates.get(name);
    const given = { ...own, ...(native && { native }), ...(gossip && { gossip }) };
    const options = { head: workersVia?.address ?? this.address, name, codeFolder, ...given };
    const { child } = await this.#spawn('worker-main', options, (spawned) => {
      this.#workers.set(name, spawned);
      spawned.once('exit', () => {
        this.#ready.delete(spawned);
        // As a service manager would.
        if (restarts === 'on' && !this.#isClosing && this.#workers.get(name) === spawned)
          void this.startWorker(name).catch(() => {});
      });
    });
    this.#workers.set(name, child);
    if (child.exitCode === null && child.signalCode === null) this.#ready.add(child);
  }

  /** Kills a worker without warning, and waits until the head knows. */
  async killWorker(pid: number): Promise<void> {
    const own = this.#certificates.get(DRIVER);
    const security = own && (await NodeSecurity.open({ directory: own.certificates }));
    const shown = security ? { security } : { token: this.token };
    const admin = new ClusterAdmin({ address: this.address, ...shown });
    try {
      process.kill(pid, 'SIGKILL');
      while ((await admin.status()).members.some((member) => member.pid === pid)) await setImmediate();
    } finally {
      admin.close();
      security?.close();
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([...this.#workers.values()].map(kill));
    await this.killHead();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** One after the other: each is a file of one authority. */
  async #makeCertificates(workers: readonly string[]): Promise<void> {
    const folder = join(this.#folder, 'authority');
    const store = await CertificateStore.create(folder, { cluster: 'test' });
    const nodes: [string, NodeRole][] = workers.map((name) => [name, 'worker']);
    for (const [nodeId, role] of [['head', 'head'], [DRIVER, 'driver'], ...nodes] as const) {
      const issued = await store.issue({ nodeId, role, hosts: ['127.0.0.1'] });
      this.#certificates.set(nodeId, { certificates: issued.folder });
    }
  }

  async #spawn(
    program: 'head-main' | 'worker-main',
    options: object,
    onSpawn: (child: ChildProcess) => void = () => {},
  ): Promise<{ readonly child: ChildProcess; readonly address: string }> {
    const { hidden, headDisk, nodeOptions } = this.#options;
    const run = [process.execPath, resolve(`@anant/backend-native/${program}`), JSON.stringify(options)];
    const hide = program === 'worker-main' && hidden ? ['unshare', '--mount', 'sh', '-c', HIDE, hidden] : [];
    const before = program === 'head-main' && headDisk ? headDisk.command : hide;
    const [command, ...args] = [...before, ...run];
    const child = spawn(command!, args, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        ...(this.#certificates.size === 0 && { ANANT_CLUSTER_TOKEN: this.token }),
        ...(nodeOptions && { NODE_OPTIONS: nodeOptions }),
      },
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    let own = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        this.#output = (this.#output + String(chunk)).slice(-OUTPUT_CHARACTERS_MAX);
        own = (own + String(chunk)).slice(-OUTPUT_CHARACTERS_MAX);
      });
    }
    onSpawn(child);
    child.once('exit', (code, signal) => {
      if (this.#head !== child || this.#isClosing) return;
      this.#headEnd = `The head ended by itself with ${signal ?? code}:\n${own}`;
      console.error(this.#headEnd);
    });
    const address = await new Promise<string>((settle, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${program} is not ready:\n${this.#output}`)),
        READY_MS_MAX,
      );
      child.once('message', (message) => {
        clearTimeout(timer);
        settle((message as { address: string }).address);
      });
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        reject(new Error(`${program} ended with ${signal ?? code}:\n${this.#output}`));
      });
    });
    return { child, address };
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
