/** What happens to the scheduler, in batches. Whoever drives it decodes messages into these and never waits in between. */
import type { AttemptOutcome } from '@anant/core';
import type { FencingToken } from '../fencing-token.js';
import type { WorkerEvidence } from './evidence.js';
import type { AttemptKey, CancelSpec, SessionId, TaskSpec } from './task-spec.js';
import type { LeaveReason, WorkerId, WorkerLoad, WorkerSpec } from './worker-spec.js';

/** An attempt together with the token under which the worker has it. */
export interface TokenedKey extends AttemptKey {
  readonly token: FencingToken;
}

/**
 * The end of an attempt as its worker reports it. Repeated until a verdict comes back. A worker whose lease ran out stops
 * what it runs and commits it as `lost`; it begins nothing more until the lease is renewed.
 */
export interface CommitSpec extends TokenedKey {
  readonly status: AttemptOutcome['status'];
  /** The encoded outcome, or where the result lies. */
  readonly body: Uint8Array;
  /** How long it ran, in microseconds; 0 when it did not begin. */
  readonly runUs: number;
  /** Whether the process it had to itself, apart from its worker, died of it. @default false */
  readonly suspect?: boolean;
}

export type SchedulerEvent =
  /** Opens a session, or finds the one there is. */
  | { readonly type: 'session-open'; readonly session: SessionId; readonly tenant: string }
  /** The driver came back: ends after `endsSeen` are sent again. */
  | { readonly type: 'session-resume'; readonly session: SessionId; readonly endsSeen: number }
  /** The connection is gone; the session waits `sessionRetainMs` for its driver. */
  | { readonly type: 'session-disconnect'; readonly session: SessionId }
  /** The driver is done: what is still open is cancelled, and everything about the session forgotten. */
  | { readonly type: 'session-close'; readonly session: SessionId }
  | { readonly type: 'submit'; readonly session: SessionId; readonly tasks: readonly TaskSpec[] }
  | { readonly type: 'cancel'; readonly session: SessionId; readonly requests: readonly CancelSpec[] }
  /** The driver has every end up to and including this number. */
  | { readonly type: 'ends-seen'; readonly session: SessionId; readonly sequence: number }
  | { readonly type: 'worker-join'; readonly worker: WorkerSpec }
  /** The stream of a worker closed: unless it joins again within `disconnectGraceMs`, its process is taken for dead. */
  | { readonly type: 'worker-disconnect'; readonly worker: WorkerId; readonly bootId: string }
  | {
      readonly type: 'worker-leave';
      readonly worker: WorkerId;
      readonly bootId: string;
      readonly reason: LeaveReason;
    }
  /** `drain`: no new tasks, waiting ones come back, running ones may end. `resume` takes that back. */
  | { readonly type: 'worker-drain'; readonly worker: WorkerId; readonly action: 'drain' | 'resume' }
  | {
      readonly type: 'worker-load';
      readonly worker: WorkerId;
      readonly bootId: string;
      readonly load: WorkerLoad;
    }
  | {
      readonly type: 'started';
      readonly worker: WorkerId;
      readonly bootId: string;
      readonly tasks: readonly TokenedKey[];
    }
  | {
      readonly type: 'commit';
      readonly worker: WorkerId;
      readonly bootId: string;
      readonly commits: readonly CommitSpec[];
    }
  /** Given back without having begun, because the head revoked them or the worker does not want them. */
  | {
      readonly type: 'returned';
      readonly worker: WorkerId;
      readonly bootId: string;
      readonly tasks: readonly TokenedKey[];
    }
  /** The worker is alive: its lease begins anew. */
  | { readonly type: 'renew'; readonly worker: WorkerId; readonly bootId: string }
  /** Keeps bytes with the journal that tasks cannot do without after a restart; the same key again replaces them. */
  | { readonly type: 'attach'; readonly key: string; readonly bytes: Uint8Array }
  | { readonly type: 'detach'; readonly key: string }
  /** Every entry up to and including `index` is as durable as the journal was told to make it. */
  | { readonly type: 'journaled'; readonly index: number }
  /** The journal cannot take entries (a full disk, say), or can again. */
  | {
      readonly type: 'journal-state';
      readonly state: 'writable' | 'read-only';
      readonly reason: string;
    }
  /** What the other members of the cluster say of a worker. */
  | {
      readonly type: 'worker-evidence';
      readonly worker: WorkerId;
      readonly bootId: string;
      readonly evidence: WorkerEvidence;
    }
  /** Whether this head's side of the cluster is the one that may assign work. */
  | { readonly type: 'quorum'; readonly state: 'held' | 'lost'; readonly reason: string }
  /** This head leads from now on, under an epoch higher than any before. */
  | { readonly type: 'lead'; readonly epoch: number }
  /** Another head leads, or may: nothing is decided here any more. */
  | { readonly type: 'step-down'; readonly reason: string }
  /** Time passed; sent at the moment the last `wake` effect named, or later. */
  | { readonly type: 'tick' };
