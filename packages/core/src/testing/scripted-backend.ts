/** A backend that does nothing by itself: a test says how each attempt starts, goes on and ends. */
import {
  type AttemptOutcome,
  BACKEND_SPEC,
  type BackendHealth,
  type BackendV1,
  type CancelAnswer,
  type CancelRequest,
  type CapabilityManifest,
  type Feature,
  type FeatureSupport,
  type StartContext,
  type StartInfo,
  type StopOptions,
  type TaskEnvelope,
  type TaskEvent,
} from '../contract/index.js';
import { memoryManifest } from './memory/memory-manifest.js';

export interface ScriptedBackendOptions {
  /** @default 'scripted' */
  readonly id?: string;
  /** @default 1024 */
  readonly windowTasks?: number;
  /** Changes to the manifest of the in-memory backend. */
  readonly features?: Partial<Record<Feature, FeatureSupport>>;
}

export class ScriptedBackend implements BackendV1 {
  readonly spec = BACKEND_SPEC;
  readonly id: string;
  readonly manifest: CapabilityManifest;
  /** Every envelope it was given, in order. */
  readonly submitted: TaskEnvelope[] = [];
  /** How many envelopes came in each batch. */
  readonly batches: number[] = [];
  /** Every cancellation it was asked for, in order. */
  readonly cancelled: CancelRequest[] = [];
  /** Grace of each stop. */
  readonly stops: number[] = [];
  starts = 0;
  /** Called with each envelope as it comes in; may end it at once. */
  onSubmit: (envelope: TaskEnvelope) => void = () => {};
  /** What it answers to a cancellation. */
  onCancel: (request: CancelRequest) => CancelAnswer | Promise<CancelAnswer> = () => 'requested';
  onStart: (context: StartContext) => void | Promise<void> = () => {};
  onHealth: () => BackendHealth | Promise<BackendHealth>;
  onStop: (options: StopOptions) => void | Promise<void> = () => {};
  readonly #windowTasks: number;
  readonly #open = new Map<string, TaskEnvelope>();
  #context: StartContext | undefined;

  constructor(options: ScriptedBackendOptions = {}) {
    this.id = options.id ?? 'scripted';
    this.#windowTasks = options.windowTasks ?? 1024;
    this.manifest = memoryManifest(2 ** 30, options.features);
    this.onHealth = () => ({ state: 'ready', reason: '', epoch: 1, slots: 1, openTasks: this.#open.size });
  }

  /** Envelopes that have not ended. */
  get open(): readonly TaskEnvelope[] {
    return [...this.#open.values()];
  }

  /** The newest envelope. @throws RangeError when there is none */
  get last(): TaskEnvelope {
    const last = this.submitted.at(-1);
    if (last === undefined) throw new RangeError('Nothing was submitted to the scripted backend.');
    return last;
  }

  async doStart(context: StartContext): Promise<StartInfo> {
    this.starts += 1;
    this.#context = context;
    await this.onStart(context);
    return { windowTasks: this.#windowTasks, slots: 1, details: {} };
  }

  doSubmit(tasks: readonly TaskEnvelope[]): void {
    this.batches.push(tasks.length);
    for (const envelope of tasks) {
      this.submitted.push(envelope);
      this.#open.set(keyOf(envelope), envelope);
    }
    for (const envelope of tasks) this.onSubmit(envelope);
  }

  doCancel(requests: readonly CancelRequest[]): Promise<readonly CancelAnswer[]> {
    this.cancelled.push(...requests);
    return Promise.all(requests.map((request) => this.onCancel(request)));
  }

  async doHealth(): Promise<BackendHealth> {
    return this.onHealth();
  }

  async doStop(options: StopOptions): Promise<void> {
    this.stops.push(options.graceMs);
    await this.onStop(options);
  }

  /** Sends events as they are, whatever the contract says of them. */
  emit(...events: readonly TaskEvent[]): void {
    this.#context?.emit(events);
  }

  start({ id, attempt }: TaskEnvelope = this.last): void {
    this.emit({ type: 'task-start', id, attempt, worker: 'script' });
  }

  end(outcome: AttemptOutcome, envelope: TaskEnvelope = this.last): void {
    this.#open.delete(keyOf(envelope));
    this.emit({ type: 'task-end', id: envelope.id, attempt: envelope.attempt, outcome });
  }

  ok(value: unknown = null, envelope: TaskEnvelope = this.last): void {
    this.end({ status: 'ok', value }, envelope);
  }

  lose(envelope: TaskEnvelope = this.last, started: 'no' | 'yes' | 'maybe' = 'yes'): void {
    this.end({ status: 'lost', reason: 'its worker died', started }, envelope);
  }

  fail(message: string, envelope: TaskEnvelope = this.last): void {
    this.end({ status: 'app-error', error: { type: 'Error', message } }, envelope);
  }

  state(state: 'ready' | 'degraded' | 'down', epoch: number, reason = 'as scripted'): void {
    this.emit({ type: 'backend-state', state, epoch, reason });
  }
}

const keyOf = ({ id, attempt }: TaskEnvelope): string => `${id}#${attempt}`;
