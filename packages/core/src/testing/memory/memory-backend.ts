/**
 * The reference backend: keeps the contract to the letter, in this thread, with the clock it is given. For tests of
 * what is built on backends; nothing of a task is ever hidden by a process or a network.
 */
import { clonePortable, encodedBytes, encodeValue } from '../../codec/index.js';
import {
  type ActorHost,
  type ActorSpecification,
  BACKEND_SPEC,
  type BackendHealth,
  type BackendV1,
  type CancelAnswer,
  type CancelRequest,
  type Feature,
  type FeatureSupport,
  type ObjectStore,
  type StartContext,
  type StartInfo,
  type StopOptions,
  type StreamSource,
  systemClock,
  type TaskEnvelope,
  type TaskFunction,
} from '../../contract/index.js';
import { AnantError, describeError } from '../../error/index.js';
import { EventOutlet } from './event-outlet.js';
import { loadKernel, loadTask } from './load-task.js';
import { MemoryActors } from './memory-actors.js';
import { MemoryAttempt } from './memory-attempt.js';
import { MemoryFaults } from './memory-faults.js';
import { lackOf, memoryManifest } from './memory-manifest.js';
import { MemoryStore } from './memory-store.js';

export interface MemoryBackendOptions {
  /** @default 'memory' */
  readonly id?: string;
  /** Attempts that run at once. @default 4 */
  readonly slots?: number;
  /** Attempts that may be open. @default 1024 */
  readonly windowTasks?: number;
  /** Largest encoded input or result. @default 1 GiB */
  readonly payloadBytesMax?: number;
  /** Changes to the manifest, to play another backend. With `cancel.kill`, killing drops the task's function. */
  readonly features?: Partial<Record<Feature, FeatureSupport>>;
}

export interface MemoryBackend extends BackendV1, ObjectStore, StreamSource, ActorHost {
  readonly faults: MemoryFaults;
  /** Objects in its store. */
  readonly storedObjects: number;
}

export function memoryBackend(options: MemoryBackendOptions = {}): MemoryBackend {
  return new InMemoryBackend(options);
}

const GIB = 2 ** 30;
const attemptKey = (id: string, attempt: number): string => `${id}#${attempt}`;

class InMemoryBackend implements MemoryBackend {
  readonly spec = BACKEND_SPEC;
  readonly id: string;
  readonly manifest;
  readonly faults: MemoryFaults;
  readonly #slots: number;
  readonly #windowTasks: number;
  readonly #store = new MemoryStore();
  readonly #actors = new MemoryActors();
  readonly #open = new Map<string, MemoryAttempt>();
  /** Attempts refused in this turn: submitted again before anybody could hear of it, they are the same ones. */
  readonly #justRefused = new Set<string>();
  /** Newest attempt number of each open task. */
  readonly #newest = new Map<string, number>();
  #queue: MemoryAttempt[] = [];
  #running = 0;
  #epoch = 1;
  #state: 'ready' | 'down' = 'ready';
  #context: StartContext | undefined;
  #outlet: EventOutlet | undefined;
  #stopped: Promise<void> | undefined;
  #isStopped = false;
  #onIdle: (() => void) | undefined;

  constructor(options: MemoryBackendOptions) {
    this.id = options.id ?? 'memory';
    this.#slots = options.slots ?? 4;
    this.#windowTasks = options.windowTasks ?? 1024;
    this.manifest = memoryManifest(options.payloadBytesMax ?? GIB, options.features);
    this.faults = new MemoryFaults({
      crash: (id) => this.#crash(id),
      goDown: (reason) => this.#goDown(reason),
      comeUp: () => this.#comeUp(),
      loseObject: (id) => this.#store.release([id]),
      resume: () => this.#fill(),
    });
  }

  get storedObjects(): number {
    return this.#store.size;
  }

