/** The way to one backend: tasks wait here for a place in its window and go over in batches. */
import type {
  BackendStateEvent,
  BackendV1,
  CancelAnswer,
  CancelRequest,
  Clock,
  Logger,
  StartInfo,
  TaskEnvelope,
  TaskEvent,
  TaskId,
} from '../../contract/index.js';
import { AnantError } from '../../error/index.js';
import { type BreakerState, CircuitBreaker, PriorityQueue } from '../../policy/index.js';
import { withDeadline } from '../deadline.js';
import { type ResolvedLimits, STOP_MARGIN_MS, SUBMIT_BATCH_TASKS_MAX, TURN_TASKS_MAX } from '../limits.js';
import type { Task } from '../task/task.js';
import type { BackendPhase, BackendSource } from '../types/index.js';
import { messageOf, SourcedBackend } from './backend-source.js';
import { CancelDesk } from './cancel-desk.js';

/** What a lane tells the rest of the client. */
export interface LaneHost {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: ResolvedLimits;
  /** The task goes over now: the envelope of its next attempt. */
  openAttempt(task: Task): TaskEnvelope;
  onEvents(lane: BackendLane, events: readonly TaskEvent[]): void;
  onState(lane: BackendLane, event: BackendStateEvent): void;
  /** Its phase or breaker changed: routes may too. */
  onPhase(lane: BackendLane): void;
  onStarted(lane: BackendLane, info: StartInfo): void;
  /** It cannot take tasks; those that waited for it are handed back. */
  onUnavailable(lane: BackendLane, waiting: readonly Task[], error: AnantError): void;
  /** It was stopped: attempts that have not ended never will. */
  onStopped(lane: BackendLane): void;
}

/** How many longer round trips move the estimate all the way. */
const LATENCY_MEMORY = 1000;

export const attemptKey = (id: TaskId, attempt: number): string => `${id}#${attempt}`;

export class BackendLane {
  readonly id: string;
  readonly source: SourcedBackend;
  readonly breaker: CircuitBreaker;
  readonly waiting = new PriorityQueue<Task>();
  phase: BackendPhase = 'idle';
  /** Why it is not ready. */
  reason = '';
  openAttempts = 0;
  lastError: AnantError | undefined;
  info: StartInfo | undefined;
  /** Shortest round trip seen of late, in milliseconds: close to that of a task that does nothing. */
  latencyMs: number | undefined;
  readonly #host: LaneHost;
  readonly #cancels: CancelDesk;
  /** Attempts whose task no longer waits for them; each still fills a place until it ends. */
  readonly #abandoned = new Set<string>();
  #backend: BackendV1 | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  /** The end of an instance that was given up: its successor starts after it. */
  #ending: Promise<void> | undefined;
  #windowTasks = 0;
  #epoch = -1;
  #isWoken = false;
  #turnTasks = 0;
  /** One attempt at a time is timed. */
  #probe: Task | undefined;
  #probeMs = 0;
  #cancelDownTimer: (() => void) | undefined;

  constructor(id: string, source: BackendSource, host: LaneHost) {
    this.id = id;
    this.source = new SourcedBackend(id, source);
    this.breaker = new CircuitBreaker({
      failures: host.limits.breakerFailures,
      openMs: host.limits.breakerOpenMs,
    });
    this.#host = host;
    this.#cancels = new CancelDesk(host.clock);
  }

  /** The running backend. */
  get backend(): BackendV1 | undefined {
    return this.#backend;
  }

  get breakerState(): BreakerState {
    return this.breaker.state(this.#host.clock.nowMs());
  }

  /** Down, but it may come back by itself within the grace. */
  get isRecovering(): boolean {
    return this.#cancelDownTimer !== undefined;
  }

  get #canRun(): boolean {
    return this.phase === 'ready' || this.phase === 'degraded';
  }

  add(task: Task): void {
    this.waiting.push(task);
    this.#wake();
  }

  remove(task: Task): void {
    this.waiting.delete(task);
  }

