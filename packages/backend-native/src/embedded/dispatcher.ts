/** Gives each attempt to what can run it, and acts on it there. */
import type {
  ActorSpecification,
  AttemptOutcome,
  CancelAnswer,
  CancelStrategy,
  Clock,
  ExecutionMode,
  Logger,
  TypeScriptReference,
} from '@anant/core';
import { encodeValue } from '@anant/core/codec';
import { ActorTable } from './actor/actor-table.js';
import type { LiveActor } from './actor/live-actor.js';
import { PythonActor } from './actor/python-actor.js';
import { ThreadActor } from './actor/thread-actor.js';
import { AsyncExecutor } from './async/async-executor.js';
import type { Attempt } from './attempt.js';
import type { AttemptLedger } from './attempt-ledger.js';
import { HostExecutor } from './host/host-executor.js';
import { typescriptAdapter } from './host/typescript-adapter.js';
import { KernelExecutor } from './kernel/kernel-executor.js';
import type { KernelWork } from './kernel/kernel-work.js';
import type { ResolvedOptions } from './options.js';
import { cancelledBy, refusedBy } from './outcomes.js';
import { type PreparedInput, prepareInput } from './prepared-input.js';
import { PythonHost } from './python/python-host.js';
import type { NativeObjectStore } from './store/object-store.js';
import { DefinitionTable } from './thread/definition-table.js';
import { ThreadExecutor, type ThreadExecutorEvents } from './thread/thread-executor.js';
import { type ResultKeeper, threadOutcome } from './thread/thread-outcome.js';
import { ThreadPool } from './thread/thread-pool.js';
import { newThreadTask, type ThreadTask, type ThreadTaskEnd } from './thread/thread-task.js';

export interface DispatcherOptions {
  readonly resolved: ResolvedOptions;
  readonly ledger: AttemptLedger;
  readonly store: NativeObjectStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The interpreter for Python tasks. */
  readonly python: string | undefined;
  /** GPUs of this machine: as many tasks in mode `gpu` run at a time, or one. */
  readonly gpus: number;
}