  async doStart(context: StartContext): Promise<StartInfo> {
    const { startDelayMs, startError } = this.faults;
    if (startDelayMs > 0) {
      await new Promise<void>((resolve) => context.clock.schedule(startDelayMs, resolve));
    }
    if (startError !== undefined) throw startError;
    this.#context = context;
    this.#outlet = new EventOutlet(context.emit, context.clock, (event) => this.faults.onEvent(event));
    return { windowTasks: this.#windowTasks, slots: this.#slots, details: { kind: 'in-memory' } };
  }

  doSubmit(tasks: readonly TaskEnvelope[]): void {
    for (const envelope of tasks) this.#accept(envelope);
    this.#fill();
  }

  async doCancel(requests: readonly CancelRequest[]): Promise<readonly CancelAnswer[]> {
    return requests.map((request) => this.#cancel(request));
  }

  async doHealth(): Promise<BackendHealth> {
    const state = this.#isStopped || this.#context === undefined ? 'down' : this.#state;
    return {
      state,
      reason: state === 'ready' ? '' : 'it does not run',
      epoch: this.#epoch,
      slots: this.#slots,
      openTasks: this.#open.size,
    };
  }

  doStop({ graceMs }: StopOptions): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  async doPut(id: string, value: unknown): Promise<{ bytes: number }> {
    this.#assertRuns();
    return this.#store.put(id, value);
  }

  async doGet(id: string): Promise<unknown> {
    this.#assertRuns();
    return this.#store.get(id);
  }

  doRelease(ids: readonly string[]): void {
    this.#store.release(ids);
  }

  doStreamCredit(id: string, attempt: number, credits: number): void {
    this.#open.get(attemptKey(id, attempt))?.credit(credits);
  }

  async doActorStart(specification: ActorSpecification): Promise<void> {
    this.#assertRuns();
    await this.#actors.start(specification);
  }

  async doActorStop(id: string): Promise<void> {
    this.#actors.stop(id);
    for (const attempt of [...this.#open.values()]) {
      if (attempt.envelope.actor?.actor === id) this.#lose(attempt, `actor "${id}" was stopped`);
    }
  }

  #assertRuns(): void {
    if (this.#context === undefined || this.#isStopped)
      throw new AnantError('E_BACKEND_CLOSED', `Backend "${this.id}" does not run.`);
  }

  #accept(envelope: TaskEnvelope): void {
    const { id, attempt } = envelope;
    const key = attemptKey(id, attempt);
    if (this.#open.has(key) || this.#justRefused.has(key) || this.#outlet === undefined) return;
    const worker = `memory-${this.#epoch}`;
    const accepted: MemoryAttempt = new MemoryAttempt(envelope, worker, (event) => {
      this.#outlet!.send(event);
      if (event.type === 'task-end') this.#ended(accepted);
    });
    const refusal = this.#isStopped
      ? { code: 'E_BACKEND_CLOSED', reason: 'the backend is stopped' }
      : this.#state === 'down'
        ? { code: 'E_BACKEND_UNAVAILABLE', reason: 'the backend is down' }
        : (this.faults.onSubmit(envelope) ?? this.#refusal(envelope));
    if (refusal !== undefined) {
      if (this.#justRefused.size === 0) queueMicrotask(() => this.#justRefused.clear());
      this.#justRefused.add(key);
      accepted.end({ status: 'refused', ...refusal });
      return;
    }
    const older = this.#open.get(attemptKey(id, this.#newest.get(id) ?? 0));
    this.#newest.set(id, Math.max(attempt, this.#newest.get(id) ?? 0));
    this.#open.set(key, accepted);
    if (older !== undefined && older.envelope.attempt < attempt)
      this.#lose(older, `attempt ${attempt} replaced it`);
    this.#queue.push(accepted);
  }

  #refusal(envelope: TaskEnvelope): { code: string; reason: string } | undefined {
    const lack = lackOf(envelope);
    if (lack) return lack;
    const { actor, input } = envelope;
    if (
      actor !== undefined &&
      this.#actors.has(actor.actor) &&
      !this.#actors.hasMethod(actor.actor, actor.method)
    )
      return { code: 'E_TASK_NOT_FOUND', reason: `the actor has no method "${actor.method}"` };
    return this.#tooLarge(input, 'input');
  }

  #tooLarge(value: unknown, what: string): { code: string; reason: string } | undefined {
    const { payloadBytesMax } = this.manifest;
    const bytes = encodedBytes(encodeValue(value, what));
    if (bytes <= payloadBytesMax) return undefined;
    return {
      code: 'E_PAYLOAD_TOO_LARGE',
      reason: `the ${what} has ${bytes} bytes, ${payloadBytesMax} are accepted`,
    };
  }

  #fill(): void {
    while (this.#running < this.#slots && this.#queue.length > 0 && !this.faults.isPaused) {
      const attempt = this.#queue.shift()!;
      if (attempt.isEnded) continue;
      this.#running += 1;
      attempt.holdsSlot = true;
      void this.#run(attempt);
    }
  }

  async #run(attempt: MemoryAttempt): Promise<void> {
    try {
      const { actor } = attempt.envelope;
      if (actor === undefined) await this.#runTask(attempt);
      else await this.#runCall(attempt, actor.actor, actor.method);
    } catch (thrown) {
      attempt.fail(thrown);
    }
  }

  async #runTask(attempt: MemoryAttempt): Promise<void> {
    const { envelope } = attempt;
    const task = await this.#load(attempt);
    if (task === undefined || attempt.isEnded) return;
    const input = this.#inputOf(attempt);
    if (attempt.isEnded) return;
    attempt.start();
    const returned = (task as (input: unknown, context: unknown) => unknown)(input, attempt.context());
    if (envelope.options.output === 'stream') await this.#stream(attempt, returned as AsyncIterable<unknown>);
    else await this.#finish(attempt, await returned);
  }