  /** The running backend, started when need be. Shared by everyone who needs it. @throws AnantError */
  async use(): Promise<BackendV1> {
    if (this.phase === 'down') throw this.lastError ?? down(this.id, this.reason);
    if (!this.#canRun) await this.#start();
    if (this.#backend === undefined) throw this.lastError ?? closed(this.id);
    return this.#backend;
  }

  /** An attempt ended: its place is free. */
  release(task: Task | undefined): void {
    this.openAttempts -= 1;
    if (task !== undefined && task === this.#probe) this.#measure();
    if (this.waiting.size > 0) this.#wake();
  }

  /** The task no longer waits for this attempt; its place is free when the backend says that it ended. */
  abandon(id: TaskId, attempt: number): void {
    this.#abandoned.add(attemptKey(id, attempt));
  }

  /** An end that no task waits for. @returns whether it was one that was abandoned. */
  endAbandoned(id: TaskId, attempt: number): boolean {
    if (this.#abandoned.size === 0 || !this.#abandoned.delete(attemptKey(id, attempt))) return false;
    this.release(undefined);
    return true;
  }

  cancel(request: CancelRequest): Promise<CancelAnswer> {
    if (this.#backend === undefined) return Promise.resolve('unknown-task');
    return this.#cancels.ask(this.#backend, request);
  }

  /** A backend that cannot be reached is a failure of the backend, not of the task. */
  fail(error: AnantError): void {
    this.lastError = error;
    this.breaker.recordFailure(this.#host.clock.nowMs());
    this.#host.onPhase(this);
  }

  #measure(): void {
    const sampleMs = this.#host.clock.nowMs() - this.#probeMs;
    this.#probe = undefined;
    const knownMs = this.latencyMs ?? Number.POSITIVE_INFINITY;
    // The shortest one counts, and is forgotten slowly: most tasks do more than nothing.
    this.latencyMs = sampleMs < knownMs ? sampleMs : knownMs + (sampleMs - knownMs) / LATENCY_MEMORY;
  }

  #wake(): void {
    if (this.#isWoken) return;
    if (!this.#canRun) {
      if (this.phase === 'idle' || this.phase === 'failed') this.#start().catch(() => {});
      else if (this.phase === 'down') this.#awaitRecovery();
      return;
    }
    this.#isWoken = true;
    queueMicrotask(this.#pump);
  }

  /** Microtasks collect a batch; now and then the event loop must get a turn of its own. */
  readonly #pump = (): void => {
    while (this.#canRun && this.waiting.size > 0 && this.openAttempts < this.#windowTasks) {
      if (this.#turnTasks >= TURN_TASKS_MAX) {
        setImmediate(this.#pumpNextTurn);
        return;
      }
      this.#submit(Math.min(this.#windowTasks - this.openAttempts, SUBMIT_BATCH_TASKS_MAX));
    }
    this.#isWoken = false;
  };

  readonly #pumpNextTurn = (): void => {
    this.#turnTasks = 0;
    this.#pump();
  };

  #submit(tasksMax: number): void {
    const host = this.#host;
    const batch: TaskEnvelope[] = [];
    let last: Task | undefined;
    while (batch.length < tasksMax) {
      const task = this.waiting.shift();
      if (task === undefined) break;
      batch.push(host.openAttempt(task));
      last = task;
    }
    this.openAttempts += batch.length;
    this.#turnTasks += batch.length;
    if (this.#probe === undefined || this.#probe.state !== 'open') {
      this.#probe = last;
      this.#probeMs = host.clock.nowMs();
    }
    try {
      this.#backend!.doSubmit(batch);
    } catch (error) {
      // The contract says that it never throws; what a backend that does has taken, nobody knows.
      host.logger.error('A backend threw in doSubmit.', { backend: this.id, error: messageOf(error) });
      host.onEvents(
        this,
        batch.map(({ id, attempt }) => ({
          type: 'task-end',
          id,
          attempt,
          outcome: { status: 'lost', reason: `doSubmit threw: ${messageOf(error)}`, started: 'maybe' },
        })),
      );
    }
  }

  #start(): Promise<void> {
    if (this.phase === 'stopped') return Promise.reject(closed(this.id));
    this.#starting ??= this.#startOnce().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #startOnce(): Promise<void> {
    const { clock, limits, logger } = this.#host;
    const backend = this.source.canStart ? this.source.load() : undefined;
    if (backend === undefined) throw this.#giveUp(this.source.loadError ?? this.lastError ?? closed(this.id));
    this.#setPhase('starting', 'it is starting');
    await this.#ending;
    if (this.isStopped) throw closed(this.id);
    this.#backend = backend;
    this.#epoch = -1;
    const context = {
      emit: (events: readonly TaskEvent[]) => this.#receive(backend, events),
      clock,
      logger: logger.child({ backend: this.id }),
      startTimeoutMs: limits.startTimeoutMs,
    };
    try {
      const started = (async () => backend.doStart(context))();
      this.info = await withDeadline(clock, limits.startTimeoutMs, started, () => lateStart(this.id, limits));
    } catch (cause) {
      if (this.isStopped) throw closed(this.id);
      throw this.#giveUp(AnantError.is(cause) ? cause : failedStart(this.id, cause));
    }
    if (this.isStopped) throw closed(this.id);
    this.#windowTasks = Math.max(1, this.info.windowTasks);
    this.breaker.recordSuccess();
    if (this.phase === 'starting') this.#setPhase('ready', '');
    else if (this.phase === 'down') this.#awaitRecovery();
    this.#host.onStarted(this, this.info);
    this.#wake();
  }

  get isStopped(): boolean {
    return this.phase === 'stopped';
  }

  /** Gives the instance up, and back what waited for it. */
  #giveUp(error: AnantError): AnantError {
    const backend = this.#backend;
    this.lastError = error;
    this.breaker.trip(this.#host.clock.nowMs());
    this.#backend = undefined;
    this.source.discard();
    this.#setPhase('failed', error.message);
    if (backend !== undefined) this.#ending = this.#end(backend, 0);
    this.#handBack(error);
    return error;
  }

  #handBack(error: AnantError): void {
    const waiting: Task[] = [];
    for (let task = this.waiting.shift(); task !== undefined; task = this.waiting.shift()) waiting.push(task);
    this.#host.onUnavailable(this, waiting, error);
  }

  #receive(backend: BackendV1, events: readonly TaskEvent[]): void {
    // Events of an instance that was given up still free what it held; its states mean nothing any more.
    this.#host.onEvents(this, events);
    if (backend !== this.#backend) return;
    for (const event of events) {
      if (event.type === 'backend-state') this.#onState(event);
    }
  }

  #onState(event: BackendStateEvent): void {
    if (event.epoch < this.#epoch || this.isStopped) return;
    this.#epoch = event.epoch;
    if (event.state === 'down') {
      this.breaker.recordFailure(this.#host.clock.nowMs());
      this.lastError = down(this.id, event.reason);
      this.#awaitRecovery();
    } else {
      this.#cancelDownTimer?.();
      this.#cancelDownTimer = undefined;
      this.breaker.recordSuccess();
    }
    const isStarting = this.phase === 'starting' && event.state !== 'down';
    if (!isStarting) this.#setPhase(event.state, event.state === 'ready' ? '' : event.reason);
    this.#host.onState(this, event);
    if (this.#canRun) this.#wake();
  }

  #awaitRecovery(): void {
    const { clock, limits } = this.#host;
    this.#cancelDownTimer ??= clock.schedule(limits.downGraceMs, () => {
      this.#cancelDownTimer = undefined;
      if (this.phase !== 'down') return;
      const reason = withoutStop(this.reason);
      const error = down(this.id, `${reason}; it did not come back within ${limits.downGraceMs} ms`);
      if (this.source.canRemake) this.#giveUp(error);
      else this.#handBack(error);
      this.#host.onPhase(this);
    });
  }

  #setPhase(phase: BackendPhase, reason: string): void {
    this.phase = phase;
    this.reason = reason;
    this.#host.onPhase(this);
  }

