/** What a caller may ask of one task. Every field is optional; defaults are stated where they apply. */
import type {
  CancelStrategy,
  Delivery,
  ExecutionMode,
  Feature,
  Placement,
  Resources,
  TaskId,
} from '../../contract/index.js';
import type { Fallback } from '../../routing/index.js';

/** An outcome that may be tried again. `timeout` means the timeouts of an attempt: start-to-close and heartbeat. */
export type RetryCause = 'lost' | 'app-error' | 'timeout' | 'unknown';

export interface RetryOptions {
  /** Attempts in all, the first included; 1 to 100. @default 3 */
  readonly attempts?: number;
  /** Which outcomes are tried again. @default ['lost'] */
  readonly on?: readonly RetryCause[];
  /** Longest pause before the first retry; it doubles with each one. @default 100 */
  readonly backoffMs?: number;
  /** Longest pause before any retry. @default 30000 */
  readonly backoffMsMax?: number;
}

/**
 * The four timeouts, in milliseconds. They count from the moment the task may run: after its `notBeforeMs` or
 * `delayMs` and after the tasks it depends on.
 */
export interface TimeoutOptions {
  /** Until the first attempt starts to run. @default none */
  readonly scheduleToStartMs?: number;
  /** One attempt, from its start. @default none */
  readonly startToCloseMs?: number;
  /** The whole task, retries and pauses included. @default 86400000 (24 hours): nothing waits for ever */
  readonly scheduleToCloseMs?: number;
  /** Between two signs of life of a running attempt. @default none */
  readonly heartbeatMs?: number;
}

/** How a running attempt is stopped on a timeout, an `AbortSignal` or a stream that is no longer read. */
export interface CancelOptions {
  /** @default 'ask' */
  readonly how?: CancelStrategy;
  /** Patience after `ask`, before escalating. @default 5000 */
  readonly graceMs?: number;
  /** What follows when `ask` has not ended the attempt in time. @default 'kill' */
  readonly escalate?: 'kill' | 'forget';
}

export interface SubmitOptions {
  /** Idempotency key; made up when missing. At most 128 characters of [A-Za-z0-9._:-]. */
  readonly id?: TaskId;
  /** Overrides the workload of the definition. */
  readonly workload?: string;
  /** Only this backend. */
  readonly backend?: string;
  /** Never these backends. */
  readonly forbid?: readonly string[];
  readonly fallback?: Fallback;
  /** Features without which the task must not run. */
  readonly require?: readonly Feature[];
  /** Features the backend itself must have: emulation by core is not enough. */
  readonly requireNative?: readonly Feature[];
  /** Higher is more urgent; an integer from -1000 to 1000. @default 0 */
  readonly priority?: number;
  readonly retry?: RetryOptions;
  readonly timeouts?: TimeoutOptions;
  /** Earliest start, in wall-clock milliseconds since the epoch. */
  readonly notBeforeMs?: number;
  /** Earliest start, from now. */
  readonly delayMs?: number;
  readonly cancel?: CancelOptions;
  readonly mode?: ExecutionMode;
  readonly resources?: Resources;
  readonly placement?: Placement;
  readonly tenant?: string;
  /** @default 'at-least-once' */
  readonly delivery?: Delivery;
  /** `reference` keeps the result in the backend's object store; the result is then a `StoredObject`. @default 'value' */
  readonly output?: 'value' | 'reference';
  /** Cancels the task as `cancel` says. */
  readonly signal?: AbortSignal;
}

/** Options of every task of a `map`. */
export interface MapOptions extends Omit<SubmitOptions, 'id' | 'output'> {
  /** Most tasks open at once; also how far inputs are read ahead. @default 4096 */
  readonly concurrency?: number;
}

/** Defaults of a client, below those of the definition and the options of a call. */
export type DefaultOptions = Omit<
  SubmitOptions,
  'id' | 'workload' | 'signal' | 'output' | 'notBeforeMs' | 'delayMs'
>;
