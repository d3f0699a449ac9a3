/** What a client is made of. */
import type { BackendV1, Clock, Logger, Random } from '../../contract/index.js';
import type { WorkloadRoute } from '../../routing/index.js';
import type { DefaultOptions } from './submit-options.js';

/**
 * A backend, or a function that makes one. Functions are called when routing first looks at the backend, and again
 * when a backend that failed to start is tried anew; an instance is started once at most.
 */
export type BackendSource = BackendV1 | (() => BackendV1);

/** At most `perSecond` attempts start each second, on average; `burst` at once. */
export interface RateLimit {
  readonly perSecond: number;
  /** @default perSecond, at least 1 */
  readonly burst?: number;
}

/** The bounds of a client, each with what happens at it. */
export interface ClientLimits {
  /** Tasks that have not ended. Beyond it `submit` throws `E_QUEUE_FULL`, `map` waits. @default 1000000 */
  readonly openTasksMax?: number;
  /** Ended tasks whose given id is remembered, oldest forgotten first. @default 10000 */
  readonly dedupTasksMax?: number;
  /** How long the given id of an ended task is remembered. @default 600000 (10 minutes) */
  readonly dedupMs?: number;
  /** Retries per task submitted, over the whole client. Beyond it a failed attempt is final. @default 0.1 */
  readonly retryRatio?: number;
  /** Retries that are always affordable at the start, and the most that can be saved up. @default 100 */
  readonly retryReserve?: number;
  /** Longest start of a backend, then its tasks move on or fail. @default 120000 */
  readonly startTimeoutMs?: number;
  /** How long tasks wait for a backend that went down to come back. @default 30000 */
  readonly downGraceMs?: number;
  /** Grace of `close()` and `await using`. @default 30000 */
  readonly closeGraceMs?: number;
  /** Failures in a row that open a backend's breaker. @default 3 */
  readonly breakerFailures?: number;
  /** How long an open breaker keeps tasks away before one may try. @default 10000 */
  readonly breakerOpenMs?: number;
  /** Rate limits by the name of a definition. */
  readonly definitionRates?: Readonly<Record<string, RateLimit>>;
  /** Rate limits by workload. */
  readonly workloadRates?: Readonly<Record<string, RateLimit>>;
}

export interface ConnectOptions {
  /** Backends by name; the name must be the backend's own id. */
  readonly backends: Readonly<Record<string, BackendSource>>;
  /** Rows of the routing table, over the default ones. */
  readonly workloads?: Readonly<Record<string, WorkloadRoute>>;
  /** Backends never to use, for any workload. */
  readonly forbid?: readonly string[];
  /** Options of every task, below those of the definition and of the call. */
  readonly defaults?: DefaultOptions;
  readonly limits?: ClientLimits;
  /** @default silent */
  readonly logger?: Logger;
  /** @default the system clock */
  readonly clock?: Clock;
  /** Jitter and made-up ids. @default Math.random */
  readonly random?: Random;
}
