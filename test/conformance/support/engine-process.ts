/** A process of an engine that a test starts itself: ready when its port answers, gone with its children when killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { connect as connectTo, createServer } from 'node:net';
import { descendantsOf, signal, survivors } from './processes.js';

const READY_MS_MAX = 60_000;
const GONE_MS_MAX = 10_000;
const POLL_MS = 20;
const OUTPUT_CHARACTERS_MAX = 4000;

const running = new Set<EngineProcess>();
process.once('exit', () => {
  for (const engine of running) engine.killNow();
});

export class EngineProcess {
  readonly #child: ChildProcess;
  #output = '';

  private constructor(command: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = spawn(command[0]!, command.slice(1), {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk) => {
        this.#output = (this.#output + String(chunk)).slice(-OUTPUT_CHARACTERS_MAX);
      });
    }
    running.add(this);
  }

  /** Starts it, and waits until `isReady`, which sees the end of what it wrote. @throws Error with its output when it ends or takes too long */
  static async start(
    command: readonly string[],
    env: Readonly<Record<string, string>>,
    isReady: (output: string) => boolean | Promise<boolean>,
  ): Promise<EngineProcess> {
    const engine = new EngineProcess(command, env);
    const endMs = performance.now() + READY_MS_MAX;
    while (!(await isReady(engine.#output))) {
      if (engine.#child.exitCode !== null || performance.now() > endMs) {
        await engine.kill();
        throw new Error(`${command.join(' ')} is not ready:\n${engine.#output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return engine;
  }

  /** Kills it and everything below it, and waits until all of that is gone. */
  async kill(): Promise<void> {
    const tree = this.killNow();
    const left = await survivors(tree, GONE_MS_MAX);
    if (left.length > 0) throw new Error(`Processes ${left.join(', ')} survived SIGKILL.`);
  }

  killNow(): readonly number[] {
    const { pid } = this.#child;
    running.delete(this);
    if (pid === undefined) return [];
    const tree = [pid, ...descendantsOf(pid).map((below) => below.pid)];
    for (const each of tree) signal(each, 'SIGKILL');
    return tree;
  }
}

/** A port of this machine that nobody uses now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Whether something listens on a port of this machine. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTo({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
