/** A backend behind a bridge: the contract of core on one side, sessions with the bridge process on the other. */
import {
  type ActorHost,
  type ActorId,
  type ActorSpecification,
  AnantError,
  type AttemptOutcome,
  BACKEND_SPEC,
  type BackendHealth,
  type BackendV1,
  type CancelAnswer,
  type CancelRequest,
  type CapabilityManifest,
  type ErrorCode,
  isErrorCode,
  type ObjectId,
  type ObjectStore,
  type Random,
  type StartContext,
  type StartInfo,
  type StopOptions,
  type StoredObjectInfo,
  type StreamSource,
  type TaskEnvelope,
  type TaskEvent,
  type TaskId,
} from '@anant/core';
import { decodeValue, encodeValue } from '@anant/core/codec';
import { Connection, toError } from '../connection/connection.js';
import type { Launch } from '../connection/launch.js';
import type { CallReply, SessionEnd } from '../session/effect.js';
import { ActorStarts } from './actor-starts.js';
import { Outbox } from './outbox.js';
import { checkPayload, TaskPreparer } from './prepare-task.js';
import { decideRestart, type RestartCause, recentStarts } from './restart-policy.js';

export interface BridgeBackendOptions {
  /** Id of the backend in config, routing and results. */
  readonly id: string;
  readonly manifest: CapabilityManifest;
  /** Name of the engine in the bridge: `dask`, `ray`, `celery` or `local`. */
  readonly engine: string;
  /** Passed to the engine; see docs/protocol.md section 4. */
  readonly engineOptions: Readonly<Record<string, unknown>>;
  /** Finds Python or the address to attach to; called before every start. @throws AnantError */
  readonly launch: () => Promise<Launch>;
  /** Folders of the user's Python modules. @default the current folder */
  readonly pythonPath?: readonly string[];
  /** Longest start of bridge and engine; the shorter of this and the client's limit counts. */
  readonly startTimeoutMs?: number;
  /** Randomness of the restart delays. @default Math.random */
  readonly random?: Random;
}

type State = 'new' | 'starting' | 'ready' | 'down' | 'stopped';

/** Makes a backend from an engine behind the Python bridge; a host of actors if its manifest says so. Starts nothing. */
export function createBridgeBackend(options: BridgeBackendOptions): BackendV1 & ObjectStore & StreamSource {
  const { level } = options.manifest.features.actors;
  return level === 'absent' ? new BridgeBackend(options) : new BridgeActorBackend(options);
}

class BridgeBackend implements BackendV1, ObjectStore, StreamSource {
  readonly spec = BACKEND_SPEC;
  readonly id: string;
  readonly manifest: CapabilityManifest;
  readonly #options: BridgeBackendOptions;
  readonly #preparer: TaskPreparer;
  readonly #actorStarts = new ActorStarts();
  readonly #outbox = new Outbox((tasks) => this.#deliver(tasks));
  /** Attempts that end without reaching the bridge, until their end is told: a repeated submission is the same one. */
  readonly #turnedAway = new Map<string, TaskEvent>();
  #context: StartContext | undefined;
  #connection: Connection | undefined;
  #state: State = 'new';
  #startsMs: readonly number[] = [];
  #epoch = 0;
  #downReason = 'it was not started';
  #cancelRestart: (() => void) | undefined;
  #starting: Promise<void> | undefined;
  readonly #stopRequest = new AbortController();
  #stopping: Promise<void> | undefined;

  constructor(options: BridgeBackendOptions) {
    this.#options = options;
    this.id = options.id;
    this.manifest = options.manifest;
    this.#preparer = new TaskPreparer(options.manifest);
  }

