/** One attempt the backend has accepted, from submission to its end. */
import type { TaskEnvelope, Warning } from '@anant/core';
import type { ThreadTask } from './thread/thread-task.js';

export interface Attempt {
  readonly envelope: TaskEnvelope;
  /** The input with references resolved. Dropped when the attempt ends. */
  input: unknown;
  state: 'waiting' | 'handed' | 'ended';
  /** Whether its `task-start` was emitted. */
  hasStarted: boolean;
  /** Ended for the client while it still runs: what it holds is free when it really ends. */
  isForgotten: boolean;
  /** Set when a newer attempt of the same task was submitted: its result is no longer wanted. */
  isReplaced: boolean;
  warnings: readonly Warning[] | undefined;
  /** How long its code ran, in microseconds, where its executor knows; 0 otherwise. */
  runUs: number;
  /** Its task on a thread, while it has one. */
  thread: ThreadTask | undefined;
  /** Older attempt of the same task that is still open. */
  older: Attempt | undefined;
}

export function newAttempt(envelope: TaskEnvelope): Attempt {
  return {
    envelope,
    input: envelope.input,
    state: 'waiting',
    hasStarted: false,
    isForgotten: false,
    isReplaced: false,
    warnings: undefined,
    runUs: 0,
    thread: undefined,
    older: undefined,
  };
}
