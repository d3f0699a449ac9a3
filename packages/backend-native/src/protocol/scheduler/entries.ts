/** What the scheduler keeps of tasks, workers and sessions. */
import type { CancelStrategy, Deadline, LinkedQueue, PriorityQueue, QueueNode, TaskId } from '@anant/core';
import type { SequencedEnd } from './effect.js';
import type { Amounts } from './resources.js';
import type { SessionId, TaskPlacement, TaskSpec } from './task-spec.js';
import type { FencingToken } from './token.js';
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
}

/** Tasks that share their turn: all of them, or those of one tenant. `dueMs` is how far it is on its own time. */
export interface Lane extends Deadline {
  readonly name: string;
  readonly weight: number;
  /** Those with waiting tasks, and the one for tasks that ask for nothing. */
  readonly classes: Map<string, TaskClass>;
  waiting: number;
}

export type EntryState = 'waiting' | 'assigned' | 'running';

export interface TaskEntry extends QueueNode<TaskEntry> {
  readonly spec: TaskSpec;
  readonly session: SessionEntry;
  readonly priority: number;
  /** Order of arrival. */
  readonly sequence: number;
  readonly submittedMs: number;
  /** The journal entry that holds its submission. */
  readonly journalIndex: number;
  class: TaskClass;
  state: EntryState;
  token: FencingToken | undefined;
  worker: WorkerEntry | undefined;
  isRevoked: boolean;
  /** Estimated run time it was assigned with, in microseconds. */
  estimateUs: number;
  /** Workers that died while this attempt waited there. */
  brushes: number;
  /** Why it is where it is: the policy's score and how many workers were compared. */
  score: number;
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
  /** Slots it offers now. */
  slots: number;
  load: WorkerLoad | undefined;
  capacity: Amounts;
  readonly free: Map<string, number>;
  /** Tasks it has, in the order of their assignment. */
  readonly tasks: LinkedQueue<TaskEntry>;
  /** Attempts that ended here while the worker may still run them, by token counter: they still occupy it. */
  readonly ghosts: Map<string, TaskEntry>;
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
  readonly open: Map<TaskId, TaskEntry>;
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
}

/** What is remembered of a task that ended. */
export interface EndedTask {
  readonly attempt: number;
  readonly digest: string;
  readonly session: SessionId;
  /** Number of its end within the session. */
  readonly sequence: number;
  readonly status: string;
  /** Its worker said how it ended, not the head. */
  readonly isReported: boolean;
  readonly token: FencingToken | undefined;
  readonly worker: WorkerId | undefined;
}

export interface DeathCount {
  readonly definition: string;
  readonly deaths: number;
}
