/** What a backend tells core, in batches. Names are noun-verb. */
import type { GpuDevice } from './gpu.js';
import type { AttemptOutcome } from './outcome.js';
import type { TaskId } from './task.js';
import type { Warning } from './warning.js';

interface AttemptEvent {
  readonly id: TaskId;
  readonly attempt: number;
}

export interface TaskStartEvent extends AttemptEvent {
  readonly type: 'task-start';
  /** Names the executing worker, for people: `thread-2`, `tcp://…`, `host/pid`. */
  readonly worker: string;
}

export interface TaskProgressEvent extends AttemptEvent {
  readonly type: 'task-progress';
  readonly done: number;
  readonly total: number;
  readonly note?: string;
}

export interface TaskHeartbeatEvent extends AttemptEvent {
  readonly type: 'task-heartbeat';
}

/** What the kernels of a task in mode `gpu` ran on; again when it changes. The last one counts. */
export interface TaskDeviceEvent extends AttemptEvent {
  readonly type: 'task-device';
  readonly device: GpuDevice;
}

/** One item of a stream; `sequence` counts from 0 without gaps within an attempt. */
export interface TaskItemEvent extends AttemptEvent {
  readonly type: 'task-item';
  readonly sequence: number;
  readonly value: unknown;
}

/** Exactly one per submitted envelope, always the last event of its attempt. */
export interface TaskEndEvent extends AttemptEvent {
  readonly type: 'task-end';
  readonly outcome: AttemptOutcome;
  readonly warnings?: readonly Warning[];
}

/** The backend as a whole changed state. `epoch` grows with every restart of the process or connection behind it. */
export interface BackendStateEvent {
  readonly type: 'backend-state';
  readonly state: 'ready' | 'degraded' | 'down';
  readonly epoch: number;
  readonly reason: string;
}

export type TaskEvent =
  | TaskStartEvent
  | TaskProgressEvent
  | TaskHeartbeatEvent
  | TaskDeviceEvent
  | TaskItemEvent
  | TaskEndEvent
  | BackendStateEvent;
