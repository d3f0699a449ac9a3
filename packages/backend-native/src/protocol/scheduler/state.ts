/** What the scheduler knows. Owned by whoever drives `step`; only the functions of this folder change it. */
import { ChurnMap, DeadlineHeap, type TaskId } from '@anant/core';
import type { DurationEstimate } from '../../embedded/schedule/duration-estimate.js';
import type {
  DeathCount,
  GroupEntry,
  Lane,
  PendingCancel,
  SessionEntry,
  TaskEntry,
  WorkerEntry,
} from './entries.js';
import type { GangTurn } from './gang-turn.js';
import { HeldEffects } from './held-effects.js';
import { SchedulerMetrics } from './metrics.js';
import {
  SCHEDULER_DEFAULTS,
  SCHEDULER_LIMITS,
  type SchedulerLimits,
  type SchedulerOptions,
} from './options.js';
import { ORDER_POLICIES, type OrderPolicy } from './policy/order.js';
import { PLACE_POLICIES, type PlacePolicy } from './policy/place.js';
import { TaskBook } from './task-book.js';
import type { SessionId } from './task-spec.js';
import type { WorkerId, WorkerSpec } from './worker-spec.js';

export interface DepartedWorker {
  readonly spec: WorkerSpec;
  readonly untilMs: number;
  /** Tasks it was said to have died of. */
  readonly blamed: readonly TaskId[];
}

export interface SchedulerState {
  readonly options: SchedulerOptions;
  readonly order: OrderPolicy;
  readonly place: PlacePolicy;
  role: 'leader' | 'follower';
  followerReason: string;
  epoch: number;
  /** Assignments made so far. */
  counter: number;
  /** Arrivals, for the order of tasks. */
  arrivals: number;
  journalIndex: number;
  journalState: 'writable' | 'read-only';
  journalReason: string;
  /** Whether this head's side of the cluster may assign work; without gossip it always may. */
  quorum: 'held' | 'lost';
  quorumReason: string;
  /** Nothing is assigned before the entry that holds the epoch is durable. */
  epochIndex: number;
  durableIndex: number;
  readonly tasks: TaskBook;
  /** What workers have, by the counter of its token. Counters go on from one epoch to the next. */
  readonly assigned: ChurnMap<number, TaskEntry>;
  payloadBytes: number;
  /** What the head's streams need to know of tasks that outlive it, by key. As many as the head attaches. */
  readonly attachments: Map<string, Uint8Array>;
  readonly sessions: Map<SessionId, SessionEntry>;
  readonly sessionDeadlines: DeadlineHeap<SessionEntry>;
  readonly workers: Map<WorkerId, WorkerEntry>;
  readonly workerDeadlines: DeadlineHeap<WorkerEntry>;
  readonly departed: Map<WorkerId, DepartedWorker>;
  readonly lanes: Map<string, Lane>;
  readonly readyLanes: DeadlineHeap<Lane>;
  /** How far the lane served last was on its own time. */
  virtualTime: number;
  classes: number;
  waiting: number;
  readonly openByTenant: Map<string, number>;
  readonly groups: Map<string, GroupEntry>;
  /** The gang that workers are kept free for. */
  gangTurn: GangTurn | undefined;
  readonly estimates: Map<string, DurationEstimate>;
  readonly deaths: Map<TaskId, DeathCount>;
  /** Definitions of which a task died alone: their tasks run alone until one of them ends. */
  readonly deadly: Set<string>;
  readonly cancels: DeadlineHeap<PendingCancel>;
  readonly held: HeldEffects;
  /** Grows when a worker may take more than before. */
  capacityVersion: number;
  /** Where the next decision starts looking. */
  cursor: number;
  wakeMs: number;
  readonly metrics: SchedulerMetrics;
}

export interface SchedulerSettings extends Partial<Omit<SchedulerOptions, 'limits'>> {
  readonly limits?: Partial<SchedulerLimits>;
}

/** An empty scheduler that does not lead yet: replay a journal into it, then send `lead`. */
export function newSchedulerState(settings: SchedulerSettings = {}): SchedulerState {
  const options: SchedulerOptions = {
    ...SCHEDULER_DEFAULTS,
    ...settings,
    limits: { ...SCHEDULER_LIMITS, ...settings.limits },
  };
  return {
    options,
    order: ORDER_POLICIES[options.order],
    place: PLACE_POLICIES[options.place],
    role: 'follower',
    followerReason: 'It has not been told to lead.',
    epoch: 0,
    counter: 0,
    arrivals: 0,
    journalIndex: 0,
    journalState: 'writable',
    journalReason: '',
    quorum: 'held',
    quorumReason: '',
    epochIndex: 0,
    durableIndex: 0,
    tasks: new TaskBook({ endedMax: options.limits.dedupTasksMax, endedMs: options.dedupMs }),
    assigned: new ChurnMap(),
    payloadBytes: 0,
    attachments: new Map(),
    sessions: new Map(),
    sessionDeadlines: new DeadlineHeap(),
    workers: new Map(),
    workerDeadlines: new DeadlineHeap(),
    departed: new Map(),
    lanes: new Map(),
    readyLanes: new DeadlineHeap(),
    virtualTime: 0,
    classes: 0,
    waiting: 0,
    openByTenant: new Map(),
    groups: new Map(),
    gangTurn: undefined,
    estimates: new Map(),
    deaths: new Map(),
    deadly: new Set(),
    cancels: new DeadlineHeap(),
    held: new HeldEffects(),
    capacityVersion: 1,
    cursor: 0,
    wakeMs: Number.POSITIVE_INFINITY,
    metrics: new SchedulerMetrics(),
  };
}
