/**
 * The backend contract, version 1. Batches go in, events come out. Users call the client, never this:
 * that is what the `do` prefix says. It grows by side interfaces, never by widening.
 */
import type { CapabilityManifest } from './capability.js';
import type { Clock } from './clock.js';
import type { TaskEvent } from './event.js';
import type { Logger } from './logger.js';
import type { CancelStrategy, TaskEnvelope, TaskId } from './task.js';

export const BACKEND_SPEC = 'backend/v1';

export interface BackendV1 {
  readonly spec: typeof BACKEND_SPEC;
  /** Name in config, routing and results, for example `native` or `dask`. */
  readonly id: string;
  readonly manifest: CapabilityManifest;
  /**
   * Makes the backend usable, or throws an `AnantError` within `context.startTimeoutMs`.
   * Called once. Events may be emitted from the moment it is called.
   */
  doStart(context: StartContext): Promise<StartInfo>;
  /**
   * Takes a batch. Never throws and never blocks: every envelope gets exactly one `task-end` event,
   * `refused` and `lost` included. Core keeps at most `StartInfo.windowTasks` attempts open.
   */
  doSubmit(tasks: readonly TaskEnvelope[]): void;
  /**
   * Acts on open attempts, one answer per request in the same order, within the request's own bounds.
   * The answer says what was done now; the end of the attempt still arrives as its `task-end` event.
   */
  doCancel(requests: readonly CancelRequest[]): Promise<readonly CancelAnswer[]>;
  /** A fresh, cheap look at the backend; must answer or throw within 5 seconds. */
  doHealth(): Promise<BackendHealth>;
  /**
   * Ends everything: waits up to `graceMs` for open attempts, then ends the rest as `lost`. Leaves no thread,
   * process, socket or file behind. Calling it twice is fine.
   */
  doStop(options: StopOptions): Promise<void>;
}

export interface StartContext {
  /** Receives events; batches keep their order. Never throws. */
  readonly emit: (events: readonly TaskEvent[]) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly startTimeoutMs: number;
}

export interface StartInfo {
  /** Most attempts the backend wants open at once, queued and running. */
  readonly windowTasks: number;
  /** Attempts that can run at the same moment. */
  readonly slots: number;
  /** Versions and addresses worth showing, for example `{ dask: '2026.8.0', scheduler: 'tcp://…' }`. */
  readonly details: Readonly<Record<string, string>>;
}

export interface CancelRequest {
  readonly id: TaskId;
  readonly attempt: number;
  readonly how: CancelStrategy;
}

/**
 * - `cancelled`: it will not run, or its execution was ended.
 * - `requested`: the running task was asked to stop; it may still end `ok`.
 * - `already-done`: the attempt had ended.
 * - `unsupported`: this backend cannot do that to this task.
 * - `unknown-task`: the backend does not know the attempt.
 */
export type CancelAnswer = 'cancelled' | 'requested' | 'already-done' | 'unsupported' | 'unknown-task';

export interface BackendHealth {
  readonly state: 'ready' | 'degraded' | 'down';
  readonly reason: string;
  readonly epoch: number;
  readonly slots: number;
  readonly openTasks: number;
}

export interface StopOptions {
  readonly graceMs: number;
}
