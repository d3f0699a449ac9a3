/** What a caller holds of a submitted task. */
import type { CancelAnswer, CancelStrategy, ObjectRef, Outcome, TaskId } from '../../contract/index.js';

/** How far a task is: `done` of `total`, in a unit of its own. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly note?: string;
}

export interface TaskHandle<Value = unknown> {
  readonly id: TaskId;
  /** How the task ended. Never rejects. */
  outcome(): Promise<Outcome<Value>>;
  /** The result. Rejects with an `AnantError` whose `details.outcome` is the outcome when the task did not end `ok`. */
  result(): Promise<Value>;
  /** Tries to stop the task and says what happened; how it ended arrives as its outcome. @default how 'ask' */
  cancel(how?: CancelStrategy): Promise<CancelAnswer>;
  /**
   * Progress reports from the latest one on, ending with the task. A slow reader misses old reports
   * (256 are kept), never the newest.
   */
  progress(): AsyncIterable<Progress>;
  /** Where the result is stored; for tasks with output `reference`. @throws AnantError as `result()` does */
  reference(): Promise<ObjectRef>;
}

/** A task that yields items. */
export interface StreamHandle<Item = unknown> extends Omit<TaskHandle<undefined>, 'result'> {
  /**
   * The items, for one reader. The producer is at most 16 items ahead of it. Leaving the loop early cancels the
   * task. Throws like `result()` when the task does not end `ok`, after the items that arrived.
   */
  items(): AsyncIterable<Item>;
  /** Every item; reads `items()`. */
  result(): Promise<Item[]>;
}

/** The handle of a task whose definition yields or returns. */
export type HandleOf<Output, Kind extends 'value' | 'stream'> = 'stream' extends Kind
  ? StreamHandle<Output>
  : TaskHandle<Output>;
