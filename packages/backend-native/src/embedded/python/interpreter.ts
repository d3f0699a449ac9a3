/**
 * The Python interpreter of this host child, started by pythonia. pythonia carries JSON control calls; a local socket
 * carries values, cancels and credits, since pythonia reads nothing while a call runs.
 */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { frameParts, type Message, PartReader, packMessage, unpackMessage } from '@anant/bridge/host';
import { AnantError, type ErrorCode } from '@anant/core';
import type { PythonSettings } from './python-call.js';

/** Importing numpy on a cold disk takes seconds. */
const BOOT_MS_MAX = 60_000;
const PROGRAM = fileURLToPath(new URL('../../../python/anant_embedded.py', import.meta.url));

/** The part of pythonia that is used; it starts its interpreter when it is imported. */
interface Pythonia {
  python(path: string): Promise<EmbeddedModule>;
  readonly com: { readonly proc: ChildProcess };
}
interface Timeout {
  readonly $timeout: number;
}
interface EmbeddedModule {
  boot$(settings: string, options: Timeout): Promise<string>;
  run$(call: string, options: Timeout): Promise<string>;
}

type Listener = (message: Message, buffers: readonly Uint8Array[]) => void;

export class Interpreter {
  readonly #module: EmbeddedModule;
  readonly #socket: Socket;
  #listener: Listener | undefined;

  private constructor(module: EmbeddedModule, socket: Socket) {
    this.#module = module;
    this.#socket = socket;
    const reader = new PartReader(([head, ...buffers]) => this.#listener?.(unpackMessage(head!), buffers));
    socket.on('data', (chunk) => reader.feed(chunk));
    socket.on('error', () => {});
  }

  /** @throws AnantError `E_ENGINE_NOT_INSTALLED`, `E_PYTHON_VERSION` */
  static async start(settings: PythonSettings): Promise<Interpreter> {
    const path = join(settings.directory, `s-${process.pid}`);
    const server = createServer();
    const connected = new Promise<Socket>((resolve) => server.once('connection', resolve));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const module = await boot(settings, path);
    const socket = await connected;
    closeQuietly(server);
    return new Interpreter(module, socket);
  }

  send(kind: string, body: object, buffers: readonly Uint8Array[] = []): void {
    this.#socket.cork();
    for (const chunk of frameParts(packMessage(kind, body), buffers)) this.#socket.write(chunk);
    this.#socket.uncork();
  }

  /** Executes a call; `listener` gets what it sends meanwhile. Python calls take as long as they take. */
  async run(call: object, listener: Listener): Promise<Record<string, unknown>> {
    this.#listener = listener;
    return JSON.parse(await this.#module.run$(JSON.stringify(call), { $timeout: Number.POSITIVE_INFINITY }));
  }
}

async function boot(settings: PythonSettings, socket: string): Promise<EmbeddedModule> {
  const { directory, memoryBytesMax, payloadBytesMax } = settings;
  const pythonia = await loadPythonia();
  const module = await pythonia.python(PROGRAM);
  const request = {
    socket,
    directory,
    parent: process.pid,
    memory_bytes_max: memoryBytesMax,
    payload_bytes_max: payloadBytesMax,
  };
  const answer = JSON.parse(await module.boot$(JSON.stringify(request), { $timeout: BOOT_MS_MAX }));
  if (answer.status === 'ready') return module;
  throw new AnantError(answer.code as ErrorCode, answer.reason, { advice: answer.advice });
}

async function loadPythonia(): Promise<Pythonia> {
  // pythonia cannot say that its interpreter does not exist.
  const { error } = spawnSync(process.env.PYTHON_BIN ?? 'python3', ['--version'], { stdio: 'ignore' });
  if (error) throw notStarted(error);
  const pythonia = ((await import('pythonia')) as unknown as { default: Pythonia }).default;
  // Nothing can be told apart from a loss any more: this process ends as its interpreter did.
  pythonia.com.proc.once('exit', (code, signal) => {
    if (signal) process.kill(process.pid, signal);
    else process.exit(code ?? 1);
  });
  return pythonia;
}

function notStarted(cause: unknown): AnantError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AnantError('E_ENGINE_NOT_INSTALLED', `The Python interpreter could not be started: ${reason}.`, {
    cause,
    advice: 'Run `npx anant setup python`, or name a Python by ANANT_PYTHON.',
  });
}

/** The path of the socket goes with the server; the connection stays. */
function closeQuietly(server: Server): void {
  server.close();
  server.unref();
}
