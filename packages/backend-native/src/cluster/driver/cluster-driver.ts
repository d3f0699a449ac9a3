/** A driver of a cluster: submits to the head, hears of results from workers, and shows both as one backend. */
import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type {
  ActorSpecification,
  AnantError,
  BackendHealth,
  CancelAnswer,
  CancelRequest,
  ObjectId,
  StartContext,
  StartInfo,
  StopOptions,
  StoredObjectInfo,
  TaskEnvelope,
  TaskId,
} from '@anant/core';
import { decodeMessage, type EncodedValue, encodeMessage } from '@anant/core/codec';
import type { Attempt } from '../../embedded/attempt.js';
import { AttemptLedger } from '../../embedded/attempt-ledger.js';
import { KeepAlive } from '../../embedded/keep-alive.js';
import { lostBeforeStart } from '../../embedded/outcomes.js';
import { within } from '../../embedded/within.js';
import { DATA_KIND } from '../data/data-message.js';
import { type DataMessage, DataPlane } from '../data/data-plane.js';
import { readEvents, readSender } from '../data/event-reader.js';
import { ObjectExchange } from '../data/object-exchange.js';
import { PROTOCOL } from '../limits.js';
import type { EndBatch, SessionOpened, SessionResponse } from '../proto/anant/v1/scheduler.js';
import { ActorBook } from './actor-book.js';
import { AttemptBook } from './attempt-book.js';
import { CancelDesk } from './cancel-desk.js';
import type { ResolvedClusterOptions } from './cluster-options.js';
import { EndCounter } from './end-counter.js';
import { HeadSession } from './head-session.js';
import { ObjectBook } from './object-book.js';
import type { OpenAttempt } from './open-attempt.js';
import { QUEUE_FULL, unavailable } from './refusals.js';
import { StartGate } from './start-gate.js';
import { Submitter } from './submitter.js';
import { TaskDesk } from './task-desk.js';
import { TemplateBook } from './template-book.js';

