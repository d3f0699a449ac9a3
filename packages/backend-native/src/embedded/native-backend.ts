/** The embedded backend: the contract over the dispatcher. No server, no port. */
import {
  type ActorHost,
  type ActorSpecification,
  AnantError,
  type AttemptOutcome,
  BACKEND_SPEC,
  type BackendHealth,
  type BackendV1,
  type CancelAnswer,
  type CancelRequest,
  type CapabilityManifest,
  type ObjectId,
  type ObjectStore,
  type Resources,
  type StartContext,
  type StartInfo,
  type StopOptions,
  type StoredObjectInfo,
  type StreamSource,
  type TaskEnvelope,
  type TaskId,
} from '@anant/core';
import type { EncodedValue } from '@anant/core/codec';
import { locateGpu } from '@anant/core/gpu';
import type { Attempt } from './attempt.js';
import { AttemptLedger } from './attempt-ledger.js';
import { Dispatcher } from './dispatcher.js';
import { findNvidiaGpus, type NvidiaGpu } from './gpu/nvidia.js';
import { KeepAlive } from './keep-alive.js';
import { nativeManifest } from './manifest.js';
import { type NativeOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { cancelledBy, lostBeforeStart, refusedBy } from './outcomes.js';
import { findPython } from './python/python-host.js';
import { Admission } from './schedule/admission.js';
import { type ResourceCapacity, ResourceLedger } from './schedule/resource-ledger.js';
import { NativeObjectStore } from './store/object-store.js';
import { resolveReferences } from './store/resolve-references.js';
import { SpillFolder } from './store/spill-folder.js';
import { within } from './within.js';

const NO_GPU = 'gpu.js was not found; `anant setup gpu` installs it';
const NO_PYTHON = 'No Python was found: neither an option, nor ANANT_PYTHON, nor `anant setup` names one';
const QUEUE_FULL: AttemptOutcome = {
  status: 'refused',
  code: 'E_QUEUE_FULL',
  reason: 'As many attempts are open as the backend holds.',
  advice: 'Wait for some to end, or raise windowTasks.',
};
const STOPPED = 'The backend was stopped.';

interface Running {
  readonly context: StartContext;
  readonly keepAlive: KeepAlive;
  readonly ledger: AttemptLedger;
  readonly dispatcher: Dispatcher;
  readonly admission: Admission;
}

export class NativeBackend implements BackendV1, ObjectStore, StreamSource, ActorHost {
  readonly spec = BACKEND_SPEC;
  readonly id: string;
  readonly manifest: CapabilityManifest;
  readonly #resolved: ResolvedOptions;
  #resources: ResourceLedger;
  #capacity: ResourceCapacity;
  #gpus: readonly NvidiaGpu[] = [];
  readonly #store: NativeObjectStore;
  readonly #python: string | undefined;
  /** Hears, just before the end of an attempt is emitted, how many microseconds it ran; 0 when nobody knows. */
  onRun: ((id: TaskId, attempt: number, runUs: number) => void) | undefined;
  #running: Running | undefined;
  #stopped: Promise<void> | undefined;

  /**
   * @param directory Where the search for the environments of `anant setup` begins.
   * @throws ZodError naming the option that is wrong.
   */
  constructor(options: NativeOptions = {}, id = 'native', directory = process.cwd()) {
    this.id = id;
    this.#resolved = resolveOptions(options);
    const { resources } = this.#resolved;
    this.#capacity = { ...resources, gpu: resources.gpu ?? 0 };
    this.#resources = new ResourceLedger(this.#capacity);
    const { objectBytesMax, spill } = this.#resolved;
    this.#store = new NativeObjectStore(objectBytesMax, spill.bytesMax, new SpillFolder(spill.folder));
    this.#python = findPython(this.#resolved.python.executable, directory);
    this.manifest = nativeManifest({
      payloadBytesMax: this.#resolved.payloadBytesMax,
      pythonMissing: this.#python === undefined ? NO_PYTHON : undefined,
      gpuMissing: locateGpu(directory) === undefined ? NO_GPU : undefined,
    });
  }

  async doStart(context: StartContext): Promise<StartInfo> {
    if (this.#running || this.#stopped) {
      throw new AnantError('E_BACKEND_CLOSED', 'The backend was started before.', {
        advice: 'Make a new one; each is started once.',
      });
    }
    const gpus = await this.#findGpus();
    if (this.#stopped) throw closed(STOPPED);
    const keepAlive = new KeepAlive();
    const onEnd = (attempt: Attempt) => this.#ended(attempt);
    const ledger = new AttemptLedger({ emit: context.emit, keepAlive, onEnd });
    const { clock, logger } = context;
    const dispatcher = new Dispatcher({
      resolved: this.#resolved,
      ledger,
      store: this.#store,
      clock,
      logger,
      python: this.#python,
      gpus: this.#capacity.gpu,
    });
    const admission = new Admission(this.#resources, (attempt) => dispatcher.dispatch(attempt));
    this.#running = { context, keepAlive, ledger, dispatcher, admission };
    const { slots, windowTasks, mode } = this.#resolved;
    return {
      slots,
      windowTasks,
      details: {
        mode,
        node: process.versions.node,
        python: this.#python ?? 'none',
        gpu: gpus.map(({ name }) => name).join(', ') || 'none',
      },
    };
  }

  /** What tasks may hold at most, all together. Known in full once the backend has started. */
  get capacity(): ResourceCapacity {
    return this.#capacity;
  }

  /** NVIDIA GPUs of the machine, once the backend has started. */
  get gpus(): readonly NvidiaGpu[] {
    return this.#gpus;
  }

  /** Offers the GPUs of the machine, unless the options say what there is. */
  async #findGpus(): Promise<readonly NvidiaGpu[]> {
    const gpus = await findNvidiaGpus();
    this.#gpus = gpus;
    if (this.#resolved.resources.gpu !== undefined || gpus.length === 0) return gpus;
    const gpuMemoryBytes = gpus.reduce((total, { memoryBytes }) => total + memoryBytes, 0);
    const custom = { gpuMemoryBytes, ...this.#capacity.custom };
    this.#capacity = { ...this.#capacity, gpu: gpus.length, custom };
    this.#resources = new ResourceLedger(this.#capacity);
    return gpus;
  }

  doSubmit(tasks: readonly TaskEnvelope[]): void {
    const running = this.#running;
    if (!running || this.#stopped) return;
    let room = this.#resolved.windowTasks - running.ledger.openAttempts;
    // First all are opened: an envelope that is in the batch twice must not run again when the first has ended.
    const attempts: Attempt[] = [];
    for (const envelope of tasks) {
      const attempt = running.ledger.open(envelope);
      if (attempt) attempts.push(attempt);
    }
    for (const attempt of attempts) {
      if (room > 0) this.#accept(running, attempt);
      else running.ledger.end(attempt, QUEUE_FULL);
      room -= 1;
    }
  }

  async doCancel(requests: readonly CancelRequest[]): Promise<readonly CancelAnswer[]> {
    return await Promise.all(requests.map((request) => this.#cancel(request)));
  }

  async doHealth(): Promise<BackendHealth> {
    const { slots } = this.#resolved;
    const openTasks = this.#running?.ledger.openAttempts ?? 0;
    if (this.#stopped) return { state: 'down', reason: STOPPED, epoch: 1, slots, openTasks };
    if (!this.#running)
      return { state: 'down', reason: 'The backend was not started.', epoch: 0, slots, openTasks };
    return { state: 'ready', reason: 'It runs in this process.', epoch: 1, slots, openTasks };
  }

  doStop(options: StopOptions): Promise<void> {
    this.#stopped ??= this.#stop(options);
    return this.#stopped;
  }

  async doPut(id: ObjectId, value: unknown): Promise<StoredObjectInfo> {
    this.#assertOpen();
    return { bytes: this.#store.put(id, value) };
  }

  async doGet(id: ObjectId): Promise<unknown> {
    return this.#store.read(id);
  }

  doRelease(ids: readonly ObjectId[]): void {
    this.#store.release(ids);
  }

  /** Whether the attempt was submitted and has not ended. */
  isOpen(id: TaskId, number: number): boolean {
    return this.#running?.ledger.find(id, number) !== undefined;
  }

  /** Takes an attempt back that has not begun; it ends `cancelled`. @returns whether it had not. For workers of a cluster. */
  takeBack(id: TaskId, number: number): boolean {
    const attempt = this.#running?.ledger.find(id, number);
    if (!attempt) return false;
    const { ledger, dispatcher } = this.#running!;
    if (attempt.state === 'handed' && !dispatcher.takeBack(attempt)) return false;
    ledger.end(attempt, cancelledBy('forget'));
    return true;
  }

  /** Stores what came from another process; its buffers are copied. @throws AnantError `E_PAYLOAD_TOO_LARGE` */
  keepObject(id: ObjectId, value: EncodedValue): StoredObjectInfo {
    this.#assertOpen();
    return { bytes: this.#store.keep(id, value) };
  }

  /** Moves stored objects to disk, those unused longest first. @returns how many bytes went. @throws Error when it is full */
  spillObjects(bytes: number): number {
    return this.#store.spill(bytes);
  }

  /** Bytes of stored objects that lie on disk. */
  get spilledBytes(): number {
    return this.#store.spilledBytes;
  }

  /** A stored object as it is kept; its buffers must not be written. */
  encodedObject(id: ObjectId): EncodedValue | undefined {
    return this.#store.encoded(id);
  }

  /** A stored object as tasks see it: its arrays are shared and must not be written. @throws AnantError `E_OBJECT_LOST` */
  sharedObject(id: ObjectId): unknown {
    return this.#store.share(id);
  }

  doStreamCredit(id: TaskId, number: number, credits: number): void {
    const attempt = this.#running?.ledger.find(id, number);
    if (attempt?.state === 'handed') this.#running!.dispatcher.credit(attempt, credits);
  }

  async doActorStart(specification: ActorSpecification): Promise<void> {
    this.#assertOpen();
    const { kind } = specification.definition;
    if (kind === 'python' && this.#python === undefined) throw missing(this.manifest, 'task.python');
    if (kind === 'kernel') {
      throw new AnantError('E_TASK_INVALID', 'A kernel cannot be an actor.', {
        advice: 'Name an exported class.',
      });
    }
    const { resources } = specification.options;
    if (resources) this.#takeForActor(resources);
    const onGone = () => {
      if (resources) this.#resources.giveBack(resources);
    };
    await this.#running!.dispatcher.startActor(specification, onGone);
  }

  /** An actor holds its resources as long as it lives. @throws AnantError */
  #takeForActor(resources: Resources): void {
    this.#checkPossible(resources);
    if (this.#resources.take(resources)) return;
    throw new AnantError('E_BACKEND_UNAVAILABLE', 'The resources of the actor are taken.', {
      advice: 'Stop another actor or wait for tasks to end, then start it again.',
      retryable: true,
    });
  }

  /** @throws AnantError when the resources can never be granted */
  #checkPossible(resources: Resources): void {
    const impossible = this.#resources.impossible(resources);
    if (impossible === undefined) return;
    throw new AnantError('E_CAPABILITY_MISSING', impossible, {
      advice: 'Ask for less, raise slots or resources, or use another backend.',
    });
  }

  async doActorStop(id: string): Promise<void> {
    await this.#running?.dispatcher.stopActor(id);
  }

  #accept({ ledger, dispatcher, admission }: Running, attempt: Attempt): void {
    const { options, references } = attempt.envelope;
    try {
      this.#check(attempt);
      if (references.length > 0) attempt.input = this.#resolve(attempt);
    } catch (thrown) {
      ledger.end(attempt, refusedBy(thrown));
      return;
    }
    if (options.resources) admission.enter(attempt);
    else dispatcher.dispatch(attempt);
  }

  /** @throws AnantError when the attempt can never run here */
  #check({ envelope }: Attempt): void {
    const { options, definition } = envelope;
    const { node, labels, group } = options.placement ?? {};
    if (node !== undefined || group !== undefined || (labels && Object.keys(labels).length > 0)) {
      throw missing(this.manifest, 'placement');
    }
    if (definition.kind === 'python' && this.manifest.features['task.python'].level === 'absent') {
      throw missing(this.manifest, 'task.python');
    }
    if (options.mode === 'gpu' && this.manifest.features['task.gpu'].level === 'absent') {
      throw missing(this.manifest, 'task.gpu');
    }
    if (options.resources) this.#checkPossible(options.resources);
  }

  #resolve({ envelope }: Attempt): unknown {
    return resolveReferences(envelope.input, (reference) => {
      if (reference.backend === this.id) return this.#store.share(reference.id);
      throw new AnantError(
        'E_OBJECT_LOST',
        `The object "${reference.id}" is held by the backend "${reference.backend}".`,
        {
          advice: 'Run the task there, or read the object and store it here.',
        },
      );
    });
  }

  async #cancel({ id, attempt: number, how }: CancelRequest): Promise<CancelAnswer> {
    const attempt = this.#running?.ledger.find(id, number);
    if (!attempt) return 'unknown-task';
    const { ledger, dispatcher } = this.#running!;
    if (attempt.state === 'handed') return await dispatcher.cancel(attempt, how);
    ledger.end(attempt, cancelledBy(how));
    return 'cancelled';
  }

  #ended(attempt: Attempt): void {
    this.onRun?.(attempt.envelope.id, attempt.envelope.attempt, attempt.runUs);
    const { dispatcher, admission } = this.#running!;
    if (attempt.envelope.options.resources) admission.leave(attempt);
    dispatcher.ended(attempt);
  }

  async #stop({ graceMs }: StopOptions): Promise<void> {
    const running = this.#running;
    if (!running) return;
    const { ledger, dispatcher, keepAlive } = running;
    if (graceMs > 0) await within(ledger.empty(), graceMs, running.context.clock);
    keepAlive.hold();
    await dispatcher.stop(STOPPED);
    for (const attempt of ledger.all()) ledger.end(attempt, lostBeforeStart(STOPPED));
    ledger.close();
    keepAlive.end();
    this.#store.clear();
  }

  #assertOpen(): void {
    if (this.#running && !this.#stopped) return;
    throw closed(this.#stopped ? STOPPED : 'The backend was not started.');
  }
}

const closed = (message: string): AnantError =>
  new AnantError('E_BACKEND_CLOSED', message, { advice: 'Use a client that is open.' });

const MISSING_ADVICE = {
  placement: 'Leave placement out, or use a cluster.',
  'task.python': 'Run `npx anant setup python`.',
  'task.gpu': 'Run `npx anant setup gpu`.',
} as const;

function missing(manifest: CapabilityManifest, feature: keyof typeof MISSING_ADVICE): AnantError {
  const { reason } = manifest.features[feature];
  return new AnantError('E_CAPABILITY_MISSING', `The embedded backend lacks "${feature}": ${reason}.`, {
    advice: MISSING_ADVICE[feature],
  });
}
