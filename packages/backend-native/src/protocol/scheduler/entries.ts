/** What the scheduler keeps of tasks, workers and sessions. */
import type { CancelStrategy, Deadline, LinkedQueue, PriorityQueue, QueueNode, TaskId } from '@anant/core';
import type { FencingToken } from '../fencing-token.js';
import type { SequencedEnd } from './effect.js';
import type { Amounts } from './resources.js';
import type { SessionId, TaskPlacement, TaskSpec } from './task-spec.js';
import type { WorkerId, WorkerLoad, WorkerSpec } from './worker-spec.js';

/** Tasks that ask for the same resources and the same place: when one cannot be placed, none can. */
export interface TaskClass {
  readonly key: string;
  readonly lane: Lane;
  readonly amounts: Amounts;
  readonly placement: TaskPlacement | undefined;
  readonly isAlone: boolean;
  readonly queue: PriorityQueue<TaskEntry>;
  /** `state.capacityVersion` at which its first task could not be placed. */
  blockedAt: number;
  /** Since when its first task could not be placed; -1 when it was not tried or was placed. */
  blockedSinceMs: number;
  blockedBecause: string;
  /** The worker kept free for it. */
  reserved: WorkerEntry | undefined;
  /** Of a gang: before this it has no further turn (see gang-turn). */
  turnFromMs: number;
}

/** Tasks that share their turn: all of them, or those of one tenant. `dueMs` is how far it is on its own time. */
export interface Lane extends Deadline {
  readonly name: string;
  readonly weight: number;
  /** Those with waiting tasks, and the one for tasks that ask for nothing. */
  readonly classes: Map<string, TaskClass>;
  waiting: number;
}

export type EntryState = 'waiting' | 'assigned' | 'running' | 'ended';

/** One attempt, from its submission until its end, or until its worker has let go of it. */
export interface TaskEntry extends QueueNode<TaskEntry> {
  readonly id: TaskId;
  readonly attempt: number;
  readonly digest: string;
  readonly session: SessionEntry;
  readonly priority: number;
  /** Order of arrival. */
  readonly sequence: number;
  readonly submittedMs: number;
  /** Of an ended task that still occupies its worker: `SPENT`, so that its payload is not kept. */
  spec: TaskSpec;
  class: TaskClass;
  state: EntryState;
  /** Under which it is, or ended, assigned. */
  token: FencingToken | undefined;
  /** Who has it. An ended task may still occupy its worker: then it is among the ghosts. */
  worker: WorkerEntry | undefined;
  isRevoked: boolean;
  /** Estimated run time it was assigned with, in whole microseconds. Integers take no memory of their own. */
  estimateUs: number;
  /** Workers that died while this attempt waited there. */
  brushes: number;
  /** Why it is where it is: the policy's score and how many workers were compared. */
  scoreThousandths: number;
  compared: number;
  cancels: PendingCancel[] | undefined;
}

export interface PendingCancel extends Deadline {
  readonly entry: TaskEntry;
  readonly request: number;
  readonly how: CancelStrategy;
}

export type WorkerState = 'active' | 'draining' | 'absent';

export interface WorkerEntry extends Deadline {
  readonly id: WorkerId;
  spec: WorkerSpec;
  /** `absent`: it has tasks by the journal, but has not joined this head. */
  state: WorkerState;
  isDrained: boolean;
  /** Its stream is open; when not, its deadline is that of coming back. */
  isConnected: boolean;
  /** When its lease began the last time. */
  heardMs: number;
  /** Other members cannot reach it, and nothing was heard of it since. */
  isSuspected: boolean;
  /** Slots it offers now. */
  slots: number;
  load: WorkerLoad | undefined;
  capacity: Amounts;
  readonly free: Map<string, number>;
  /** Tasks it has, in the order of their assignment. */
  readonly tasks: LinkedQueue<TaskEntry>;
  /** Attempts that ended here while the worker may still run them: they still occupy it. */
  readonly ghosts: LinkedQueue<TaskEntry>;
  /** Tasks and ghosts. */
  occupants: number;
  backlogUs: number;
  reservedFor: TaskClass | undefined;
  /** Runs alone at the moment. */
  alone: TaskEntry | undefined;
  /** Tasks asked back for others and not yet returned. */
  revoked: number;
}

export interface SessionEntry extends Deadline {
  readonly id: SessionId;
  readonly tenant: string;
  /** Its open tasks. */
  open: number;
  /** Ends the driver has not confirmed, the oldest first from `endsHead`. */
  ends: SequencedEnd[];
  endsHead: number;
  /** Number of the last end. */
  sequence: number;
  isConnected: boolean;
}

export interface GroupEntry {
  readonly name: string;
  open: number;
  /** Assigned tasks by host. */
  readonly hosts: Map<string, number>;
  /** Assigned tasks by worker. */
  readonly workers: Map<WorkerId, number>;
  /** Some task of it was assigned since the group is open. */
  hasBegun: boolean;
  /** The worker that took one of it last: `same-node` stays there between its tasks, too. */
  home: WorkerId | undefined;
}

export interface DeathCount {
  readonly definition: string;
  readonly deaths: number;
}
