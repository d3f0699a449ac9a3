/** What a worker tells the head about itself when it joins, and while it works. */

import type { FencingToken } from '../fencing-token.js';
import type { OverloadLevel } from '../overload/overload.js';
import type { ResourceCapacity } from './resources.js';
import type { AttemptKey } from './task-spec.js';

export type WorkerId = string;

/** An assignment a worker still has when it joins: waiting, running, or done with its commit not yet answered. */
export interface HeldAttempt extends AttemptKey {
  readonly token: FencingToken;
  readonly state: 'waiting' | 'running' | 'done';
}

export interface WorkerSpec {
  readonly id: WorkerId;
  /** Another one for every start of the process: a worker that comes back with a new one has lost what it ran. */
  readonly bootId: string;
  /** Tasks it runs at the same moment. */
  readonly slots: number;
  readonly resources: ResourceCapacity;
  readonly labels: Readonly<Record<string, string>>;
  readonly host: string;
  readonly zone: string;
  /** Where its data plane listens. */
  readonly dataAddress: string;
  /** What it holds of earlier assignments; the head takes over those whose token is still the current one. */
  readonly holds: readonly HeldAttempt[];
}

/**
 * - `left`: it said goodbye and runs nothing any more.
 * - `died`: its process is known to be dead; the tasks that ran in it are suspects.
 * - `unreachable`: nothing was heard of it; it may still run what it has.
 */
export type LeaveReason = 'left' | 'died' | 'unreachable';

/** How a worker fares, as it says itself. */
export interface WorkerLoad {
  /** 0 to 1. */
  readonly cpu: number;
  readonly memoryFreeBytes: number;
  /** Slots it offers at the moment, when pressure made it offer fewer than it has. */
  readonly slots: number;
  /** The step by which it gives way to pressure, and why; absent when nothing presses. */
  readonly overload?: { readonly level: OverloadLevel; readonly reason: string };
}
