/** One session with one bridge, with its IO: the driver that carries out what the session wants done. */
import { randomBytes } from 'node:crypto';
import { AnantError, type Clock, type Logger, type TaskEvent } from '@anant/core';
import type { EncodedValue } from '@anant/core/codec';
import { hostMainPath } from '../host/host-child.js';
import { BridgeProcess } from '../process/bridge-process.js';
import { makeSharedFolder, makeSocketFolder, PROBE_NAME, removeFolder } from '../process/private-folder.js';
import type { CallReply, SessionEffect, SessionEnd, Welcome } from '../session/effect.js';
import { Session, type SessionInput } from '../session/session.js';
import type { SessionTask } from '../session/session-task.js';
import { VERSION } from '../version.js';
import { BridgeSocket } from '../wire/bridge-socket.js';
import { attachValue } from '../wire/encoded-value.js';
import { FileBuffers } from '../wire/file-buffers.js';
import { explainExit } from './explain-exit.js';
import { isLocal, type Launch } from './launch.js';

export interface ConnectionOptions {
  /** Id of the backend, for events and messages. */
  readonly backend: string;
  readonly engine: string;
  readonly engineOptions: Readonly<Record<string, unknown>>;
  readonly pythonPath: readonly string[];
  readonly launch: Launch;
  readonly startTimeoutMs: number;
  /** Gives up a start that is under way. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onEvents: (events: readonly TaskEvent[]) => void;
  readonly onState: (state: 'ready' | 'degraded' | 'down', reason: string) => void;
  /** The session is over and everything it opened has been told so. Called once, after a successful open. */
  readonly onOver: (end: SessionEnd) => void;
}

/** Pause between two looks at the clock. */
const TICK_MS = 250;
/** After the process has ended, its last messages are awaited this long. */
const LAST_WORDS_MS = 250;
/** Beyond the grace of `stop`, the time the bridge has to say `stopped`. */
const STOPPED_MARGIN_MS = 3_000;

const CLIENT = `anant/${VERSION} node/${process.versions.node}`;

const CLOSED: SessionEnd = {
  code: 'E_BACKEND_CLOSED',
  message: 'The backend was stopped before that.',
  isFinal: true,
};

