/** A cluster of several heads and some workers below this process, on a Redis: killed, stopped and started again by name. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterAdmin, type StatusResponse } from '@anant/backend-native/cluster';
import { eventually } from '@anant/core/testing';
import { freePort } from './redis-server.js';

export interface TestHeadsOptions {
  readonly heads: number;
  readonly workers: number;
  readonly redis: readonly string[];
  /** @default 'memory' */
  readonly journal?: 'memory' | 'os' | 'fsync';
}

const READY_MS_MAX = 60_000;
const OUTPUT_CHARACTERS_MAX = 12_000;
const resolve = createRequire(import.meta.url).resolve;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class TestHeads {
  readonly token = randomBytes(16).toString('hex');
  readonly #options: TestHeadsOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), 'anant-test-heads-'));
  /** Of this cluster, in Redis. */
  readonly namespace = `test-${randomBytes(6).toString('hex')}`;
  /** By epoch, the heads that were seen to lead under it. */
  readonly leaders = new Map<number, Set<string>>();
  readonly #processes = new Map<string, ChildProcess>();
  #heads: readonly { readonly name: string; readonly address: string }[] = [];
  #output = '';

  private constructor(options: TestHeadsOptions) {
    this.#options = options;
  }

  static async start(options: TestHeadsOptions): Promise<TestHeads> {
    const cluster = new TestHeads(options);
    try {
      const names = Array.from({ length: options.heads }, (_, index) => `head-${index + 1}`);
      const ports = await Promise.all(names.map(() => freePort()));
      cluster.#heads = names.map((name, index) => ({ name, address: `127.0.0.1:${ports[index]}` }));
      await Promise.all(names.map((name) => cluster.startHead(name)));
      for (let index = 1; index <= options.workers; index += 1) await cluster.startWorker(`worker-${index}`);
      await cluster.inSync(options.heads);
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  get address(): string {
    return this.#heads.map(({ address }) => address).join(',');
  }

  /** Options of the native backend that use this cluster. */
  get options() {
    return { cluster: { address: this.address, token: this.token } };
  }

  get output(): string {
    return this.#output;
  }

  async startHead(name: string): Promise<void> {
    const { redis, journal = 'memory' } = this.#options;
    const port = Number(this.#heads.find((head) => head.name === name)?.address.split(':')[1]);
    const several = { name, namespace: this.namespace, redis, heads: this.#heads };
    await this.#spawn('head-main', name, { port, folder: join(this.#folder, name), journal, several });
  }

  async startWorker(name: string): Promise<void> {
    await this.#spawn('worker-main', name, { head: this.address, name, native: { slots: 2 } });
  }

  signal(name: string, signal: NodeJS.Signals): void {
    this.#processes.get(name)?.kill(signal);
  }

  async kill(name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#processes.get(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  async status(): Promise<StatusResponse> {
    const admin = new ClusterAdmin({ address: this.address, token: this.token });
    try {
      const status = await admin.status();
      const { name } = status.heads.find(({ state }) => state === 'leader') ?? {};
      if (status.leadership === 'leader' && name !== undefined)
        this.leaders.set(status.epoch, (this.leaders.get(status.epoch) ?? new Set()).add(name));
      return status;
    } finally {
      admin.close();
    }
  }

  /** Waits for a leader with so many heads in sync, itself included. @returns its name */
  async inSync(count: number, timeoutMs = 60_000): Promise<string> {
    let leader = '';
    await eventually(async () => {
      const { heads } = await this.status();
      leader = heads.find(({ state }) => state === 'leader')?.name ?? '';
      const following = heads.filter(({ state }) => state === 'in-sync').length;
      return leader !== '' && following + 1 >= count;
    }, timeoutMs);
    return leader;
  }

  async close(): Promise<void> {
    for (const name of this.#processes.keys()) await this.kill(name);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #spawn(program: 'head-main' | 'worker-main', name: string, options: object): Promise<void> {
    const child = spawn(
      process.execPath,
      [resolve(`@anant/backend-native/${program}`), JSON.stringify(options)],
      {
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        env: { ...process.env, ANANT_CLUSTER_TOKEN: this.token },
      },
    );
    running.add(child);
    child.once('exit', () => running.delete(child));
    this.#processes.set(name, child);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        this.#output = `${this.#output}${name}: ${String(chunk)}`.slice(-OUTPUT_CHARACTERS_MAX);
      });
    }
    await new Promise<void>((settle, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${name} is not ready:\n${this.#output}`)),
        READY_MS_MAX,
      );
      child.once('message', () => {
        clearTimeout(timer);
        settle();
      });
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        reject(new Error(`${name} ended with ${signal ?? code}:\n${this.#output}`));
      });
    });
  }
}
