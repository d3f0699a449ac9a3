/** What the scheduler wants done, in batches, in this order. Effects about durable facts come only after the journal has them. */
import type { CancelAnswer, CancelStrategy } from '@anant/core';
import type { FencingToken } from '../fencing-token.js';
import type { AttemptEnd } from './attempt-end.js';
import type { TokenedKey } from './event.js';
import type { JournalEntry } from './record.js';
import type { AttemptKey, SessionId } from './task-spec.js';
import type { WorkerId } from './worker-spec.js';

export interface AssignedTask extends TokenedKey {
  /** How long the worker may hold it without the head renewing its lease. */
  readonly payload: Uint8Array;
  /** Nothing else may run on the worker beside it. */
  readonly isAlone: boolean;
}

export interface Refusal extends AttemptKey {
  readonly code: string;
  readonly reason: string;
  readonly advice?: string;
}

export interface SequencedEnd extends AttemptKey {
  /**
   * Counts the ends of a session from 1, without gaps. A driver takes the next one only: others are repetitions, or came
   * before the ones it missed, and are sent again with them.
   */
  readonly sequence: number;
  readonly end: AttemptEnd;
  /** The assignment it ended under, if it had one. */
  readonly token: FencingToken | undefined;
}

export interface StartNotice extends AttemptKey {
  readonly worker: WorkerId;
}

/**
 * - `accepted`: the result counts; the worker may forget it.
 * - `repeated`: it had been accepted before under the same token.
 * - `superseded`: the token is not the current one; the result must not become visible anywhere.
 * - `later`: nothing can be decided now; the worker commits again after a while.
 */
export type CommitVerdict = 'accepted' | 'repeated' | 'superseded' | 'later';

export interface VerdictNotice extends TokenedKey {
  readonly verdict: CommitVerdict;
}

/**
 * - `revoke`: give it back if it has not begun.
 * - `drop`: it ended here already; forget it, stop it if it has not begun.
 * - `stop`: end it as the strategy says and commit how it ended.
 */
export interface RevokeNotice extends TokenedKey {
  readonly action: 'revoke' | 'drop' | 'stop';
  readonly how: CancelStrategy;
}

export interface AnswerNotice extends AttemptKey {
  readonly request: number;
  readonly answer: CancelAnswer;
}

export type SchedulerEffect =
  | { readonly type: 'session-state'; readonly session: SessionId; readonly state: 'open' | 'unknown' }
  /** These submissions are safe: they survive whatever the journal's level survives. */
  | { readonly type: 'acknowledge'; readonly session: SessionId; readonly tasks: readonly AttemptKey[] }
  | { readonly type: 'refuse'; readonly session: SessionId; readonly tasks: readonly Refusal[] }
  | { readonly type: 'start'; readonly session: SessionId; readonly tasks: readonly StartNotice[] }
  | { readonly type: 'end'; readonly session: SessionId; readonly ends: readonly SequencedEnd[] }
  | { readonly type: 'cancel-answer'; readonly session: SessionId; readonly answers: readonly AnswerNotice[] }
  /** The worker was taken in under this epoch; its lease lasts `leaseMs` from when it asked. */
  | { readonly type: 'welcome'; readonly worker: WorkerId; readonly epoch: number; readonly leaseMs: number }
  /** The head does not know the worker (any more): it must stop what it runs and join again. */
  | { readonly type: 'rejoin'; readonly worker: WorkerId; readonly epoch: number }
  | { readonly type: 'lease'; readonly worker: WorkerId; readonly epoch: number; readonly leaseMs: number }
  | { readonly type: 'assign'; readonly worker: WorkerId; readonly tasks: readonly AssignedTask[] }
  | { readonly type: 'revoke'; readonly worker: WorkerId; readonly tasks: readonly RevokeNotice[] }
  | {
      readonly type: 'commit-verdict';
      readonly worker: WorkerId;
      readonly epoch: number;
      readonly verdicts: readonly VerdictNotice[];
    }
  /** The worker holds nothing more and may go. */
  | { readonly type: 'drained'; readonly worker: WorkerId }
  /** Append this; answer with `journaled` once it is durable. */
  | { readonly type: 'journal'; readonly entry: JournalEntry }
  /** Send a `tick` at this moment of the head's monotonic clock; replaces the moment named before. */
  | { readonly type: 'wake'; readonly atMs: number };
