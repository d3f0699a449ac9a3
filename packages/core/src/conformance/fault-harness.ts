/**
 * What a backend's test setup can break on purpose. Every member is optional: a clause that needs one that is missing
 * is reported `not-injectable`, never as passed.
 */
import type { BackendV1, TaskId } from '../contract/index.js';
import { NotInjectable } from './violation.js';

/** A running attempt, as the task itself and the backend describe it. */
export interface FaultTarget {
  readonly id: TaskId;
  /** From the `task-start` event. */
  readonly worker: string;
  /** Process that runs the task's code, and that process's parent. */
  readonly pid: number;
  readonly parentPid: number;
}

/** A backend and the control plane (scheduler, head, broker) of its engine, each with a life of its own. */
export interface BackendApart {
  readonly backend: BackendV1;
  /** Ends the control plane without warning; the returned function starts it again at the same address. */
  readonly stopControlPlane: () => Promise<() => Promise<void>>;
  /** Ends whatever the engine still runs; called when the backend has stopped. */
  readonly close: () => Promise<void>;
}

export interface FaultHarness {
  /** Kills, without warning, the worker that runs the attempt. */
  readonly killWorkerOf?: (target: FaultTarget) => Promise<void>;
  /** Stops that worker without ending it (SIGSTOP); the returned function lets it go on. */
  readonly freezeWorkerOf?: (target: FaultTarget) => Promise<() => Promise<void>>;
  /** Kills the process between the backend and its engine. */
  readonly killBridge?: () => Promise<void>;
  /** Starts an engine apart from the backend that uses it, so that its control plane can be ended alone. */
  readonly startApart?: () => Promise<BackendApart>;
  /** Makes the backend lose a stored object behind its back. */
  readonly loseObject?: (id: string) => Promise<void>;
  /** Makes the engine deliver a running attempt a second time. */
  readonly redeliver?: (target: FaultTarget) => Promise<void>;
  /** A backend whose control plane does not exist. */
  readonly createUnreachable?: () => BackendV1 | Promise<BackendV1>;
  /** A backend whose other half has a version that does not fit. */
  readonly createSkewed?: () => BackendV1 | Promise<BackendV1>;
  /**
   * Runs the backend in another Node process with open tasks and kills that process. Resolves, within 2 seconds of
   * the death, with the processes that were left behind.
   */
  readonly killParent?: () => Promise<{ readonly orphans: readonly number[] }>;
}

export type Fault = keyof FaultHarness;

/**
 * Makes the harness of one backend that `create` made; `undefined` asks for what needs none.
 */
export type FaultHarnessFactory = (backend: BackendV1 | undefined) => FaultHarness;

/** @throws NotInjectable when the harness cannot do it. */
export function requireFault<Name extends Fault>(
  harness: FaultHarness,
  name: Name,
): NonNullable<FaultHarness[Name]> {
  const fault = harness[name];
  if (fault === undefined) throw new NotInjectable(`this backend's harness has no ${name}`);
  return fault as NonNullable<FaultHarness[Name]>;
}