  /** Stops the backend; what still waits is left where it is. Calling it twice is fine. */
  stop(graceMs: number): Promise<void> {
    const backend = this.#backend;
    const starting = this.#starting;
    this.#cancelDownTimer?.();
    this.#cancelDownTimer = undefined;
    if (!this.isStopped) this.#setPhase('stopped', 'the client is closed');
    this.#stopping ??= (async () => {
      if (backend !== undefined) await this.#end(backend, graceMs);
      await starting?.catch(() => {});
      await this.#ending;
    })();
    return this.#stopping;
  }

  async #end(backend: BackendV1, graceMs: number): Promise<void> {
    const { clock, logger } = this.#host;
    const limitMs = graceMs + STOP_MARGIN_MS;
    try {
      const stopped = (async () => backend.doStop({ graceMs }))();
      await withDeadline(clock, limitMs, stopped, () => new Error(`no answer within ${limitMs} ms`));
    } catch (error) {
      logger.error('A backend could not be stopped.', { backend: this.id, error: messageOf(error) });
    }
    this.#host.onStopped(this);
    this.#abandoned.clear();
    this.openAttempts = 0;
  }
}

function closed(backend: string): AnantError {
  return new AnantError('E_BACKEND_CLOSED', `Backend "${backend}" is closed.`);
}

function down(backend: string, reason: string): AnantError {
  return new AnantError('E_BACKEND_UNAVAILABLE', `Backend "${backend}" is down: ${withoutStop(reason)}.`, {
    retryable: true,
    details: { backend },
  });
}

function failedStart(backend: string, cause: unknown): AnantError {
  return new AnantError(
    'E_BACKEND_UNAVAILABLE',
    `Backend "${backend}" could not be started: ${messageOf(cause)}`,
    { cause, retryable: true, details: { backend } },
  );
}

function lateStart(backend: string, limits: ResolvedLimits): AnantError {
  return new AnantError(
    'E_BACKEND_UNAVAILABLE',
    `Backend "${backend}" did not start within ${limits.startTimeoutMs} ms.`,
    {
      retryable: true,
      advice: 'Raise limits.startTimeoutMs if the engine is slow to start.',
      details: { backend },
    },
  );
}

/** A reason may be a sentence of its own, and becomes part of one. */
const withoutStop = (text: string): string => text.replace(/\.$/, '');
