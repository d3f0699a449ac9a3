/** How a task, or one attempt of it, ended. Engines blur these; Anant does not. */
import type { GpuDevice } from './gpu.js';
import type { RemoteErrorData } from './remote-error.js';
import type { CancelStrategy, ObjectId } from './task.js';
import type { Warning } from './warning.js';

export type TimeoutKind = 'schedule-to-start' | 'start-to-close' | 'schedule-to-close' | 'heartbeat';

/** Whether user code may have run: decides if an at-most-once task may be tried again. */
export type StartedExecution = 'no' | 'yes' | 'maybe';

/** What a backend reports for one attempt. */
export type AttemptOutcome =
  | { readonly status: 'ok'; readonly value: unknown }
  /** The result stays in the backend's object store under `object`; `bytes` is its encoded size. */
  | { readonly status: 'ok-reference'; readonly object: ObjectId; readonly bytes: number }
  | { readonly status: 'app-error'; readonly error: RemoteErrorData }
  | { readonly status: 'cancelled'; readonly how: CancelStrategy }
  /** The attempt is gone: its worker, process or engine died. `suspect` marks a task that may kill its workers. */
  | {
      readonly status: 'lost';
      readonly reason: string;
      readonly started: StartedExecution;
      readonly suspect?: boolean;
    }
  /** It may still be running, or may run later; nothing can be said. */
  | { readonly status: 'unknown'; readonly reason: string }
  /** The backend cannot run this task at all (bad reference, impossible resources). Never retried. */
  | { readonly status: 'refused'; readonly code: string; readonly reason: string; readonly advice?: string };

interface OutcomeBase {
  readonly backend: string;
  readonly attempts: number;
  /** From submit to end, in milliseconds of the client's clock. */
  readonly elapsedMs: number;
  readonly warnings: readonly Warning[];
  /** What the kernels of a task in mode `gpu` really ran on; absent when none ran. */
  readonly device?: GpuDevice;
}

/** How a task ended for the user, after retries. Exactly one per task. */
export type Outcome<Value = unknown> = OutcomeBase &
  (
    | { readonly status: 'ok'; readonly value: Value }
    | { readonly status: 'app-error'; readonly error: Error }
    | { readonly status: 'cancelled'; readonly how: CancelStrategy; readonly error: Error }
    | { readonly status: 'timeout'; readonly timeout: TimeoutKind; readonly error: Error }
    | { readonly status: 'lost'; readonly reason: string; readonly error: Error }
    | { readonly status: 'unknown'; readonly reason: string; readonly error: Error }
    /** A task this one depends on did not end `ok`. */
    | { readonly status: 'skipped'; readonly because: string; readonly error: Error }
  );

export type OutcomeStatus = Outcome['status'];
