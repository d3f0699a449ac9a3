/** The life of every task of a client, from acceptance to its one end. */
import type {
  BackendStateEvent,
  Clock,
  Logger,
  Outcome,
  Random,
  StartInfo,
  TaskEnvelope,
  TaskEvent,
  TaskId,
} from '../../contract/index.js';
import { AnantError } from '../../error/index.js';
import {
  ChurnMap,
  DeadlineTimer,
  NEVER,
  nextDeadlineMs,
  passedTimeout,
  RetryBudget,
} from '../../policy/index.js';
import type { BackendLane, LaneHost } from '../backend/backend-lane.js';
import type { RouteTable } from '../backend/route-table.js';
import { throwIfAborted } from '../deadline.js';
import type { EventHub } from '../event-hub.js';
import type { KeepAlive } from '../keep-alive.js';
import type { ResolvedLimits } from '../limits.js';
import type { ObjectKeeper } from '../object/held-object.js';
import { findPending } from '../submit/pending-value.js';
import type { TaskPlan } from '../submit/task-plan.js';
import type { ClientLimits } from '../types/index.js';
import { AttemptDesk } from './attempt-desk.js';
import { DependencyDesk, type DependencyHost, storedBytesOf } from './dependency-desk.js';
import { envelopeOf } from './envelope.js';
import { InputDesk, type InputHost } from './input-desk.js';
import { appErrorOutcome, cancelledOutcome, errorOf, lostOutcome, skippedOutcome } from './outcomes.js';
import { RateGates } from './rate-gates.js';
import { SignalWatch } from './signal-watch.js';
import { Task, type TaskOwner } from './task.js';
import { TaskStopper } from './task-stopper.js';

export interface DispatcherOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly limits: ResolvedLimits;
  readonly rates: ClientLimits;
  readonly hub: EventHub;
  readonly nextId: () => TaskId;
  /** Missing when time is not the system's: then nothing waits for the process. */
  readonly keepAlive?: KeepAlive | undefined;
}

/** What is particular to one submission. */
export interface Submission {
  readonly id?: TaskId | undefined;
  readonly owner?: TaskOwner | undefined;
  readonly ownerIndex?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly digest?: string | undefined;
}

const NOTHING_SPECIAL: Submission = {};