  async #runCall(attempt: MemoryAttempt, id: string, method: string): Promise<void> {
    if (!this.#actors.has(id)) {
      this.#lose(attempt, `there is no actor "${id}"`);
      return;
    }
    const input = this.#inputOf(attempt);
    if (attempt.isEnded) return;
    const onTurn = () => {
      if (!attempt.isEnded) attempt.start();
      return !attempt.isEnded;
    };
    const value = await this.#actors.call(id, method, onTurn, input, attempt.context());
    await this.#finish(attempt, value);
  }

  async #load(attempt: MemoryAttempt): Promise<TaskFunction | undefined> {
    const { definition, local } = attempt.envelope;
    try {
      if (definition.kind === 'kernel') return await loadKernel(definition);
      if (definition.kind === 'typescript') return local ?? (await loadTask(definition));
    } catch (error) {
      if (!AnantError.is(error)) throw error;
      attempt.end({ status: 'refused', code: error.code, reason: error.message, ...adviceOf(error) });
    }
    return undefined;
  }

  #inputOf(attempt: MemoryAttempt): unknown {
    try {
      return this.#store.resolve(clonePortable(attempt.envelope.input, 'input'));
    } catch (error) {
      if (!AnantError.is(error)) throw error;
      attempt.end({ status: 'refused', code: error.code, reason: error.message });
      return undefined;
    }
  }

  async #stream(attempt: MemoryAttempt, items: AsyncIterable<unknown>): Promise<void> {
    const iterator = items[Symbol.asyncIterator]();
    while (await attempt.mayYield()) {
      const next = await iterator.next();
      if (next.done) {
        attempt.end({ status: 'ok', value: undefined });
        return;
      }
      attempt.yieldItem(clonePortable(next.value, 'item'));
    }
    attempt.end({ status: 'cancelled', how: 'ask' });
    await iterator.return?.();
  }

  async #finish(attempt: MemoryAttempt, value: unknown): Promise<void> {
    if (attempt.isEnded) return;
    const { id, attempt: number, options } = attempt.envelope;
    const result = clonePortable(value, 'result');
    const tooLarge = this.#tooLarge(result, 'result');
    if (tooLarge !== undefined) {
      const { code, reason } = tooLarge;
      attempt.end({
        status: 'app-error',
        error: describeError(new AnantError(code as 'E_PAYLOAD_TOO_LARGE', reason)),
      });
    } else if (options.output === 'reference') {
      const object = `${id}.${number}.result`;
      const { bytes } = this.#store.put(object, result);
      attempt.end({ status: 'ok-reference', object, bytes });
    } else attempt.end({ status: 'ok', value: result });
  }

  #cancel({ id, attempt: number, how }: CancelRequest): CancelAnswer {
    const attempt = this.#open.get(attemptKey(id, number));
    if (attempt === undefined) return 'unknown-task';
    if (how === 'ask' && attempt.hasStarted) {
      attempt.ask();
      return 'requested';
    }
    const canKill = this.manifest.features['cancel.kill'].level !== 'absent';
    if (how === 'kill' && attempt.hasStarted && !canKill) return 'unsupported';
    attempt.end({ status: 'cancelled', how });
    return 'cancelled';
  }

  #crash(id: string): boolean {
    const attempt = this.#open.get(attemptKey(id, this.#newest.get(id) ?? 0));
    if (attempt === undefined || !attempt.hasStarted) return false;
    this.#lose(attempt, 'its worker died');
    return true;
  }

  #lose(attempt: MemoryAttempt, reason: string): void {
    attempt.end({ status: 'lost', reason, started: attempt.hasStarted ? 'yes' : 'no' });
  }

  /** The attempt is over, even if a fault left its function running. */
  #ended(attempt: MemoryAttempt): void {
    const { id, attempt: number } = attempt.envelope;
    if (attempt.holdsSlot) this.#running -= 1;
    attempt.holdsSlot = false;
    if (this.#open.get(attemptKey(id, number)) === attempt) this.#open.delete(attemptKey(id, number));
    if (this.#newest.get(id) === number) this.#newest.delete(id);
    if (this.#open.size === 0) this.#onIdle?.();
    this.#fill();
  }

  #goDown(reason: string): void {
    this.#state = 'down';
    for (const attempt of [...this.#open.values()]) this.#lose(attempt, reason);
    this.#outlet?.send({ type: 'backend-state', state: 'down', epoch: this.#epoch, reason });
  }

  #comeUp(): void {
    this.#state = 'ready';
    this.#epoch += 1;
    this.#outlet?.send({ type: 'backend-state', state: 'ready', epoch: this.#epoch, reason: '' });
  }

  async #stop(graceMs: number): Promise<void> {
    if (this.#open.size > 0 && graceMs > 0) await this.#idleWithin(graceMs);
    this.#isStopped = true;
    for (const attempt of [...this.#open.values()]) this.#lose(attempt, 'the backend was stopped');
    this.#queue = [];
    this.#outlet?.flush();
    this.#actors.clear();
    this.#store.clear();
  }

  #idleWithin(graceMs: number): Promise<void> {
    const { clock } = this.#context ?? { clock: systemClock };
    return new Promise((resolve) => {
      const cancel = clock.schedule(graceMs, resolve);
      this.#onIdle = () => {
        cancel();
        resolve();
      };
    });
  }
}

function adviceOf({ advice }: AnantError): { advice?: string } {
  return advice === undefined ? {} : { advice };
}
