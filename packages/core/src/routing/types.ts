/** The words of routing: what a task needs, what is known of the backends, and the decision. All plain data. */
import type { CapabilityManifest, Feature } from '../contract/index.js';

/** Which backends a workload goes to. Within a list the score decides, not the order. */
export interface WorkloadRoute {
  readonly primary: readonly string[];
  readonly secondary: readonly string[];
  /** `forbid`: when no primary can take the task there is no route. */
  readonly fallback: Fallback;
  readonly pin?: string | undefined;
  readonly forbid?: readonly string[] | undefined;
}

/** What routing takes from the configuration. */
export interface RoutingConfig {
  /** Every workload there is, defaults included. */
  readonly workloads: Readonly<Record<string, WorkloadRoute>>;
  /** Holds for every workload. */
  readonly forbid?: readonly string[] | undefined;
}

export type Fallback = 'allow' | 'forbid';

/**
 * What a user asks of routing for one task or one call. The narrowest `pin`, `primary`, `secondary` and `fallback`
 * win over the workload's; a backend forbidden anywhere stays forbidden.
 */
export interface RouteWishes {
  /** Only this backend. */
  readonly pin?: string;
  readonly forbid?: readonly string[];
  readonly primary?: readonly string[];
  readonly secondary?: readonly string[];
  readonly fallback?: Fallback;
}

/** What a task cannot do without. */
export interface Requirements {
  /** Features that must not be `absent`. */
  readonly features?: readonly Feature[];
  /** Features the backend itself must have: `emulated` is not enough. */
  readonly nativeFeatures?: readonly Feature[];
  /** Encoded size of the input, in bytes. */
  readonly payloadBytes?: number;
  /** Bytes of the task's stored inputs, by the backend that holds them: decides last, as data locality. */
  readonly storedBytes?: Readonly<Record<string, number>>;
}

/** What is known of a backend right now. `unknown` means not started yet, which is no reason against it. */
export interface BackendState {
  readonly health: 'ready' | 'degraded' | 'down' | 'unknown';
  /** Why it is not ready, for people; for example `breaker open after 5 failures`. */
  readonly reason?: string;
  /** Measured median round trip of a no-op, in milliseconds. */
  readonly latencyMs?: number;
}

/** One backend that the user configured. */
export interface Candidate extends Partial<BackendState> {
  readonly backend: string;
  /** Missing when the backend's package is not installed. */
  readonly manifest?: CapabilityManifest | undefined;
}

/** One question to a compiled router. */
export interface RouteRequest {
  readonly workload: string;
  readonly requirements?: Requirements;
  readonly task?: RouteWishes;
  readonly call?: RouteWishes;
  /** By backend; one without an entry counts as `unknown`. */
  readonly states?: Readonly<Record<string, BackendState | undefined>>;
}

/**
 * - `not-configured`: the workload names it, the configuration does not have it.
 * - `not-listed`: it is configured, but not for this workload.
 * - `not-needed`: a secondary, and a primary takes the task.
 * - `ranked-lower`: it could take the task, another one is better.
 */
export type RejectionCode =
  | 'not-configured'
  | 'not-installed'
  | 'not-listed'
  | 'not-pinned'
  | 'forbidden'
  | 'unhealthy'
  | 'missing-capability'
  | 'payload-too-large'
  | 'fallback-forbidden'
  | 'ranked-lower'
  | 'not-needed';

export interface Rejection {
  readonly backend: string;
  readonly code: RejectionCode;
  readonly reason: string;
  /** With `missing-capability`: what is missing. */
  readonly features?: readonly Feature[];
}

/** How the chosen backend came into play; `default` is the embedded backend standing in for an empty row. */
export type RouteTier = 'pinned' | 'primary' | 'secondary' | 'default';

export interface RouteDecision {
  readonly workload: string;
  /** Missing when no backend can take the task; `rejected` then says why, one by one. */
  readonly backend: string | undefined;
  readonly tier: RouteTier | undefined;
  readonly reason: string;
  /** Every other backend that is configured or listed. */
  readonly rejected: readonly Rejection[];
  /** Matrix score of every installed backend: 3 × high + 2 × medium ratings. */
  readonly scores: Readonly<Record<string, number>>;
  /** As in the manifest of the chosen backend. */
  readonly kernelMemory?: 'caller';
}
