/** What follows from what backends say about attempts: an end, another attempt, another backend. */
import type {
  AttemptOutcome,
  Outcome,
  StartedExecution,
  TaskEndEvent,
  TaskEvent,
  TaskItemEvent,
  TimeoutKind,
  Warning,
} from '../../contract/index.js';
import { ObjectRef } from '../../contract/index.js';
import { AnantError, isErrorCode, reviveError } from '../../error/index.js';
import { decideRetry, type FailedAttempt, NEVER, type RetryCause } from '../../policy/index.js';
import type { BackendLane } from '../backend/backend-lane.js';
import { messageOf } from '../backend/backend-source.js';
import { HeldObject } from '../object/held-object.js';
import { ItemBuffer } from '../stream/item-buffer.js';
import { validate } from '../submit/validate.js';
import type { Dispatcher } from './dispatcher.js';
import {
  appErrorOutcome,
  cancelledOutcome,
  lostOutcome,
  okOutcome,
  timeoutOutcome,
  unknownOutcome,
} from './outcomes.js';
import { ProgressFeed } from './progress-feed.js';
import type { Task } from './task.js';

/** Refusals that say that the backend is unwell, not that the task is wrong. */
const UNREACHABLE_CODES: readonly string[] = [
  'E_BACKEND_UNAVAILABLE',
  'E_BACKEND_CLOSED',
  'E_ENGINE_UNREACHABLE',
  'E_BRIDGE_EXITED',
];

export class AttemptDesk {
  readonly #dispatcher: Dispatcher;

  constructor(dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher;
  }

  /** A task is about to begin. */
  prepare(task: Task): void {
    if (task.plan.definition.output === 'stream') task.more().items = new ItemBuffer();
  }

  onEvents(lane: BackendLane, events: readonly TaskEvent[]): void {
    const { tasks, clock } = this.#dispatcher;
    const nowMs = clock.nowMs();
    for (let index = 0; index < events.length; index++) {
      const event = events[index]!;
      if (event.type === 'backend-state') continue;
      const task = tasks.get(event.id);
      // The attempt number is the fencing token: what an older attempt says does not count.
      if (
        task !== undefined &&
        task.attempt === event.attempt &&
        task.state === 'open' &&
        task.lane === lane
      ) {
        this.#onEvent(task, lane, event, nowMs);
      } else if (event.type === 'task-end' && lane.endAbandoned(event.id, event.attempt)) {
        this.#dispatcher.stopper.ended(event);
      }
    }
  }

