/** Real Redis servers for tests: started on loopback, killed, paused, restarted empty, joined into a Redis Cluster. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@anant/core/testing';
import { Redis } from 'ioredis';

const STARTS_MAX = 5;

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  // The bus of a Redis Cluster listens 10,000 higher.
  return port > 55_000 ? await freePort() : port;
}

export class RedisServer {
  readonly port: number;
  readonly #folder: string;
  readonly #options: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string, options: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    this.#options = options;
  }

  static async start(options: readonly string[] = []): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'anant-redis-'));
    for (let attempt = 1; ; attempt += 1) {
      const server = new RedisServer(await freePort(), folder, options);
      try {
        await server.run();
        return server;
      } catch (error) {
        // Somebody else took the port meanwhile.
        if (server.hasEnded === 'no' || attempt === STARTS_MAX) throw error;
      }
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async run(): Promise<void> {
    const args = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.#folder, '--save', ''];
    this.#process = spawn('redis-server', [...args, ...this.#options], { stdio: 'ignore' });
    // Another one may listen at that port.
    const own = `process_id:${this.#process.pid}\r`;
    await eventually(
      async () => this.hasEnded === 'yes' || String(await this.command('INFO', 'server')).includes(own),
    );
    if (this.hasEnded === 'yes') throw new Error(`The Redis for port ${this.port} has ended.`);
  }

  get hasEnded(): 'yes' | 'no' {
    const { exitCode, signalCode } = this.#process ?? {};
    return (exitCode ?? signalCode ?? undefined) === undefined ? 'no' : 'yes';
  }

  /** One command on a connection of its own. */
  async command(name: string, ...args: (string | number)[]): Promise<unknown> {
    const client = new Redis({
      port: this.port,
      lazyConnect: true,
      retryStrategy: null,
      connectTimeout: 500,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      return await client.call(name, ...args);
    } finally {
      client.disconnect();
    }
  }

  /** Tells of every command that Redis gets, those inside scripts included. @returns ends it */
  async watch(onCommand: (words: readonly string[]) => void): Promise<() => void> {
    const client = new Redis({ port: this.port, retryStrategy: null });
    client.on('error', () => {});
    const monitor = await client.monitor();
    monitor.on('monitor', (_time: string, words: readonly string[]) => onCommand(words));
    client.disconnect();
    return () => monitor.disconnect();
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export interface TestRedisCluster {
  readonly servers: readonly RedisServer[];
  readonly urls: readonly string[];
  /** The master that serves the slot of a key. */
  masterOf(key: string): Promise<RedisServer>;
  stop(): Promise<void>;
}

const SLOTS = 16_384;
const NODE_TIMEOUT_MS = 1_500;

/** Three masters with one replica each. */
export async function startRedisCluster(): Promise<TestRedisCluster> {
  const options = [
    ...['--cluster-enabled', 'yes', '--cluster-node-timeout', `${NODE_TIMEOUT_MS}`],
    ...['--cluster-replica-validity-factor', '0', '--repl-diskless-sync-delay', '0', '--appendonly', 'no'],
  ];
  const servers = await Promise.all(Array.from({ length: 6 }, () => RedisServer.start(options)));
  const [first, ...others] = servers;
  for (const other of others) await first!.command('CLUSTER', 'MEET', '127.0.0.1', other.port);
  for (const [at, master] of servers.slice(0, 3).entries()) {
    const from = Math.ceil((SLOTS * at) / 3);
    const to = Math.ceil((SLOTS * (at + 1)) / 3) - 1;
    await master.command('CLUSTER', 'ADDSLOTSRANGE', from, to);
  }
  for (const [at, replica] of servers.slice(3).entries()) {
    const master = String(await servers[at]!.command('CLUSTER', 'MYID'));
    await eventually(async () => (await replica.command('CLUSTER', 'REPLICATE', master)) === 'OK');
  }
  for (const server of servers) {
    await eventually(async () => {
      const info = String(await server.command('CLUSTER', 'INFO'));
      const nodes = String(await server.command('CLUSTER', 'NODES'))
        .trim()
        .split('\n');
      const replicas = nodes.filter((line) => line.includes('slave') && line.includes('connected'));
      return info.includes('cluster_state:ok') && replicas.length === 3;
    });
  }
  for (const replica of servers.slice(3)) {
    await eventually(async () =>
      String(await replica.command('INFO', 'replication')).includes('master_link_status:up'),
    );
  }
  return {
    servers,
    urls: servers.map(({ url }) => url),
    async masterOf(key) {
      for (const server of servers) {
        const found = await server.command('TYPE', key).then(
          () => 'here' as const,
          () => 'elsewhere' as const,
        );
        if (found === 'here' && String(await server.command('ROLE')).startsWith('master')) return server;
      }
      throw new Error(`no master serves ${key}`);
    },
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

/** Between a client and a server: passes everything, until it swallows answers and cuts the connection. */
export class LossyProxy {
  readonly port: number;
  /** Whether the answer that comes now is lost. */
  losesAnswer: () => 'pass' | 'lose' = () => 'pass';
  lost = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async start(target: number): Promise<LossyProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new LossyProxy(server, (server.address() as { port: number }).port);
    server.on('connection', (client) => proxy.#pass(client, connectTcp(target, '127.0.0.1')));
    return proxy;
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #pass(client: Socket, upstream: Socket): void {
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      if (this.losesAnswer() === 'pass') client.write(chunk);
      else {
        this.lost += 1;
        client.destroy();
      }
    });
  }
}