export class Dispatcher implements LaneHost, InputHost, DependencyHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly limits: ResolvedLimits;
  readonly hub: EventHub;
  readonly keepAlive: KeepAlive | undefined;
  /** Every task that has not ended. */
  readonly tasks = new ChurnMap<TaskId, Task>();
  readonly stopper: TaskStopper;
  readonly budget: RetryBudget;
  /** Told of every task that ended. */
  onEnded: (task: Task) => void = () => {};
  readonly #nextId: () => TaskId;
  readonly #timer: DeadlineTimer<Task>;
  readonly #dependencies: DependencyDesk;
  readonly #gates: RateGates;
  readonly #attempts: AttemptDesk;
  readonly #inputs: InputDesk;
  readonly #signals: SignalWatch;
  #room: (() => void)[] = [];
  #routes: RouteTable | undefined;
  #objects: ObjectKeeper | undefined;

  constructor(options: DispatcherOptions) {
    const { clock, logger, limits } = options;
    this.clock = clock;
    this.random = options.random;
    this.logger = logger;
    this.limits = limits;
    this.hub = options.hub;
    this.keepAlive = options.keepAlive;
    this.#nextId = options.nextId;
    this.stopper = new TaskStopper(this);
    this.budget = new RetryBudget({ ratio: limits.retryRatio, reserve: limits.retryReserve });
    this.#timer = new DeadlineTimer(clock, (task, nowMs) => this.#onDue(task, nowMs));
    this.#gates = new RateGates(clock, options.rates, (task) => this.#queue(task));
    this.#attempts = new AttemptDesk(this);
    this.#inputs = new InputDesk(this);
    this.#dependencies = new DependencyDesk(this);
    this.#signals = new SignalWatch((task, reason) => this.stopper.stop(task, reason));
  }

  /** Completes the construction: lanes need a host, routes and objects need lanes. */
  attach(routes: RouteTable, objects: ObjectKeeper): void {
    this.#routes = routes;
    this.#objects = objects;
  }

  get objects(): ObjectKeeper {
    return this.#objects!;
  }

  /** Accepts a task. @throws AnantError when it is not accepted; nothing of it is left then. */
  accept(plan: TaskPlan, input: unknown, submission: Submission = NOTHING_SPECIAL): Task {
    if (this.tasks.size >= this.limits.openTasksMax) throw this.#full();
    const { id, owner, ownerIndex = 0, signal, digest } = submission;
    throwIfAborted(signal, `Task "${plan.definition.name}"`);
    if (id !== undefined && this.tasks.has(id)) throw duplicateTask(id);
    const task = new Task(id ?? this.#nextId(), plan, input, owner, ownerIndex);
    if (digest !== undefined) task.more().digest = digest;
    const pending = findPending(input);
    if (pending.length === 0) {
      const checked = this.#inputs.check(task, input);
      this.#register(task, signal);
      this.#inputs.settle(task, checked);
    } else {
      this.#dependencies.check(plan.definition.name, input, pending);
      this.#register(task, signal);
      this.#dependencies.adopt(task, pending);
    }
    return task;
  }

  /** Resolves when another task can be accepted. */
  room(): Promise<void> {
    if (this.tasks.size < this.limits.openTasksMax) return Promise.resolve();
    return new Promise((resolve) => this.#room.push(resolve));
  }

  #register(task: Task, signal: AbortSignal | undefined): void {
    const nowMs = this.clock.nowMs();
    task.submittedMs = nowMs;
    task.scheduledMs = nowMs;
    this.tasks.set(task.id, task);
    if (this.tasks.size === 1) this.keepAlive?.hold();
    this.budget.deposit();
    this.#attempts.prepare(task);
    if (signal !== undefined) this.#signals.watch(signal, task);
    if (this.hub.isActive) {
      const { name } = task.plan.definition;
      this.hub.emit({ type: 'task-submit', id: task.id, name, backend: task.lane.id });
    }
  }

  isOwn(task: Task): boolean {
    return this.#routes!.lanes.get(task.lane.id) === task.lane;
  }

  onReady(task: Task): void {
    task.state = 'preparing';
    task.scheduledMs = this.clock.nowMs();
    this.#inputs.fill(task);
  }

  onSkip(task: Task, because: Task): void {
    const cause = because.outcome === undefined ? undefined : errorOf(because.outcome);
    // Out of the graph already: what depends on it is skipped by the same walk.
    task.hasChildren = false;
    task.state = 'preparing';
    this.settle(task, skippedOutcome(task, because.id, cause, this.clock.nowMs()));
  }

  /** Its input is ready: from now on its timeouts count. */
  onPrepared(task: Task): void {
    if (task.state === 'ended') return;
    const { delayMs, notBeforeMs } = task.plan.options;
    const etaMs = notBeforeMs === undefined ? 0 : notBeforeMs - this.clock.wallMs();
    const waitMs = Math.max(delayMs, etaMs);
    task.scheduledMs += Math.max(0, waitMs);
    if (task.references.length > 0 && task.plan.actor === undefined) this.#rechoose(task);
    if (waitMs > 0) this.delay(task, task.scheduledMs);
    else {
      this.#timer.set(task, nextDeadlineMs(task.plan.options.timeouts, task));
      this.dispatch(task);
    }
  }

  onInputFailed(task: Task, error: Error): void {
    if (task.state === 'ended') return;
    const nowMs = this.clock.nowMs();
    const isLost = AnantError.is(error, 'E_OBJECT_LOST');
    this.settle(
      task,
      isLost ? lostOutcome(task, error.message, nowMs, error) : appErrorOutcome(task, error, nowMs),
    );
  }

  /** Holds a task back until `resumeMs`: for its earliest start, or between attempts. */
  delay(task: Task, resumeMs: number): void {
    task.state = 'delayed';
    task.resumeMs = resumeMs;
    this.#timer.set(task, Math.min(resumeMs, nextDeadlineMs(task.plan.options.timeouts, task)));
  }

  /** Sends a task on to its backend, past its rate limits. */
  dispatch(task: Task): void {
    if (task.references.length > 0 && task.references.some(({ backend }) => backend !== task.lane.id)) {
      task.state = 'preparing';
      this.#inputs.relocate(task).then(
        () => task.state === 'preparing' && this.dispatch(task),
        (error: Error) => this.onInputFailed(task, error),
      );
    } else if (this.#gates.isEmpty) this.#queue(task);
    else this.#gates.enter(task);
  }

  #queue(task: Task): void {
    task.state = 'queued';
    task.lane.add(task);
  }

  /** Chooses a backend anew: near its stored inputs, and none that refused it. @returns whether one was found. */
  #rechoose(task: Task): boolean {
    try {
      const { lane, warnings } = this.#routes!.choose(task.plan.options, {
        refusals: task.extras?.refusals,
        storedBytes: storedBytesOf(task),
      });
      if (lane === task.lane) return true;
      task.lane = lane;
      for (const warning of warnings) task.warn(warning);
      return true;
    } catch {
      return false;
    }
  }

  /** Moves a task to the next backend that can take it. @returns `false` when there is none. */
  reroute(task: Task, reason: string): boolean {
    const from = task.lane;
    const extras = task.more();
    extras.refusals ??= new Map();
    extras.refusals.set(from.id, reason);
    if (task.plan.actor !== undefined || !this.#rechoose(task) || task.lane === from) return false;
    const backend = task.lane.id;
    const isTold = task.warnings.some(
      (warning) => warning.type === 'fallback' && warning.backend === backend,
    );
    if (!isTold) {
      const message = `${backend} took the task because ${from.id} could not: ${reason}`;
      task.warn({ type: 'fallback', subject: 'backend', backend, message });
    }
    if (this.hub.isActive)
      this.hub.emit({ type: 'task-reroute', id: task.id, from: from.id, to: task.lane.id, reason });
    this.dispatch(task);
    return true;
  }

  openAttempt(task: Task): TaskEnvelope {
    task.state = 'open';
    task.attempt += 1;
    task.attemptStartMs = NEVER;
    task.device = undefined;
    return envelopeOf(task);
  }

  /** One of its moments changed: its next deadline may have too. */
  rearm(task: Task): void {
    this.#timer.set(task, nextDeadlineMs(task.plan.options.timeouts, task));
  }

  #onDue(task: Task, nowMs: number): void {
    const { timeouts } = task.plan.options;
    const timeout = passedTimeout(timeouts, task, nowMs);
    if (timeout !== undefined) this.#attempts.onTimeout(task, timeout, nowMs);
    else if (task.state === 'delayed' && nowMs >= task.resumeMs) {
      this.rearm(task);
      if (task.attempt > 0 && task.plan.actor === undefined) this.#rechoose(task);
      this.dispatch(task);
    } else if (task.state === 'delayed') this.delay(task, task.resumeMs);
    else this.rearm(task);
  }

  /** The one end of a task. */
  settle(task: Task, outcome: Outcome): void {
    const from = task.state;
    if (from === 'ended') return;
    task.state = 'ended';
    task.outcome = outcome;
    this.tasks.delete(task.id);
    if (this.tasks.size === 0) this.keepAlive?.rest();
    this.#timer.clear(task);
    if (from === 'queued') task.lane.remove(task);
    else if (from === 'gated') this.#gates.remove(task);
    task.input = undefined;
    if (task.hasChildren || from === 'waiting') this.#dependencies.onEnd(task, outcome);
    task.owner?.onTaskEnd(task);
    if (task.extras !== undefined) this.#endExtras(task, outcome);
    if (this.hub.isActive) this.hub.emit({ type: 'task-end', id: task.id, outcome });
    if (this.#room.length > 0) for (const resolve of this.#room.splice(0)) resolve();
    this.onEnded(task);
  }

  #endExtras(task: Task, outcome: Outcome): void {
    const { waiters, items, progress, signal, held } = task.extras!;
    if (signal !== undefined) this.#signals.unwatch(signal, task);
    items?.end();
    progress?.end();
    if (held !== undefined) for (const object of held) object.unretain();
    if (waiters !== undefined) for (const resolve of waiters) resolve(outcome);
  }

  onEvents(lane: BackendLane, events: readonly TaskEvent[]): void {
    this.#attempts.onEvents(lane, events);
  }

  onState(lane: BackendLane, event: BackendStateEvent): void {
    const { state, epoch, reason } = event;
    if (this.hub.isActive) this.hub.emit({ type: 'backend-state', backend: lane.id, state, epoch, reason });
  }

  onPhase(): void {
    this.#routes?.invalidate();
  }

  onStarted(lane: BackendLane, info: StartInfo): void {
    if (this.hub.isActive) this.hub.emit({ type: 'backend-start', backend: lane.id, info });
  }

  onUnavailable(lane: BackendLane, waiting: readonly Task[], error: AnantError): void {
    this.logger.warn('A backend is not available.', { backend: lane.id, error: error.message });
    if (this.hub.isActive) this.hub.emit({ type: 'backend-fail', backend: lane.id, error });
    for (const task of waiting) this.#attempts.onUnavailable(task, error);
  }

  onStopped(lane: BackendLane): void {
    const nowMs = this.clock.nowMs();
    for (const task of [...this.tasks.values()]) {
      if (task.lane !== lane || task.state !== 'open') continue;
      this.stopper.ended(task);
      this.#attempts.onLost(task, `backend "${lane.id}" stopped without saying how the attempt ended`, nowMs);
    }
  }

  /** Ends everything that has not ended: what ran is lost, what waited is cancelled. */
  abandonAll(reason: unknown): void {
    const nowMs = this.clock.nowMs();
    for (const task of [...this.tasks.values()]) {
      if (task.state === 'open') {
        this.stopper.leave(task);
        this.settle(task, lostOutcome(task, 'the client was closed', nowMs, reason));
      } else this.settle(task, cancelledOutcome(task, 'kill', nowMs, reason));
    }
    this.stopper.clear();
  }

  #full(): AnantError {
    const { openTasksMax } = this.limits;
    return new AnantError('E_QUEUE_FULL', `The client holds ${openTasksMax} open tasks, as many as it may.`, {
      advice: 'Submit through map, which waits, or raise limits.openTasksMax.',
      retryable: true,
      details: { openTasksMax },
    });
  }
}

export function duplicateTask(id: TaskId): AnantError {
  return new AnantError('E_TASK_DUPLICATE', `Task id "${id}" was used for other contents.`, {
    advice: 'Use an id once per definition, options and input.',
    details: { id },
  });
}