  #onEvent(
    task: Task,
    lane: BackendLane,
    event: Exclude<TaskEvent, { type: 'backend-state' }>,
    nowMs: number,
  ): void {
    const { hub, stopper } = this.#dispatcher;
    switch (event.type) {
      case 'task-end':
        lane.release(task);
        stopper.ended(task);
        this.#onEnd(task, event, nowMs);
        break;
      case 'task-start':
        this.#onStart(task, nowMs);
        if (hub.isActive) {
          const { id, attempt, worker } = event;
          hub.emit({ type: 'task-start', id, attempt, backend: lane.id, worker });
        }
        break;
      case 'task-item':
        task.heartbeatMs = nowMs;
        this.#onItem(task, event, nowMs);
        break;
      case 'task-progress': {
        const { id, attempt, done, total, note } = event;
        const progress = { done, total, ...(note !== undefined && { note }) };
        task.heartbeatMs = nowMs;
        this.#feedOf(task).push(progress);
        if (hub.isActive) hub.emit({ type: 'task-progress', id, attempt, ...progress });
        break;
      }
      case 'task-heartbeat':
        task.heartbeatMs = nowMs;
        break;
      case 'task-device':
        task.device = event.device;
        if (hub.isActive) {
          const { id, attempt, device } = event;
          hub.emit({ type: 'task-device', id, attempt, backend: lane.id, device });
        }
    }
  }

  #feedOf(task: Task): ProgressFeed {
    const extras = task.more();
    extras.progress ??= new ProgressFeed();
    return extras.progress;
  }

  #onStart(task: Task, nowMs: number): void {
    task.attemptStartMs = nowMs;
    task.heartbeatMs = nowMs;
    const isFirst = Number.isNaN(task.firstStartMs);
    if (isFirst) task.firstStartMs = nowMs;
    const { startToCloseMs, heartbeatMs } = task.plan.options.timeouts;
    // Other timeouts only end sooner than armed when the attempt has its own.
    if (startToCloseMs !== Number.POSITIVE_INFINITY || heartbeatMs !== Number.POSITIVE_INFINITY)
      this.#dispatcher.rearm(task);
  }

  #onItem(task: Task, event: TaskItemEvent, nowMs: number): void {
    const received = task.extras?.items?.receive(event.sequence, event.value) ?? 'overrun';
    if (received === 'kept' || received === 'duplicate') return;
    const reason =
      received === 'gap'
        ? `item ${event.sequence} arrived before those in front of it`
        : `item ${event.sequence} was sent without credit`;
    this.#dispatcher.stopper.leave(task);
    this.#dispatcher.stopper.stopAttempt(task);
    this.#dispatcher.settle(task, lostOutcome(task, reason, nowMs));
  }

  #onEnd(task: Task, { outcome, warnings }: TaskEndEvent, nowMs: number): void {
    if (warnings !== undefined) addWarnings(task, warnings);
    if (task.device === 'webasm' || task.device === 'cpu') task.warn(noGpu(task, task.device));
    switch (outcome.status) {
      case 'ok':
        this.#finish(task, outcome.value, nowMs);
        break;
      case 'ok-reference':
        this.#finishReference(task, outcome.object, outcome.bytes, nowMs);
        break;
      case 'cancelled':
        this.#dispatcher.settle(task, cancelledOutcome(task, outcome.how, nowMs));
        break;
      case 'refused':
        this.#onRefused(task, outcome, nowMs);
        break;
      default:
        this.#onFailure(task, outcome, nowMs);
    }
  }

  #finish(task: Task, value: unknown, nowMs: number): void {
    const { definition } = task.plan;
    const { outputSchema } = definition;
    if (outputSchema === undefined || definition.output === 'stream') {
      const result = definition.output === 'stream' ? undefined : value;
      this.#dispatcher.settle(task, okOutcome(task, result, nowMs));
      return;
    }
    try {
      const validated = validate(outputSchema, value, 'result', definition.name);
      if (validated instanceof Promise) this.#await(task, validated);
      else this.#dispatcher.settle(task, okOutcome(task, validated, nowMs));
    } catch (error) {
      this.#dispatcher.settle(task, appErrorOutcome(task, toError(error), nowMs));
    }
  }

  #finishReference(task: Task, id: string, bytes: number, nowMs: number): void {
    const { objects } = this.#dispatcher;
    const ref = new ObjectRef(id, task.lane.id);
    const object = new HeldObject(ref, bytes, objects);
    if (task.plan.options.envelope.output === 'reference') {
      this.#dispatcher.settle(task, okOutcome(task, object, nowMs));
      return;
    }
    // Nobody asked for a reference: the value is what the caller waits for.
    this.#beginFinishing(task);
    objects.fetch(ref).then(
      (value) => {
        object.release();
        if (task.state !== 'ended') this.#finish(task, value, this.#nowMs);
      },
      (error: unknown) => {
        object.release();
        this.#dispatcher.settle(task, lostOutcome(task, messageOf(error), this.#nowMs, error));
      },
    );
  }

  #await(task: Task, validated: Promise<unknown>): void {
    this.#beginFinishing(task);
    validated.then(
      (value) => this.#dispatcher.settle(task, okOutcome(task, value, this.#nowMs)),
      (error: unknown) => this.#dispatcher.settle(task, appErrorOutcome(task, toError(error), this.#nowMs)),
    );
  }

  /** The attempt is over, the task is not: only the timeouts of the task count on. */
  #beginFinishing(task: Task): void {
    task.state = 'finishing';
    task.attemptStartMs = NEVER;
  }

  get #nowMs(): number {
    return this.#dispatcher.clock.nowMs();
  }

  /** The next backend may take it; when none does, the refusal is how it ends. */
  #onRefused(task: Task, refused: Extract<AttemptOutcome, { status: 'refused' }>, nowMs: number): void {
    const { code, reason, advice } = refused;
    task.refusedAttempts += 1;
    const error = new AnantError(isErrorCode(code) ? code : 'E_NO_ROUTE', reason, {
      details: { task: task.id, backend: task.lane.id, code },
      ...(advice !== undefined && { advice }),
    });
    if (UNREACHABLE_CODES.includes(code)) task.lane.fail(error);
    if (task.extras?.cancelAsked === undefined && this.#dispatcher.reroute(task, reason)) return;
    const outcome =
      code === 'E_OBJECT_LOST'
        ? lostOutcome(task, reason, nowMs, error)
        : appErrorOutcome(task, error, nowMs);
    this.#dispatcher.settle(task, outcome);
  }

  /** The backend a task waited for cannot take it. */
  onUnavailable(task: Task, error: AnantError): void {
    task.state = 'preparing';
    if (this.#dispatcher.reroute(task, error.message)) return;
    const own = new AnantError(error.code, error.message, {
      cause: error,
      retryable: error.retryable,
      details: { ...error.details, task: task.id },
      ...(error.advice !== undefined && { advice: error.advice }),
    });
    const nowMs = this.#nowMs;
    const hasRun = task.attempt > task.refusedAttempts;
    const outcome = hasRun ? lostOutcome(task, error.message, nowMs, own) : appErrorOutcome(task, own, nowMs);
    this.#dispatcher.settle(task, outcome);
  }

  onLost(task: Task, reason: string, nowMs: number): void {
    this.#onFailure(task, { status: 'lost', reason, started: 'maybe' }, nowMs);
  }

  #onFailure(
    task: Task,
    outcome: Extract<AttemptOutcome, { status: 'app-error' | 'lost' | 'unknown' }>,
    nowMs: number,
  ): void {
    const hasStarted = !Number.isNaN(task.attemptStartMs);
    const started: StartedExecution = hasStarted
      ? 'yes'
      : outcome.status === 'lost'
        ? outcome.started
        : 'maybe';
    const isFinal = outcome.status === 'app-error' && outcome.error.retryable === false;
    const why = this.#retry(task, outcome.status, started, isFinal, reasonOf(outcome), nowMs);
    if (why === undefined) return;
    this.#dispatcher.settle(task, this.#endOf(task, outcome, why, nowMs));
  }

  #endOf(
    task: Task,
    outcome: Extract<AttemptOutcome, { status: 'app-error' | 'lost' | 'unknown' }>,
    why: string,
    nowMs: number,
  ): Outcome {
    if (outcome.status === 'app-error') return appErrorOutcome(task, reviveError(outcome.error), nowMs);
    if (outcome.status === 'unknown' || why === 'may-have-run')
      return unknownOutcome(task, outcome.reason, nowMs);
    return lostOutcome(task, outcome.reason, nowMs);
  }

  /** A timeout of the task or of its attempt has passed. */
  onTimeout(task: Task, timeout: TimeoutKind, nowMs: number): void {
    const wasOpen = task.state === 'open';
    if (wasOpen) {
      this.#dispatcher.stopper.leave(task);
      this.#dispatcher.stopper.stopAttempt(task);
    }
    const isOfAttempt = timeout === 'start-to-close' || timeout === 'heartbeat';
    if (isOfAttempt && this.#retry(task, 'timeout', 'yes', false, `${timeout} timeout`, nowMs) === undefined)
      return;
    this.#dispatcher.settle(task, timeoutOutcome(task, timeout, nowMs));
  }

  /** Starts another attempt after a pause, if that is allowed. @returns why not, or `undefined` when it is. */
  #retry(
    task: Task,
    cause: RetryCause,
    started: StartedExecution,
    isFinal: boolean,
    reason: string,
    nowMs: number,
  ): string | undefined {
    const { budget, random, hub } = this.#dispatcher;
    const { retry, delivery } = task.plan.options;
    const { cancelAsked, items } = task.extras ?? {};
    const failed: FailedAttempt = {
      cause,
      attemptsMade: task.attempt - task.refusedAttempts,
      started,
      delivery,
      // Items that a reader may have seen cannot be taken back; what was cancelled is not wanted.
      isFinal: isFinal || cancelAsked !== undefined || items?.hasItems === true,
    };
    const decision = decideRetry(failed, retry, budget, random);
    if (decision.action === 'end') {
      if (decision.why === 'budget-spent') addWarnings(task, [budgetSpent(task)]);
      return decision.why;
    }
    const { delayMs } = decision;
    if (hub.isActive) {
      hub.emit({ type: 'task-retry', id: task.id, attempt: task.attempt, reason, delayMs });
    }
    task.attemptStartMs = NEVER;
    this.#dispatcher.delay(task, nowMs + delayMs);
    return undefined;
  }
}

function addWarnings(task: Task, warnings: readonly Warning[]): void {
  for (const warning of warnings) task.warn(warning);
}

function noGpu(task: Task, device: 'webasm' | 'cpu'): Warning {
  const where = device === 'webasm' ? 'WebAssembly' : 'JavaScript';
  const message = `Its kernels ran on the processor (${where}), not on a GPU; \`anant doctor\` says why.`;
  return { type: 'fallback', subject: 'mode', backend: task.lane.id, message };
}

function budgetSpent(task: Task): Warning {
  return {
    type: 'degraded',
    subject: 'retry',
    backend: task.lane.id,
    message: 'The task was not tried again because the retry budget of the client is spent.',
  };
}

function reasonOf(outcome: Extract<AttemptOutcome, { status: 'app-error' | 'lost' | 'unknown' }>): string {
  return outcome.status === 'app-error' ? outcome.error.message : outcome.reason;
}

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(messageOf(error)));