const NO_INPUT: PreparedInput = { kind: 'plain', value: undefined };

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #ledger: AttemptLedger;
  readonly #pool: ThreadPool;
  readonly #threads: ThreadExecutor;
  readonly #definitions: DefinitionTable;
  readonly #async: AsyncExecutor;
  readonly #processes: HostExecutor;
  readonly #gpu: HostExecutor;
  readonly #pythonHost: PythonHost;
  readonly #python: HostExecutor;
  readonly #kernels: KernelExecutor;
  readonly #actors: ActorTable;

  constructor(options: DispatcherOptions) {
    const { resolved, ledger, clock, logger } = options;
    const { slots, thread, payloadBytesMax } = resolved;
    this.#options = options;
    this.#ledger = ledger;
    const { memoryBytesMax } = thread;
    this.#pool = new ThreadPool({ threadsMax: slots + resolved.actorsMax, memoryBytesMax });
    this.#threads = new ThreadExecutor({
      ...thread,
      slots,
      clock,
      payloadBytesMax,
      pool: () => this.#pool.get(),
      events: this.#threadEvents,
    });
    this.#definitions = new DefinitionTable(() => this.#threads.forgetDefinitions());
    this.#async = new AsyncExecutor({
      ...resolved.async,
      payloadBytesMax,
      ledger,
      keep: this.#keeper.keepValue,
    });
    const { keepEncoded: keep } = this.#keeper;
    const child = { ...resolved.process, payloadBytesMax, clock, logger };
    const hosts = { slots, clock, ledger, keep };
    this.#processes = new HostExecutor({ ...hosts, adapter: typescriptAdapter, child: () => child });
    this.#gpu = new HostExecutor({
      ...hosts,
      slots: Math.max(1, Math.floor(options.gpus)),
      adapter: typescriptAdapter,
      child: () => ({ ...child, gpu: 'kernels' }),
    });
    this.#pythonHost = new PythonHost({ executable: options.python ?? 'python3', resolved, clock, logger });
    const pythonChild = () => this.#pythonHost.childOptions();
    this.#python = new HostExecutor({ ...hosts, adapter: this.#pythonHost, child: pythonChild });
    this.#kernels = new KernelExecutor({
      slots,
      payloadBytesMax,
      ledger,
      run: (...call) => this.#runKernel(...call),
    });
    this.#actors = new ActorTable({
      actorsMax: resolved.actorsMax,
      make: (specification, onGone) => this.#makeActor(specification, onGone),
    });
  }

  /** Starts the attempt on its way. Whatever keeps it from running ends it. */
  dispatch(attempt: Attempt): void {
    attempt.state = 'handed';
    try {
      const { definition, actor } = attempt.envelope;
      if (definition.kind === 'kernel') this.#kernels.submit(attempt, attempt.input);
      else if (actor) this.#callActor(attempt);
      else this.#runCode(attempt);
    } catch (thrown) {
      this.#ledger.end(attempt, refusedBy(thrown));
    }
  }

  /** Acts on an attempt that was dispatched. */
  async cancel(attempt: Attempt, how: CancelStrategy): Promise<CancelAnswer> {
    if (this.takeBack(attempt)) {
      this.#ledger.end(attempt, cancelledBy(how));
      return 'cancelled';
    }
    if (attempt.state === 'ended') return 'already-done';
    if (how === 'forget') {
      this.#ledger.forget(attempt);
      return 'cancelled';
    }
    return await this.#cancelRunning(attempt, how);
  }

  async #cancelRunning(attempt: Attempt, how: 'ask' | 'kill'): Promise<CancelAnswer> {
    if (attempt.envelope.actor) return this.#actors.cancel(attempt, how);
    const { thread } = attempt;
    if (thread) return how === 'ask' ? this.#threads.ask(thread) : await this.#threads.kill(thread);
    if (this.#runsOnLoop(attempt)) return this.#async.cancel(attempt, how);
    return this.#hostsOf(attempt).cancel(attempt, how);
  }

  /** Takes back an attempt that has not begun. @returns whether it did; the attempt is then to be ended by the caller. */
  takeBack(attempt: Attempt): boolean {
    const { thread } = attempt;
    if (attempt.envelope.actor) return this.#actors.takeBack(attempt);
    if (thread) return this.#takeBackFromThreads(thread);
    if (attempt.envelope.definition.kind === 'kernel') return this.#kernels.takeBack(attempt);
    return this.#runsOnLoop(attempt)
      ? this.#async.takeBack(attempt)
      : this.#hostsOf(attempt).takeBack(attempt);
  }

  credit(attempt: Attempt, credits: number): void {
    const { thread } = attempt;
    if (thread) thread.slot?.credit(thread, credits);
    else if (this.#runsOnLoop(attempt)) this.#async.credit(attempt, credits);
    else this.#hostsOf(attempt).credit(attempt, credits);
  }

  #takeBackFromThreads(task: ThreadTask): boolean {
    if (!this.#threads.takeBack(task)) return false;
    this.#kernels.leave(task.attempt);
    return true;
  }

  /** Lets go of what an attempt held here. Called for each end. */
  ended(attempt: Attempt): void {
    if (attempt.envelope.actor) this.#actors.ended(attempt);
  }

  /** @param onGone called once, when the actor no longer lives; also when it could not be started. */
  startActor(specification: ActorSpecification, onGone: () => void): Promise<void> {
    return this.#actors.start(specification, onGone);
  }

  stopActor(id: string): Promise<void> {
    return this.#actors.stop(id);
  }

  /** Ends every thread and process; what runs ends `lost`. */
  async stop(reason: string): Promise<void> {
    this.#kernels.stop();
    this.#async.stop(reason);
    const hosts = [this.#processes.stop(), this.#gpu.stop(), this.#python.stop()];
    await Promise.all([this.#threads.stop(reason), this.#actors.stopAll(reason), ...hosts]);
    await this.#pool.destroy();
    this.#pythonHost.stop();
  }

  #modeOf({ envelope }: Attempt): ExecutionMode {
    return envelope.options.mode ?? this.#options.resolved.mode;
  }

  #runsOnLoop(attempt: Attempt): boolean {
    return attempt.envelope.definition.kind === 'typescript' && this.#modeOf(attempt) === 'async';
  }

  #hostsOf(attempt: Attempt): HostExecutor {
    if (attempt.envelope.definition.kind === 'python') return this.#python;
    return this.#modeOf(attempt) === 'gpu' ? this.#gpu : this.#processes;
  }

  #runCode(attempt: Attempt): void {
    const input = prepareInput(attempt.input, this.#options.resolved.payloadBytesMax);
    const mode = this.#modeOf(attempt);
    if (attempt.envelope.definition.kind === 'python') this.#python.submit(attempt, input);
    else if (mode === 'async') this.#async.submit(attempt, input);
    else if (mode === 'process' || mode === 'gpu') this.#hostsOf(attempt).submit(attempt, input);
    else {
      const definition = this.#definitions.typescript(attempt.envelope.definition as TypeScriptReference);
      this.#threads.submit(newThreadTask(attempt, definition, input, undefined));
    }
  }

  #runKernel(
    attempt: Attempt,
    target: Parameters<DefinitionTable['kernel']>[0],
    version: string,
    work: KernelWork,
  ): void {
    const definition = this.#definitions.kernel(target, version);
    this.#threads.submit(newThreadTask(attempt, definition, NO_INPUT, work));
  }

  #callActor(attempt: Attempt): void {
    const input = prepareInput(attempt.input, this.#options.resolved.payloadBytesMax);
    const refusal = this.#actors.call(attempt, input);
    if (refusal) this.#ledger.end(attempt, refusal);
  }

  readonly #threadEvents: ThreadExecutorEvents = {
    taskStart: (task, worker) => this.#ledger.start(task.attempt, worker),
    taskProgress: (task, done, total, note) => this.#ledger.progress(task.attempt, done, total, note),
    taskHeartbeat: (task) => this.#ledger.heartbeat(task.attempt),
    taskItem: (task, sequence, value) => this.#ledger.item(task.attempt, sequence, value),
    taskEnd: (task, end) => {
      const isWanted = task.attempt.state !== 'ended';
      const outcome = isWanted ? threadOutcome(task, end, this.#keeper) : cancelledBy('forget');
      if (task.work) this.#leaveKernel(task, end, outcome);
      this.#ledger.end(task.attempt, outcome);
    },
    warn: (message) => this.#options.logger.warn(message),
  };

  #leaveKernel(task: ThreadTask, end: ThreadTaskEnd, outcome: AttemptOutcome): void {
    const isTaken = outcome.status === 'ok' || outcome.status === 'ok-reference';
    // A kernel that may still run keeps its memory: nothing else must be given it.
    if (!isTaken && end.status !== 'unknown') task.work!.abandon();
    this.#kernels.leave(task.attempt);
  }

  readonly #keeper: ResultKeeper = {
    keepEncoded: (attempt, value) => {
      const object = objectIdOf(attempt);
      return { status: 'ok-reference', object, bytes: this.#options.store.keep(object, value) };
    },
    keepValue: (attempt, value) => this.#keeper.keepEncoded(attempt, encodeValue(value, 'result')),
  };

  #makeActor(specification: ActorSpecification, onGone: () => void): LiveActor {
    const ledger = this.#ledger;
    if (specification.definition.kind === 'python') {
      const { keepEncoded: keep } = this.#keeper;
      return new PythonActor({ specification, host: this.#pythonHost, ledger, keep, onGone });
    }
    const { payloadBytesMax, thread } = this.#options.resolved;
    const { memoryBytesMax } = thread;
    const retired = (_slot: unknown, reason: string) =>
      this.#options.logger.warn(`An actor ends: an error escaped it. ${reason}`);
    const listener = { ...this.#threadEvents, retired };
    const pool = this.#pool.get();
    return new ThreadActor({ specification, pool, payloadBytesMax, memoryBytesMax, listener, onGone });
  }
}

const objectIdOf = ({ envelope }: Attempt): string => `result:${envelope.id}:${envelope.attempt}`;
