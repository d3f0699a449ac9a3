/** One Node host child, seen from its parent: started, called, asked to stop, killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { AnantError, type Clock, type Logger, silentLogger, systemClock } from '@anant/core';
import { frameParts } from '../pipe/frame-parts.js';
import { PartReader } from '../pipe/part-reader.js';
import { LineSplitter } from '../process/line-splitter.js';
import { attachValue } from '../wire/encoded-value.js';
import { packMessage, unpackMessage } from '../wire/message.js';
import type { HostCall, HostCallEvent, HostCallListener } from './host-call.js';
import { describeExit, type HostExit, lostBy } from './host-exit.js';
import { HOST_PROTOCOL } from './protocol-version.js';
import { readCallEvent } from './read-host-message.js';

export interface HostChildOptions {
  /** Longest wait until the child can take calls. @default 15000 */
  readonly readyTimeoutMs?: number;
  /** Heap and resident memory a task may take beside the runtime's own; undefined means Node's default. */
  readonly memoryBytesMax?: number;
  /** Largest encoded result or stream item. @default 512 MiB */
  readonly payloadBytesMax?: number;
  /** Whether tasks get kernels of gpu.js. @default 'none' */
  readonly gpu?: 'kernels' | 'none';
  /** Node executable. @default the one running */
  readonly execPath?: string;
  /** @default the parent's environment */
  readonly env?: Readonly<NodeJS.ProcessEnv>;
  /** @default the parent's */
  readonly cwd?: string;
  /** Gets the child's output, line by line. @default silent */
  readonly logger?: Logger;
  /** @default the system's */
  readonly clock?: Clock;
}

const HEAP_MEBIBYTES_MIN = 16;
const READY_TIMEOUT_MS = 15_000;
/** How long output is awaited after the process is gone (a grandchild may hold the pipes open). */
const DRAIN_MS = 1_000;

interface OpenCall {
  readonly id: string;
  readonly attempt: number;
  readonly listener: HostCallListener;
  isKilled: boolean;
}

/** Path of the program a host child runs. */
export const hostMainPath = (): string => createRequire(import.meta.url).resolve('@anant/bridge/host-main');

export class HostChild {
  readonly pid: number;
  /** Settles when the process has ended and every message it sent has been read. */
  readonly exited: Promise<HostExit>;
  readonly #process: ChildProcess;
  readonly #options: HostChildOptions;
  readonly #stderr: LineSplitter;
  #call: OpenCall | undefined;
  #onReady: (() => void) | undefined;
  #exit: HostExit | undefined;
  #isRetired = false;

