/**
 * The native backend on a cluster: the same contract, carried out by a driver that is loaded when it starts, so that who
 * does not use a cluster loads none of it.
 */
import {
  type ActorHost,
  type ActorSpecification,
  AnantError,
  BACKEND_SPEC,
  type BackendHealth,
  type BackendV1,
  type CancelAnswer,
  type CancelRequest,
  type CapabilityManifest,
  defineManifest,
  emulated,
  native,
  type ObjectId,
  type ObjectStore,
  type StartContext,
  type StartInfo,
  type StopOptions,
  type StoredObjectInfo,
  type StreamSource,
  type TaskEnvelope,
  type TaskEvent,
  type TaskId,
} from '@anant/core';
import { locateGpu } from '@anant/core/gpu';
import type { ClusterDriver } from './cluster/driver/cluster-driver.js';
import { type ManifestFacts, nativeManifest } from './embedded/manifest.js';
import { type NativeOptions, resolveOptions } from './embedded/options.js';
import { findPython } from './embedded/python/python-host.js';

const NO_PYTHON =
  'No Python was found: neither an option, nor ANANT_PYTHON, nor `anant setup` names one; workers look in the same places';
const NO_GPU = 'gpu.js was not found; `anant setup gpu` installs it; workers look in the same places';
const STOPPED = 'The backend was stopped.';

export class ClusterBackend implements BackendV1, ObjectStore, StreamSource, ActorHost {
  readonly spec = BACKEND_SPEC;
  readonly id: string;
  readonly manifest: CapabilityManifest;
  readonly #options: NativeOptions;
  readonly #directory: string;
  #context: StartContext | undefined;
  #starting: Promise<ClusterDriver> | undefined;
  #driver: ClusterDriver | undefined;
  #stopped: Promise<void> | undefined;

  /**
   * @param directory Where the search for a local cluster and for Python begins.
   * @throws ZodError naming the option that is wrong
   */
  constructor(options: NativeOptions, id = 'native', directory = process.cwd()) {
    this.id = id;
    this.#options = options;
    this.#directory = directory;
    const { payloadBytesMax, python } = resolveOptions(options);
    const isPythonHere = findPython(python.executable, directory) !== undefined;
    this.manifest = clusterManifest({
      payloadBytesMax,
      pythonMissing: isPythonHere ? undefined : NO_PYTHON,
      gpuMissing: locateGpu(directory) === undefined ? NO_GPU : undefined,
    });
  }

  async doStart(context: StartContext): Promise<StartInfo> {
    if (this.#context || this.#stopped) {
      throw new AnantError('E_BACKEND_CLOSED', 'The backend was started before.', {
        advice: 'Make a new one; each is started once.',
      });
    }
    this.#context = context;
    this.#starting = this.#start(context);
    this.#driver = await this.#starting;
    return this.#driver.info;
  }

  doSubmit(tasks: readonly TaskEnvelope[]): void {
    if (this.#driver && !this.#stopped) this.#driver.submit(tasks);
    else if (!this.#stopped) this.#turnAway(tasks);
  }

  async doCancel(requests: readonly CancelRequest[]): Promise<readonly CancelAnswer[]> {
    return this.#driver ? await this.#driver.cancel(requests) : requests.map(() => 'unknown-task');
  }

  async doHealth(): Promise<BackendHealth> {
    if (this.#driver && !this.#stopped) return this.#driver.health();
    const reason = this.#stopped ? STOPPED : 'The backend was not started.';
    return { state: 'down', reason, epoch: this.#driver?.health().epoch ?? 0, slots: 1, openTasks: 0 };
  }

  doStop(options: StopOptions): Promise<void> {
    this.#stopped ??= this.#stop(options);
    return this.#stopped;
  }

  async doPut(id: ObjectId, value: unknown): Promise<StoredObjectInfo> {
    return this.#running().put(id, value);
  }

  async doGet(id: ObjectId): Promise<unknown> {
    return await this.#running().get(id);
  }

  doRelease(ids: readonly ObjectId[]): void {
    this.#driver?.release(ids);
  }

  doStreamCredit(id: TaskId, attempt: number, credits: number): void {
    this.#driver?.credit(id, attempt, credits);
  }

  async doActorStart(specification: ActorSpecification): Promise<void> {
    await this.#running().startActor(specification);
  }

  async doActorStop(id: string): Promise<void> {
    await this.#driver?.stopActor(id);
  }

  async #start(context: StartContext): Promise<ClusterDriver> {
    const { startDriver } = await import('@anant/backend-native/cluster');
    return await startDriver({ id: this.id, directory: this.#directory, options: this.#options, context });
  }

  async #stop(options: StopOptions): Promise<void> {
    const driver = this.#driver ?? (await this.#starting?.catch(() => undefined));
    await driver?.stop(options);
  }

  #running(): ClusterDriver {
    if (this.#driver && !this.#stopped) return this.#driver;
    throw new AnantError('E_BACKEND_CLOSED', this.#stopped ? STOPPED : 'The backend was not started.', {
      advice: 'Use a client that is open.',
    });
  }

  /** Ends what comes before the start is over, but not from within: the caller may not have noted it yet. */
  #turnAway(tasks: readonly TaskEnvelope[]): void {
    const reason = 'The backend was not started.';
    const ends = tasks.map(
      ({ id, attempt }): TaskEvent => ({
        type: 'task-end',
        id,
        attempt,
        outcome: { status: 'lost', reason, started: 'no' },
      }),
    );
    queueMicrotask(() => this.#context?.emit(ends));
  }
}

/** As the embedded backend, and besides: there are other places to run, and the head may go and come back. */
function clusterManifest(facts: ManifestFacts): CapabilityManifest {
  const { features, ratings, payloadBytesMax } = nativeManifest(facts);
  return defineManifest({
    payloadBytesMax,
    ratings,
    features: {
      ...features,
      // A task that waits on a worker already keeps its place, whatever reaches the head after it.
      priority: emulated('the head hands over the most urgent first; workers hold a few tasks in advance'),
      placement: native(),
      'placement.group': native(),
      'recovery.control-plane-loss': native(),
    },
  });
}
