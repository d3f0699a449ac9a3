/** What the scheduler knows of a task. The rest of it travels as opaque bytes. */
import type { CancelStrategy, Delivery, Placement, Resources, TaskId } from '@anant/core';
import type { WorkerId } from './worker-spec.js';

/** Names a driver's conversation with the head; made by the driver, kept across its reconnections. */
export type SessionId = string;

/** One attempt of one task. */
export interface AttemptKey {
  readonly id: TaskId;
  readonly attempt: number;
}

export type TaskPlacement = Placement;

/** An input that lies on workers already: what moving it would cost. */
export interface InputLocation {
  readonly bytes: number;
  readonly workers: readonly WorkerId[];
}

export interface TaskSpec extends AttemptKey {
  /** Equal for equal contents, whatever the attempt; the same id with another digest is refused. */
  readonly digest: string;
  /** Names the definition and its version, for example `typescript:graph.pagerank@3f2a…`. */
  readonly definition: string;
  /** Higher is more urgent: an integer from -1000 to 1000. */
  readonly priority: number;
  /** Empty for the tenant of those who name none. */
  readonly tenant: string;
  readonly delivery: Delivery;
  readonly resources?: Resources | undefined;
  readonly placement?: TaskPlacement | undefined;
  readonly inputs?: readonly InputLocation[] | undefined;
  /** The encoded envelope; the scheduler only carries it. */
  readonly payload: Uint8Array;
}

export interface CancelSpec extends AttemptKey {
  /** Comes back with the answer; the driver's own. */
  readonly request: number;
  readonly how: CancelStrategy;
}