  async doStart(context: StartContext): Promise<StartInfo> {
    if (this.#state !== 'new') throw new TypeError(`Backend "${this.id}" was started before.`);
    this.#context = context;
    this.#state = 'starting';
    this.#starting = this.#connect(context);
    try {
      await this.#starting;
    } catch (error) {
      this.#state = 'stopped';
      throw error;
    }
    const { slots, windowTasks, versions, details } = (this.#connection as Connection).welcome;
    return { slots, windowTasks, details: { ...versions, ...details } };
  }

  doSubmit(tasks: readonly TaskEnvelope[]): void {
    const payloadBytesMax = this.#payloadBytesMax;
    for (const envelope of tasks) {
      if (this.#state !== 'ready') {
        const reason = `Backend "${this.id}" is not running: ${this.#downReason}.`;
        this.#turnAway(envelope, { status: 'lost', reason, started: 'no' });
        continue;
      }
      try {
        this.#outbox.push(this.#preparer.prepare(envelope, payloadBytesMax));
      } catch (error) {
        this.#turnAway(envelope, refusal(error));
      }
    }
  }

  /** Ends an attempt that never leaves, but not from within doSubmit: the caller may not have noted it yet. */
  #turnAway({ id, attempt }: TaskEnvelope, outcome: AttemptOutcome): void {
    if (this.#turnedAway.size === 0) {
      queueMicrotask(() => {
        const ends = [...this.#turnedAway.values()];
        this.#turnedAway.clear();
        this.#emit(ends);
      });
    }
    const key = `${attempt} ${id}`;
    if (!this.#turnedAway.has(key)) this.#turnedAway.set(key, { type: 'task-end', id, attempt, outcome });
  }

  async doCancel(requests: readonly CancelRequest[]): Promise<readonly CancelAnswer[]> {
    if (this.#state !== 'ready' || requests.length === 0) return requests.map(() => 'unknown-task');
    this.#outbox.flush();
    const list = requests.map(({ id, attempt, how }) => [id, attempt, how]);
    const reply = await (this.#connection as Connection).call('cancel', { requests: list });
    // The attempts ended with the bridge, or the bridge has the request and is slow to answer.
    if ('error' in reply)
      return requests.map(() => (reply.error.code === 'E_TIMEOUT' ? 'requested' : 'already-done'));
    return reply.ok as readonly CancelAnswer[];
  }

  async doHealth(): Promise<BackendHealth> {
    const connection = this.#connection;
    if (this.#state !== 'ready' || !connection) return this.#health('down', this.#downReason, 0);
    const reply = await connection.call('health', {});
    if ('error' in reply) return this.#health('down', reply.error.message, 0);
    const { state, reason, slots } = reply.ok as {
      state: BackendHealth['state'];
      reason: string;
      slots: number;
    };
    return this.#health(state, reason, Number(slots));
  }

  async doPut(id: ObjectId, value: unknown): Promise<StoredObjectInfo> {
    const encoded = encodeValue(value, 'object');
    checkPayload(encoded, this.#payloadBytesMax, `The object "${id}"`);
    const answer = okOf(await this.#running().call('put', { object: id }, encoded));
    return { bytes: Number((answer.ok as { bytes: unknown }).bytes) };
  }

  async doGet(id: ObjectId): Promise<unknown> {
    const { value } = okOf(await this.#running().call('get', { object: id }));
    return value && decodeValue(value.body, value.buffers);
  }

  doRelease(ids: readonly ObjectId[]): void {
    if (this.#state === 'ready') void this.#connection?.call('release', { objects: ids });
  }

  doStreamCredit(id: TaskId, attempt: number, credits: number): void {
    if (this.#state === 'ready') this.#connection?.credit([[id, attempt, credits]]);
  }

  protected startActor(specification: ActorSpecification): Promise<void> {
    this.#running();
    const { envelope, made } = this.#actorStarts.begin(specification);
    this.doSubmit([envelope]);
    return made;
  }

  protected async stopActor(actor: string): Promise<void> {
    if (this.#state !== 'ready') return;
    this.#outbox.flush();
    await this.#connection?.call('actor-stop', { actor });
  }

  doStop(options: StopOptions): Promise<void> {
    this.#stopping ??= this.#stop(options);
    return this.#stopping;
  }

  #emit(events: readonly TaskEvent[]): void {
    const left = this.#actorStarts.take(events);
    if (left.length > 0) this.#context?.emit(left);
  }

  async #stop({ graceMs }: StopOptions): Promise<void> {
    this.#outbox.flush();
    this.#state = 'stopped';
    this.#downReason = 'it was stopped';
    this.#cancelRestart?.();
    this.#stopRequest.abort();
    await this.#starting?.catch(() => {});
    await this.#connection?.stop(graceMs);
  }

  get #payloadBytesMax(): number {
    const max = this.manifest.payloadBytesMax;
    return this.#state === 'ready'
      ? Math.min(max, (this.#connection as Connection).welcome.payloadBytesMax)
      : max;
  }

  #running(): Connection {
    if (this.#state === 'ready' && this.#connection) return this.#connection;
    const code = this.#state === 'stopped' ? 'E_BACKEND_CLOSED' : 'E_BACKEND_UNAVAILABLE';
    throw new AnantError(code, `Backend "${this.id}" is not running: ${this.#downReason}.`, {
      retryable: true,
    });
  }

  #health(state: BackendHealth['state'], reason: string, slots: number): BackendHealth {
    return { state, reason, epoch: this.#epoch, slots, openTasks: this.#connection?.openAttempts ?? 0 };
  }

  async #connect(context: StartContext): Promise<void> {
    const { id, engine, engineOptions, pythonPath, startTimeoutMs } = this.#options;
    const startMs = context.clock.nowMs();
    this.#startsMs = [...recentStarts(this.#startsMs, startMs), startMs];
    const limitMs = Math.min(context.startTimeoutMs, startTimeoutMs ?? Number.POSITIVE_INFINITY);
    const launch = await this.#options.launch();
    const connection = await Connection.open({
      backend: id,
      engine,
      engineOptions,
      pythonPath: pythonPath ?? [process.cwd()],
      launch,
      startTimeoutMs: limitMs - (context.clock.nowMs() - startMs),
      signal: this.#stopRequest.signal,
      clock: context.clock,
      logger: context.logger,
      onEvents: (events) => this.#emit(events),
      onState: (state, reason) => this.#engineState(state, reason),
      onOver: (end) => {
        if (this.#connection === connection) this.#over(end);
      },
    });
    if (connection.end) throw toError(connection.end);
    this.#connection = connection;
    if ((this.#state as State) === 'stopped') {
      await connection.stop(0);
      throw new AnantError('E_BACKEND_CLOSED', `Backend "${id}" was stopped while it started.`);
    }
    this.#epoch += 1;
    this.#state = 'ready';
    this.#tell('ready', 'the engine runs');
  }

  #deliver(tasks: Parameters<Connection['submit']>[0]): void {
    this.#connection?.submit(tasks);
  }

  /** `down` from the bridge is final for its session: another bridge may reach the engine again. */
  #engineState(state: 'ready' | 'degraded' | 'down', reason: string): void {
    if (state === 'down')
      this.#connection?.abandon({ code: 'E_ENGINE_UNREACHABLE', message: reason, isFinal: false });
    else this.#tell(state, reason);
  }

  #over(end: SessionEnd): void {
    if (this.#state === 'stopped') return;
    this.#state = 'down';
    this.#downReason = end.message;
    this.#tell('down', end.message);
    if (end.isFinal) this.#stayDown(end.message, end.advice);
    else this.#restartLater(causeOf(end.code));
  }

  #restartLater(cause: RestartCause): void {
    const { clock, logger } = this.#context as StartContext;
    const random = this.#options.random ?? Math.random;
    const decision = decideRestart(this.#startsMs, cause, clock.nowMs(), random);
    if (decision.type === 'stay-down') {
      this.#stayDown(`${this.#downReason} It stays down, since ${decision.reason}.`);
      return;
    }
    logger.info(`Backend "${this.id}" starts again in ${Math.round(decision.delayMs)} ms.`);
    this.#cancelRestart = clock.schedule(decision.delayMs, () => {
      this.#starting = this.#restart();
    });
  }

  async #restart(): Promise<void> {
    const context = this.#context as StartContext;
    await this.#connection?.close();
    if (this.#state === 'stopped') return;
    this.#state = 'starting';
    try {
      await this.#connect(context);
    } catch (error) {
      if ((this.#state as State) === 'stopped') return;
      this.#state = 'down';
      this.#downReason = error instanceof Error ? error.message : String(error);
      if (AnantError.is(error) && !error.retryable) this.#stayDown(error.message, error.advice);
      else this.#restartLater(AnantError.is(error) ? causeOf(error.code) : 'ended');
    }
  }

  #stayDown(reason: string, advice = 'Fix the cause, then close the client and connect again.'): void {
    this.#downReason = reason;
    this.#tell('down', `${reason} ${advice}`);
  }

  #tell(state: 'ready' | 'degraded' | 'down', reason: string): void {
    const { emit, logger } = this.#context as StartContext;
    logger[state === 'ready' ? 'info' : 'warn'](`Backend "${this.id}" is ${state}: ${reason}`);
    emit([{ type: 'backend-state', state, epoch: this.#epoch, reason }]);
  }
}

class BridgeActorBackend extends BridgeBackend implements ActorHost {
  doActorStart(specification: ActorSpecification): Promise<void> {
    return this.startActor(specification);
  }

  doActorStop(id: ActorId): Promise<void> {
    return this.stopActor(id);
  }
}

/** What does not answer may answer later; what ends by itself has a fault of its own. */
const causeOf = (code: ErrorCode): RestartCause =>
  code === 'E_ENGINE_UNREACHABLE' || code === 'E_BACKEND_UNAVAILABLE' ? 'unreachable' : 'ended';

function refusal(error: unknown): { status: 'refused'; code: string; reason: string; advice?: string } {
  if (!AnantError.is(error)) return { status: 'refused', code: 'E_TASK_INVALID', reason: String(error) };
  return {
    status: 'refused',
    code: error.code,
    reason: error.message,
    ...(error.advice && { advice: error.advice }),
  };
}

function okOf(reply: CallReply): Extract<CallReply, { ok: unknown }> {
  if (!('error' in reply)) return reply;
  const { message, advice } = reply.error;
  const code: ErrorCode = isErrorCode(reply.error.code) ? reply.error.code : 'E_PROTOCOL';
  throw new AnantError(code, message, { ...(advice && { advice }) });
}
