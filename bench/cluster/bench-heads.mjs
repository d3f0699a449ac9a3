/** Several heads, a worker and their Redis as processes of this machine, of which the leader is killed and started again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ClusterAdmin } from '@anant/backend-native/cluster';

const IN_SYNC_MS_MAX = 60_000;
const { resolve } = createRequire(import.meta.url);

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export class BenchHeads {
  token = 'bench';
  #options;
  #children = new Set();
  #processes = new Map();
  #heads = [];
  #several;
  #admin;

  /** @param options `folder`, `journal` and the number of `heads` */
  constructor(options) {
    this.#options = options;
  }

  get address() {
    return this.#heads.map(({ address }) => address).join(',');
  }

  async start() {
    const { folder, heads } = this.#options;
    const port = await freePort();
    const redis = spawn('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', '--save', ''], {
      stdio: 'ignore',
      cwd: folder,
    });
    this.#children.add(redis);
    for (let number = 1; number <= heads; number += 1)
      this.#heads.push({ name: `head-${number}`, address: `127.0.0.1:${await freePort()}` });
    this.#several = { namespace: 'bench', redis: [`redis://127.0.0.1:${port}`], heads: this.#heads };
    await Promise.all(this.#heads.map((head) => this.startHead(head)));
    await this.#run('worker-main', { head: this.address, name: 'worker-1', native: { slots: 4 } });
    this.#admin = new ClusterAdmin(this);
  }

  async startHead({ name, address }) {
    const { folder, journal } = this.#options;
    const port = Number(address.split(':')[1]);
    const settings = { port, folder: join(folder, name), journal, several: { ...this.#several, name } };
    this.#processes.set(name, await this.#run('head-main', settings));
  }

  kill({ name }) {
    this.#processes.get(name).kill('SIGKILL');
  }

  /** Waits until a head leads with another one in sync. @returns the one that leads */
  async leaderInSync() {
    const endMs = performance.now() + IN_SYNC_MS_MAX;
    while (performance.now() < endMs) {
      const status = await this.#admin.status().catch(() => undefined);
      const isInSync = status?.heads.some(({ state }) => state === 'in-sync');
      const leader = status?.heads.find(({ state }) => state === 'leader');
      if (isInSync && leader) return this.#heads.find(({ name }) => name === leader.name);
      await pause(50);
    }
    throw new Error(`No leader with a standby in sync within ${IN_SYNC_MS_MAX} ms.`);
  }

  close() {
    this.#admin?.close();
    for (const child of this.#children) child.kill('SIGKILL');
  }

  async #run(program, settings) {
    const path = resolve(`@anant/backend-native/${program}`);
    const child = spawn(process.execPath, [path, JSON.stringify(settings)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, ANANT_CLUSTER_TOKEN: this.token },
    });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    await once(child, 'message');
    return child;
  }
}
