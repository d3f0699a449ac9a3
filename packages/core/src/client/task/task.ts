/** One task as the client keeps it, from acceptance to its end. */
import type { CancelStrategy, GpuDevice, ObjectRef, Outcome, TaskId, Warning } from '../../contract/index.js';
import type { Deadline, LinkedQueue, PriorityNode, TaskMoments } from '../../policy/index.js';
import { NEVER } from '../../policy/index.js';
import type { BackendLane } from '../backend/backend-lane.js';
import type { HeldObject } from '../object/held-object.js';
import type { ItemBuffer } from '../stream/item-buffer.js';
import type { TaskPlan } from '../submit/task-plan.js';
import type { StreamHandle, TaskHandle } from '../types/index.js';
import type { ProgressFeed } from './progress-feed.js';
import type { RateGate } from './rate-gate.js';

/**
 * - `waiting`: for tasks it depends on. `preparing`: its input is fetched or validated.
 * - `delayed`: for its earliest start, or for the pause before a retry. `gated`: for its rate limit.
 * - `queued`: for a place in its backend's window. `open`: an attempt is with the backend.
 * - `finishing`: its result is fetched or validated.
 */
export type TaskState =
  | 'waiting'
  | 'preparing'
  | 'delayed'
  | 'gated'
  | 'queued'
  | 'open'
  | 'finishing'
  | 'ended';

/** Told when a task ended; cheaper than a promise. */
export interface TaskOwner {
  onTaskEnd(task: Task): void;
}

/** What few tasks have. */
export interface TaskExtras {
  items?: ItemBuffer;
  progress?: ProgressFeed;
  signal?: AbortSignal;
  gate?: RateGate;
  /** Backends that refused it, with the reason. */
  refusals?: Map<string, string>;
  /** Stored objects its input needs, kept until it ends. */
  held?: HeldObject[];
  /** How the caller asked to cancel it. */
  cancelAsked?: CancelStrategy;
  /** Digest of its contents, when its id was given. */
  digest?: string;
  waiters?: ((outcome: Outcome) => void)[];
}

const NO_REFERENCES: readonly ObjectRef[] = Object.freeze([]);

export class Task implements Deadline, PriorityNode<Task>, TaskMoments {
  readonly id: TaskId;
  readonly plan: TaskPlan;
  readonly priority: number;
  state: TaskState = 'preparing';
  input: unknown;
  references: readonly ObjectRef[] = NO_REFERENCES;
  lane: BackendLane;
  warnings: readonly Warning[];
  /** Number of the newest attempt; 0 before the first. */
  attempt = 0;
  /** Attempts that backends refused; they do not count against the retries. */
  refusedAttempts = 0;
  submittedMs = 0;
  scheduledMs = 0;
  firstStartMs = NEVER;
  attemptStartMs = NEVER;
  heartbeatMs = NEVER;
  /** When a `delayed` task goes on. */
  resumeMs = 0;
  dueMs = 0;
  heapIndex = -1;
  queueNext: Task | undefined = undefined;
  queuePrevious: Task | undefined = undefined;
  queue: LinkedQueue<never> | undefined = undefined;
  /** Tasks that wait for this one. */
  hasChildren = false;
  owner: TaskOwner | undefined;
  /** What the owner knows it by. */
  ownerIndex: number;
  /** What the kernels of its newest attempt ran on. */
  device: GpuDevice | undefined = undefined;
  outcome: Outcome | undefined = undefined;
  /** What callers hold, once one asked for it. */
  handle: TaskHandle | StreamHandle | undefined = undefined;
  extras: TaskExtras | undefined = undefined;

  constructor(id: TaskId, plan: TaskPlan, input: unknown, owner: TaskOwner | undefined, ownerIndex: number) {
    this.id = id;
    this.plan = plan;
    this.priority = plan.options.envelope.priority;
    this.input = input;
    this.lane = plan.lane;
    this.warnings = plan.warnings;
    this.owner = owner;
    this.ownerIndex = ownerIndex;
  }

  /** The extras, made when there are none. */
  more(): TaskExtras {
    this.extras ??= {};
    return this.extras;
  }

  warn(warning: Warning): void {
    this.warnings = [...this.warnings, warning];
  }

  /** How it ended, now or when it does. Never rejects. */
  ended(): Promise<Outcome> {
    return new Promise((resolve) => this.onEnd(resolve));
  }

  /** Its result, now or when it ended. Rejects with the error of an outcome that is not `ok`. */
  result(): Promise<unknown> {
    return new Promise((resolve, reject) =>
      this.onEnd((outcome) => (outcome.status === 'ok' ? resolve(outcome.value) : reject(outcome.error))),
    );
  }

  /** Calls `listener` once it has ended, at once when it has. */
  onEnd(listener: (outcome: Outcome) => void): void {
    if (this.outcome !== undefined) {
      listener(this.outcome);
      return;
    }
    const extras = this.more();
    if (extras.waiters === undefined) extras.waiters = [listener];
    else extras.waiters.push(listener);
  }
}