const CLOSE_MS_MAX = 5_000;
const STOPPED = 'The backend was stopped.';
export class ClusterDriver {
  readonly #options: ResolvedClusterOptions;
  readonly #context: StartContext;
  readonly #keepAlive = new KeepAlive();
  readonly #ledger: AttemptLedger;
  readonly #attempts: AttemptBook;
  readonly #templates: TemplateBook;
  readonly #submitter: Submitter;
  readonly #plane: DataPlane;
  readonly #secret = randomBytes(16);
  readonly #exchange: ObjectExchange;
  readonly #objects: ObjectBook;
  readonly #actors: ActorBook;
  readonly #cancels: CancelDesk;
  readonly #gate = new StartGate();
  readonly #ends = new EndCounter((sequence) =>
    this.#session.write({ $case: 'endsSeen', value: { sequence } }),
  );
  readonly #session: HeadSession;
  readonly #desk: TaskDesk;
  #sessionId = randomUUID();
  #isResumed = false;
  #dataSecret: Uint8Array = new Uint8Array(16);
  #epoch = 0;
  #slots = 0;
  #headFacts = { version: '', journal: '', epoch: 0 };
  #state: 'ready' | 'degraded' | 'down' = 'degraded';
  #reason = 'It connects for the first time.';
  #lastError: AnantError | undefined;
  #isStopped = false;

  private constructor(options: ResolvedClusterOptions, context: StartContext, plane: DataPlane) {
    this.#options = options;
    this.#templates = new TemplateBook(options.code);
    this.#context = context;
    this.#plane = plane;
    plane.secret = this.#secret;
    this.#ledger = new AttemptLedger({
      emit: context.emit,
      keepAlive: this.#keepAlive,
      onEnd: (attempt) => this.#attempts.ended(attempt),
    });
    this.#objects = new ObjectBook(
      options.objectBytesMax,
      plane,
      () => this.#exchange,
      () => this.#dataSecret,
    );
    this.#attempts = new AttemptBook({
      ledger: this.#ledger,
      onWorker: (open) => this.#giveCredits(open),
      onReference: (object, bytes, { worker, address }) =>
        this.#objects.keptBy(object, bytes, worker, address),
    });
    this.#submitter = new Submitter(this.#templates, (value, bytes) =>
      this.#session.write({ $case: 'submit', value }, bytes),
    );
    this.#exchange = new ObjectExchange(
      plane,
      () => this.#secret,
      (id) => this.#held(id),
    );
    this.#actors = new ActorBook({
      templates: this.#templates,
      plane,
      secret: () => this.#dataSecret,
      startActor: (value) => this.#session.write({ $case: 'startActor', value }),
      stopActor: (value) => this.#session.write({ $case: 'stopActor', value }),
    });
    this.#cancels = new CancelDesk({
      ledger: this.#ledger,
      attempts: this.#attempts,
      actors: this.#actors,
      send: (value) => this.#session.write({ $case: 'cancel', value }),
    });
    this.#desk = new TaskDesk({
      ledger: this.#ledger,
      attempts: this.#attempts,
      objects: this.#objects,
      templates: this.#templates,
      submitter: this.#submitter,
      actors: this.#actors,
      payloadBytesMax: options.payloadBytesMax,
    });
    this.#session = new HeadSession({
      ...options,
      introduce: () => this.#introduce(),
      onOpened: (opened) => this.#opened(opened),
      onPeers: (peers) => plane.learn(peers),
      onMessage: (message) => this.#receive(message),
      onBroken: (error) => this.#broken(error),
      onLost: (error) => this.#lost(error),
    });
  }

  /** @throws AnantError when the head cannot be reached in time, or refuses */
  static async start(options: ResolvedClusterOptions, context: StartContext): Promise<ClusterDriver> {
    const { security, dataHost } = options;
    const plane = await DataPlane.open({
      host: dataHost,
      security,
      accepts: ['worker'],
      logger: context.logger,
    });
    let driver: ClusterDriver;
    try {
      driver = new ClusterDriver(options, context, plane);
    } catch (error) {
      plane.close();
      throw error;
    }
    plane.serve({
      onMessage: (message) => driver.#receiveData(message),
      onRenewed: (value) => driver.#session.write({ $case: 'endpoint', value }),
    });
    try {
      await driver.#connect(Math.min(context.startTimeoutMs, options.connectTimeoutMs));
    } catch (error) {
      await driver.stop({ graceMs: 0 });
      throw error;
    }
    return driver;
  }

  get info(): StartInfo {
    const { address, windowTasks } = this.#options;
    const details = { ...this.#headFacts, head: address, epoch: String(this.#epoch) };
    return { slots: Math.max(1, this.#slots), windowTasks: Math.max(windowTasks, this.#slots), details };
  }

  submit(tasks: readonly TaskEnvelope[]): void {
    if (this.#isStopped) return;
    let room = this.#options.windowTasks - this.#ledger.openAttempts;
    const attempts: Attempt[] = [];
    for (const envelope of tasks) {
      const attempt = this.#ledger.open(envelope);
      if (attempt) attempts.push(attempt);
    }
    const reason = `The cluster cannot be reached: ${this.#reason}`;
    for (const attempt of attempts) {
      if (this.#state === 'down') this.#ledger.end(attempt, lostBeforeStart(reason));
      else if (room > 0) this.#desk.accept(attempt);
      else this.#ledger.end(attempt, QUEUE_FULL);
      room -= 1;
    }
  }

  async cancel(requests: readonly CancelRequest[]): Promise<readonly CancelAnswer[]> {
    this.#submitter.flush();
    return await Promise.all(requests.map((request) => this.#cancels.cancel(request)));
  }

  health(): BackendHealth {
    const state = this.#state === 'ready' && this.#slots === 0 ? 'degraded' : this.#state;
    const reason = state === this.#state ? this.#reason : 'The cluster has no worker that takes work.';
    return {
      state,
      reason,
      epoch: this.#epoch,
      slots: Math.max(1, this.#slots),
      openTasks: this.#ledger.openAttempts,
    };
  }

  put(id: ObjectId, value: unknown): StoredObjectInfo {
    return this.#objects.put(id, value);
  }

  get(id: ObjectId): Promise<unknown> {
    return this.#objects.get(id);
  }

  release(ids: readonly ObjectId[]): void {
    this.#objects.release(ids);
  }

  credit(id: TaskId, number: number, credits: number): void {
    const open = this.#attempts.find(id, number);
    if (open === undefined) return;
    open.credits += credits;
    if (open.worker !== undefined) this.#giveCredits(open);
  }

  async startActor(specification: ActorSpecification): Promise<void> {
    if (!this.#session.isOpen) throw unavailable(this.#reason);
    await this.#actors.start(specification, this.#attempts.nextNumber());
  }

  async stopActor(id: string): Promise<void> {
    await this.#actors.stop(id);
  }

  async stop({ graceMs }: StopOptions): Promise<void> {
    if (graceMs > 0) await within(this.#ledger.empty(), graceMs, this.#context.clock);
    this.#isStopped = true;
    this.#keepAlive.hold();
    this.#ends.stop();
    // Before the head is told: what it says of the end of a session is not what happened to the client.
    this.#attempts.loseAll(STOPPED, this.#session.connection);
    await this.#session.close(CLOSE_MS_MAX);
    this.#ledger.close();
    this.#cancels.close();
    this.#attempts.close();
    this.#exchange.close();
    this.#plane.close();
    this.#options.security?.close();
    this.#objects.clear();
    this.#keepAlive.end();
  }

  async #connect(timeoutMs: number): Promise<void> {
    this.#session.start();
    await this.#gate.head(timeoutMs, () => this.#lastError ?? unavailable(this.#reason));
    if (this.#slots === 0) await this.#gate.firstWorker(timeoutMs);
  }

  #introduce() {
    const { certificate, way: dataWay } = this.#plane.shown;
    return {
      protocol: PROTOCOL,
      session: this.#sessionId,
      dataAddress: this.#plane.address,
      secret: this.#secret,
      host: hostname(),
      tenant: '',
      name: `${this.#options.id} of process ${process.pid} on ${hostname()}`,
      isResumed: this.#isResumed,
      endsSeen: this.#ends.seen,
      certificate,
      dataWay,
    };
  }

  #opened({ epoch, slots, dataSecret, isKnown, version, journal }: SessionOpened): void {
    this.#epoch = Math.max(this.#epoch, epoch);
    this.#slots = slots;
    this.#headFacts = { version, journal, epoch };
    this.#dataSecret = new Uint8Array(dataSecret);
    if (this.#isResumed && !isKnown) this.#forgotten();
    this.#isResumed = true;
    this.#submitter.connected();
    this.#plane.repeat();
    this.#tell('ready', 'The head leads.');
    this.#gate.opened();
  }

  /** The head does not know the session: tasks it had acknowledged are gone, those it had not are sent again. */
  #forgotten(): void {
    const reason = 'The head of the cluster was lost, and with it what it knew of the task.';
    this.#ends.reset();
    for (const open of [...this.#attempts.all()]) {
      if (open.entry === undefined) this.#ledger.end(open.attempt, this.#attempts.lost(open, reason));
    }
    this.#actors.loseAll(reason);
  }

  #receive(message: NonNullable<SessionResponse['message']>): void {
    switch (message.$case) {
      case 'acknowledge':
        this.#acknowledged(message.value.count);
        break;
      case 'ends':
        this.#takeEnds(message.value);
        break;
      case 'cancelAnswers':
        this.#cancels.answered(message.value);
        break;
      case 'actorAnswer':
        this.#actors.answered(message.value);
        break;
      case 'workerGone': {
        const { worker, dataAddress, reason } = message.value;
        this.#attempts.workerGone(dataAddress, `Worker "${worker}" is gone: ${reason}`);
        this.#actors.workerGone(dataAddress);
        this.#objects.workerGone(dataAddress);
        this.#exchange.lose(dataAddress);
        this.#plane.forget(dataAddress);
        break;
      }
      case 'capacity':
        this.#slots = message.value.slots;
        this.#gate.capacity(this.#slots);
        break;
    }
  }

  #acknowledged(count: number): void {
    const news = this.#submitter.acknowledged(count);
    this.#options.onAcknowledged?.(news, this.#headFacts.epoch);
  }

  #takeEnds({ ends }: EndBatch): void {
    for (const end of ends) {
      this.#attempts.end(end);
      this.#ends.saw(end.sequence);
    }
    this.#ends.settle();
  }

  #receiveData(message: DataMessage): void {
    if (this.#isStopped || this.#exchange.receive(message)) return;
    const { kind, payload, buffers } = message;
    if (kind === DATA_KIND.events) {
      const sender = readSender(payload);
      this.#plane.requireOwner(message, sender.address);
      for (const event of readEvents(payload, buffers)) this.#attempts.apply(event, sender);
    } else if (kind === DATA_KIND.actorCancelAnswer) {
      const [request, answer] = decodeMessage(payload) as [number, CancelAnswer];
      this.#actors.cancelAnswered(request, answer);
    }
  }

  /** What workers may ask this process for. */
  #held(id: string): EncodedValue | undefined {
    const number = /^input:(\d+)$/.exec(id)?.[1];
    if (number === undefined) return this.#templates.code.encoded(id) ?? this.#objects.encoded(id);
    return this.#attempts.byNumber(Number(number))?.heldInput ?? this.#actors.heldInput(Number(number));
  }

  #giveCredits(open: OpenAttempt): void {
    if (open.credits === 0) return;
    const { id, attempt } = open.attempt.envelope;
    const message = encodeMessage([[id, attempt, open.credits]]);
    open.credits = 0;
    this.#plane.send(open.worker as string, this.#dataSecret, DATA_KIND.credits, message);
  }

  #broken(error: AnantError): void {
    this.#lastError = error;
    this.#submitter.disconnected();
    if (this.#isStopped || this.#state === 'down') return;
    this.#tell('degraded', `The connection to the head is broken: ${error.message}`);
  }

  #lost(error: AnantError): void {
    if (this.#isStopped) return;
    this.#lastError = error;
    this.#gate.failed(error);
    this.#tell('down', error.message);
    this.#attempts.loseAll(error.message, this.#session.connection);
    this.#actors.loseAll(error.message);
    // Its tasks have ended here: whatever a head still knows of that session ends there by itself.
    this.#sessionId = randomUUID();
    this.#isResumed = false;
    this.#ends.reset();
  }

  #tell(state: 'ready' | 'degraded' | 'down', reason: string): void {
    const isNews = state !== this.#state;
    this.#state = state;
    this.#reason = reason;
    if (isNews) this.#ledger.state({ type: 'backend-state', state, epoch: this.#epoch, reason });
  }
}