  private constructor(process: ChildProcess, options: HostChildOptions) {
    this.#process = process;
    this.#options = options;
    this.pid = process.pid as number;
    const logger = options.logger ?? silentLogger;
    const stdout = new LineSplitter((line) => logger.info(line, { pid: this.pid, stream: 'stdout' }));
    this.#stderr = new LineSplitter((line) => logger.warn(line, { pid: this.pid, stream: 'stderr' }));
    process.stdout?.on('data', (chunk: Uint8Array) => stdout.feed(chunk)).once('end', () => stdout.end());
    process.stderr
      ?.on('data', (chunk: Uint8Array) => this.#stderr.feed(chunk))
      .once('end', () => this.#stderr.end());
    this.#read(process.stdio[4] as Socket);
    (process.stdio[3] as Socket).on('error', () => {});
    this.exited = this.#watchExit();
  }

  /** Starts a child and waits until it is ready. @throws AnantError `E_WORKER_EXITED` */
  static async start(options: HostChildOptions = {}): Promise<HostChild> {
    const process = spawnHost(options);
    await new Promise<void>((resolve, reject) => {
      process.once('spawn', resolve);
      process.once('error', (cause) =>
        reject(
          new AnantError('E_WORKER_EXITED', `A Node host child could not be started: ${cause.message}.`, {
            cause,
            advice: 'Check that the Node executable exists and that the system allows more processes.',
          }),
        ),
      );
    });
    const child = new HostChild(process, options);
    await child.#ready();
    child.#reference(false);
    return child;
  }

  /** Whether a call is open. */
  get isBusy(): boolean {
    return this.#call !== undefined;
  }

  /** Whether it can take a call: alive, and not doubtful after an error that escaped a task. */
  get isUsable(): boolean {
    return this.#exit === undefined && !this.#isRetired && this.#process.exitCode === null;
  }

  /** Runs one call; the next one only after its `end`. @throws TypeError when a call is open or the child is not usable */
  call(call: HostCall, listener: HostCallListener): void {
    if (this.#call || !this.isUsable) throw new TypeError('The host child cannot take a call now.');
    const { id, attempt } = call;
    this.#call = { id, attempt, listener, isKilled: false };
    this.#reference(true);
    const buffers: Uint8Array[] = [];
    const value = attachValue(call.value, buffers);
    const isStream = call.output === 'stream';
    this.#send('call', { id, attempt, def: call.definition, value, stream: isStream }, buffers);
    listener({ type: 'start', worker: `host/${this.pid}` });
  }

  /** Asks the open call to stop. Answers whether that call is open. */
  ask(id: string, attempt: number): boolean {
    if (!this.#isOpen(id, attempt)) return false;
    this.#send('cancel', { id, attempt });
    return true;
  }

  /** Ends the process; the open call ends `cancelled` by `kill`. */
  kill(): void {
    if (this.#call) this.#call.isKilled = true;
    this.#process.kill('SIGKILL');
  }

  /** Lets the open stream yield more items; ignored for any other call. */
  credit(id: string, attempt: number, credits: number): void {
    if (this.#isOpen(id, attempt)) this.#send('credit', { id, attempt, credits });
  }

  /** Ends the process at once; an open call ends `lost`. Settles when it is gone. */
  async stop(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.exited;
  }

  #isOpen(id: string, attempt: number): boolean {
    return this.#call?.id === id && this.#call.attempt === attempt;
  }

  #send(kind: string, body: object, buffers: readonly Uint8Array[] = []): void {
    const pipe = this.#process.stdio[3] as Socket;
    pipe.cork();
    for (const chunk of frameParts(packMessage(kind, body), buffers)) pipe.write(chunk);
    pipe.uncork();
  }

  #read(pipe: Socket): void {
    const reader = new PartReader(([head, ...buffers]) => this.#handle(head as Uint8Array, buffers));
    pipe.on('error', () => {});
    pipe.on('data', (chunk: Uint8Array) => {
      try {
        reader.feed(chunk);
      } catch (error) {
        this.#options.logger?.error(`Host child ${this.pid} broke the protocol: ${String(error)}`);
        pipe.removeAllListeners('data');
        this.#process.kill('SIGKILL');
      }
    });
  }

  #handle(head: Uint8Array, buffers: readonly Uint8Array[]): void {
    const message = unpackMessage(head);
    if (message.kind === 'ready') {
      if (message.body.protocol !== HOST_PROTOCOL) {
        throw new TypeError(`It speaks protocol ${String(message.body.protocol)}, not ${HOST_PROTOCOL}.`);
      }
      this.#onReady?.();
      return;
    }
    const call = this.#call;
    if (!call || message.body.id !== call.id || message.body.attempt !== call.attempt) return;
    const event = readCallEvent(message, buffers);
    if (event.type === 'end') {
      this.#isRetired = message.body.retire === true;
      this.#endCall(event);
    } else {
      call.listener(event);
    }
  }

  #endCall(event: HostCallEvent & { type: 'end' }): void {
    const call = this.#call as OpenCall;
    this.#call = undefined;
    this.#reference(false);
    call.listener(event);
  }

  async #ready(): Promise<void> {
    const clock = this.#options.clock ?? systemClock;
    const timeoutMs = this.#options.readyTimeoutMs ?? READY_TIMEOUT_MS;
    const reason = await new Promise<string | undefined>((resolve) => {
      const cancel = clock.schedule(timeoutMs, () => resolve(`it was not ready within ${timeoutMs} ms`));
      this.#onReady = () => {
        cancel();
        resolve(undefined);
      };
      void this.exited.then((exit) => {
        cancel();
        resolve(describeExit(exit, this.#options.memoryBytesMax));
      });
    });
    if (reason === undefined) return;
    await this.stop();
    throw new AnantError('E_WORKER_EXITED', `A Node host child did not start: ${reason}.`, {
      advice: 'Look at its output below; a memory limit under 32 MiB is too small for Node itself.',
      details: { output: this.#stderr.tail },
    });
  }

  async #watchExit(): Promise<HostExit> {
    const closed = new Promise<void>((resolve) => this.#process.once('close', () => resolve()));
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
      this.#process.once('exit', (exitCode, exitSignal) => resolve([exitCode, exitSignal]));
    });
    await this.#drain(closed);
    const exit: HostExit = { code, signal, tail: this.#stderr.tail };
    this.#exit = exit;
    for (const stream of this.#process.stdio) stream?.destroy();
    const call = this.#call;
    if (call) {
      const end = call.isKilled
        ? ({ status: 'cancelled', how: 'kill' } as const)
        : lostBy(exit, this.#options.memoryBytesMax);
      this.#endCall({ type: 'end', end });
    }
    return exit;
  }

  /** Waits for the last messages and log lines of a process that has ended. */
  async #drain(closed: Promise<void>): Promise<void> {
    const clock = this.#options.clock ?? systemClock;
    await new Promise<void>((resolve) => {
      const cancel = clock.schedule(DRAIN_MS, resolve);
      void closed.then(() => {
        cancel();
        resolve();
      });
    });
  }

  /** An idle child does not keep its parent alive; a busy one does. */
  #reference(wanted: boolean): void {
    const method = wanted ? 'ref' : 'unref';
    this.#process[method]();
    for (const stream of this.#process.stdio) (stream as Socket | null)?.[method]?.();
  }
}

function spawnHost(options: HostChildOptions): ChildProcess {
  const { memoryBytesMax, payloadBytesMax } = options;
  const args: string[] = [];
  if (memoryBytesMax !== undefined) {
    const mebibytes = Math.max(HEAP_MEBIBYTES_MIN, Math.floor(memoryBytesMax / 2 ** 20));
    args.push(`--max-old-space-size=${mebibytes}`);
  }
  args.push(hostMainPath());
  if (memoryBytesMax !== undefined) args.push('--memory-bytes-max', String(memoryBytesMax));
  if (payloadBytesMax !== undefined) args.push('--payload-bytes-max', String(payloadBytesMax));
  if (options.gpu === 'kernels') args.push('--gpu', '1');
  return spawn(options.execPath ?? process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    ...(options.env && { env: options.env }),
    ...(options.cwd && { cwd: options.cwd }),
  });
}
