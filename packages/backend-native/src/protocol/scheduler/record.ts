/**
 * What the journal holds: facts in the order they were decided. Replaying them gives the state that survives a crash; a
 * standby follows the same stream.
 */
import type { AttemptOutcome, TaskId } from '@anant/core';
import type { FencingToken } from '../fencing-token.js';
import type { SequencedEnd } from './effect.js';
import type { SessionId, TaskSpec } from './task-spec.js';
import type { WorkerId } from './worker-spec.js';

export type JournalRecord =
  | { readonly type: 'epoch'; readonly epoch: number }
  | { readonly type: 'session-open'; readonly session: SessionId; readonly tenant: string }
  | { readonly type: 'session-close'; readonly session: SessionId }
  | { readonly type: 'submit'; readonly session: SessionId; readonly tasks: readonly TaskSpec[] }
  | {
      readonly type: 'assign';
      readonly worker: WorkerId;
      readonly bootId: string;
      readonly tasks: readonly { readonly id: TaskId; readonly token: FencingToken }[];
    }
  /** Assignments that came to nothing: the tasks wait again. */
  | { readonly type: 'unassign'; readonly ids: readonly TaskId[] }
  | {
      readonly type: 'end';
      readonly session: SessionId;
      readonly ends: readonly SequencedEnd[];
    }
  | { readonly type: 'ends-seen'; readonly session: SessionId; readonly sequence: number }
  | { readonly type: 'attach'; readonly key: string; readonly bytes: Uint8Array }
  | { readonly type: 'detach'; readonly key: string }
  /** Workers that died while they had the task, in all its attempts; 0 forgets them. */
  | { readonly type: 'deaths'; readonly id: TaskId; readonly definition: string; readonly deaths: number }
  /** Only in snapshots, first: the epoch and how many assignments were made. */
  | { readonly type: 'snapshot'; readonly epoch: number; readonly counter: number }
  /** Only in snapshots: a session with the ends its driver has not seen; `sequence` is the number of its last end. */
  | {
      readonly type: 'session-at';
      readonly session: SessionId;
      readonly tenant: string;
      readonly sequence: number;
      readonly ends: readonly SequencedEnd[];
    }
  /** Only in snapshots: tasks that ended and are remembered. */
  | { readonly type: 'ended'; readonly tasks: readonly EndedRecord[] };

/** What is remembered of an ended task. */
export interface EndedRecord {
  readonly id: TaskId;
  readonly attempt: number;
  /** Or its mark: what stands for it when the task has ended. */
  readonly digest: string;
  readonly session: SessionId;
  readonly sequence: number;
  readonly status: AttemptOutcome['status'];
  readonly isReported: boolean;
  readonly token: FencingToken | undefined;
}

/** What is appended at once. Entries are totally ordered by (epoch, index); `index` counts from 1 without gaps. */
export interface JournalEntry {
  readonly epoch: number;
  readonly index: number;
  readonly records: readonly JournalRecord[];
}