type CallKind = Extract<SessionInput, { type: 'call' }>['kind'];

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #folders: string[] = [];
  /** Of a spawned bridge. */
  readonly #token = randomBytes(16).toString('hex');
  readonly #waiting = new Map<number, (reply: CallReply) => void>();
  #session: Session | undefined;
  #socket: BridgeSocket | undefined;
  #process: BridgeProcess | undefined;
  #welcome: Welcome | undefined;
  #end: SessionEnd | undefined;
  #calls = 0;
  #stopTicking: (() => void) | undefined;
  #closed: Promise<void> | undefined;
  #onWelcome: ((welcome: Welcome) => void) | undefined;
  #onEnd: ((end: SessionEnd) => void) | undefined;

  private constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Starts or reaches the bridge and its engine. @throws AnantError with the reason and advice */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const connection = new Connection(options);
    const { signal } = options;
    const giveUp = (): void => connection.abandon(CLOSED);
    signal.addEventListener('abort', giveUp);
    try {
      await connection.#open();
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  get welcome(): Welcome {
    return this.#welcome as Welcome;
  }

  /** Why the session is over, once it is. */
  get end(): SessionEnd | undefined {
    return this.#end;
  }

  get openAttempts(): number {
    return this.#session?.openAttempts ?? 0;
  }

  /** Process id of a spawned bridge. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  submit(tasks: readonly SessionTask[]): void {
    this.#step({ type: 'submit', tasks });
  }

  credit(grants: readonly (readonly [string, number, number])[]): void {
    this.#step({ type: 'credit', grants });
  }

  /** Asks the bridge for something; always answers, at the latest when the call's time is over. */
  call(kind: CallKind, body: Readonly<Record<string, unknown>>, value?: EncodedValue): Promise<CallReply> {
    this.#calls += 1;
    const call = this.#calls;
    const buffers: Uint8Array[] = [];
    const full = value ? { ...body, value: attachValue(value, buffers) } : body;
    return new Promise((resolve) => {
      this.#waiting.set(call, resolve);
      this.#step({ type: 'call', call, kind, body: full, buffers });
    });
  }

  /** Ends the session at once: open attempts end `lost`. */
  abandon(end: SessionEnd): void {
    this.#gone(end);
  }

  /** Ends the session in order: open attempts get `graceMs`. Settles when nothing of it is left. */
  async stop(graceMs: number): Promise<void> {
    if (this.#session && this.#session.phase !== 'over') {
      await new Promise<void>((resolve) => {
        const cancel = this.#options.clock.schedule(graceMs + STOPPED_MARGIN_MS, resolve);
        this.#onEnd = () => {
          cancel();
          resolve();
        };
        this.#step({ type: 'stop', graceMs });
      });
      this.#gone(CLOSED);
    }
    await this.close();
  }

  async #open(): Promise<void> {
    const { launch, clock, logger } = this.#options;
    const startMs = clock.nowMs();
    const sharedDir = isLocal(launch) ? await this.#keep(makeSharedFolder()) : null;
    const address = launch.how === 'spawn' ? await this.#spawn(launch) : launch.address;
    this.#session = this.#makeSession(sharedDir, this.#options.startTimeoutMs - (clock.nowMs() - startMs));
    const welcomed = new Promise<Welcome>((resolve, reject) => {
      this.#onWelcome = resolve;
      this.#onEnd = (end) => reject(toError(end));
    });
    // It may be rejected before it is awaited.
    welcomed.catch(() => {});
    this.#socket = await BridgeSocket.open({
      address,
      curve: launch.how === 'attach' ? launch.curve : undefined,
      files: sharedDir === null ? undefined : new FileBuffers(sharedDir, 'client'),
      onMessage: (message) => this.#step({ type: 'message', message }),
      onMalformed: (problem) => this.#step({ type: 'malformed', problem }),
      onBroken: (reason) => this.#broken(reason),
    });
    this.#tick();
    this.#step({ type: 'start' });
    if (this.#options.signal.aborted) this.abandon(CLOSED);
    this.#welcome = await welcomed;
    this.#onEnd = undefined;
    logger.info(`The bridge to "${this.#options.engine}" is ready.`, { ...this.#welcome.versions });
  }

  async #spawn(launch: Extract<Launch, { how: 'spawn' }>): Promise<string> {
    const { folder, endpoint } = await makeSocketFolder();
    this.#folders.push(folder);
    this.#process = await BridgeProcess.start({
      python: launch.python,
      importPath: launch.importPath,
      endpoint,
      scratch: folder,
      token: this.#token,
      env: launch.env,
      cwd: launch.cwd,
      clock: this.#options.clock,
      logger: this.#options.logger,
    });
    void this.#process.exited.then((exit) => {
      const isWelcomed = this.#welcome ? 'welcomed' : 'not-welcomed';
      const end = explainExit(exit, this.#options.engine, isWelcomed);
      // What it said before it ended, a refusal for example, tells more than its exit code.
      this.#options.clock.schedule(LAST_WORDS_MS, () => this.#gone(end));
    });
    return endpoint;
  }

  #makeSession(sharedDir: string | null, startTimeoutMs: number): Session {
    const { backend, engine, engineOptions, launch, pythonPath } = this.#options;
    return new Session({
      backend,
      startTimeoutMs,
      hello: {
        session: randomBytes(12).toString('hex'),
        token: launch.how === 'attach' ? launch.token : this.#token,
        client: CLIENT,
        sharedDir,
        probe: sharedDir === null ? null : PROBE_NAME,
        engine,
        options: engineOptions,
        node: { exec: process.execPath, host: hostMainPath() },
        pythonPath,
      },
    });
  }

  async #keep(folder: Promise<string>): Promise<string> {
    const path = await folder;
    this.#folders.push(path);
    return path;
  }

  #tick(): void {
    const timer = setInterval(() => this.#step({ type: 'tick' }), TICK_MS);
    this.#stopTicking = () => clearInterval(timer);
  }

  /** A spawned bridge whose connection breaks is about to exit; its exit says more. */
  #broken(reason: string): void {
    if (this.#process) return;
    const message = `The connection to the bridge of "${this.#options.engine}" is lost: ${reason}.`;
    this.#gone({ code: 'E_BRIDGE_EXITED', message, isFinal: false });
  }

  #gone(end: SessionEnd): void {
    this.#step({ type: 'gone', end });
  }

  #step(input: SessionInput): void {
    const effects = this.#session?.step(input, this.#options.clock.nowMs()) ?? [];
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: SessionEffect): void {
    const { logger, onEvents, onState } = this.#options;
    switch (effect.type) {
      case 'send':
        this.#socket?.send(effect);
        return;
      case 'emit':
        onEvents(effect.events);
        return;
      case 'settle':
        this.#waiting.get(effect.call)?.(effect.reply);
        this.#waiting.delete(effect.call);
        return;
      case 'welcome':
        if (this.#socket) this.#socket.isShared = effect.welcome.isShared;
        this.#onWelcome?.(effect.welcome);
        return;
      case 'state':
        onState(effect.state, effect.reason);
        return;
      case 'log':
        logger[effect.level](effect.message, effect.fields);
        return;
      case 'over':
        this.#over(effect.end);
    }
  }

  #over(end: SessionEnd): void {
    this.#end = end;
    const wasOpen = this.#welcome !== undefined;
    this.#onEnd?.(end);
    if (!wasOpen) return;
    this.#options.onOver(end);
    void this.close();
  }

  /** Settles when nothing of the connection is left: no process, socket or folder. */
  close(): Promise<void> {
    this.#closed ??= this.#closeAll();
    return this.#closed;
  }

  async #closeAll(): Promise<void> {
    this.#stopTicking?.();
    this.#socket?.close();
    await this.#process?.end();
    await Promise.all(this.#folders.map(removeFolder));
  }
}

export function toError(end: SessionEnd): AnantError {
  const { code, message, advice } = end;
  return new AnantError(code, message, { ...(advice && { advice }), retryable: !end.isFinal });
}
