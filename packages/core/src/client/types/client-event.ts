/** What a client reports while it works. Names are noun-verb. */
import type { GpuDevice, Outcome, StartInfo, TaskId } from '../../contract/index.js';

export type ClientEvent =
  | { readonly type: 'task-submit'; readonly id: TaskId; readonly name: string; readonly backend: string }
  | {
      readonly type: 'task-start';
      readonly id: TaskId;
      readonly attempt: number;
      readonly backend: string;
      readonly worker: string;
    }
  | {
      readonly type: 'task-progress';
      readonly id: TaskId;
      readonly attempt: number;
      readonly done: number;
      readonly total: number;
      readonly note?: string;
    }
  /** What the kernels of a task in mode `gpu` ran on. */
  | {
      readonly type: 'task-device';
      readonly id: TaskId;
      readonly attempt: number;
      readonly backend: string;
      readonly device: GpuDevice;
    }
  /** Attempt `attempt` failed because of `reason`; the next one follows after `delayMs`. */
  | {
      readonly type: 'task-retry';
      readonly id: TaskId;
      readonly attempt: number;
      readonly reason: string;
      readonly delayMs: number;
    }
  /** The task moves to another backend. */
  | {
      readonly type: 'task-reroute';
      readonly id: TaskId;
      readonly from: string;
      readonly to: string;
      readonly reason: string;
    }
  | { readonly type: 'task-end'; readonly id: TaskId; readonly outcome: Outcome }
  | { readonly type: 'backend-start'; readonly backend: string; readonly info: StartInfo }
  | { readonly type: 'backend-fail'; readonly backend: string; readonly error: Error }
  | {
      readonly type: 'backend-state';
      readonly backend: string;
      readonly state: 'ready' | 'degraded' | 'down';
      readonly epoch: number;
      readonly reason: string;
    }
  /** The reader was too slow: `count` events before this one were dropped. */
  | { readonly type: 'events-drop'; readonly count: number };

export interface EventsOptions {
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
}
