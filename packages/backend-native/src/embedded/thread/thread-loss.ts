/** Why the task that ran on a thread is lost, in words and in the terms of an outcome. */
import { AnantError, describeError } from '@anant/core';
import type { ThreadEnd } from './messages.js';
import type { ThreadTask, ThreadTaskEnd } from './thread-task.js';

export interface ThreadLossCause {
  /** What ended the session; `undefined` when it was closed. */
  readonly error: Error | undefined;
  /** Whether the thread was seen to end. */
  readonly isGone: boolean;
  readonly memoryBytesMax: number | undefined;
  /** Given when the thread was ended on purpose. */
  readonly stopReason: string | undefined;
}

export function describeLoss(task: ThreadTask, cause: ThreadLossCause): ThreadTaskEnd {
  const { error, isGone, memoryBytesMax, stopReason } = cause;
  if (!isGone) {
    return {
      status: 'unknown',
      reason: 'Its thread was told to end and has not: it is inside a native call.',
    };
  }
  if (task.isKilled) return { status: 'killed' };
  if (stopReason !== undefined) return { status: 'lost', reason: stopReason, started: 'yes' };
  const code = (error as { code?: unknown } | undefined)?.code;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    const limit = memoryBytesMax === undefined ? '' : ` of ${Math.round(memoryBytesMax / 2 ** 20)} MiB`;
    const reason = `E_OUT_OF_MEMORY: while it ran the task, the thread exceeded its memory limit${limit}.`;
    return { status: 'lost', reason, started: 'yes' };
  }
  const why = error === undefined ? 'its session was closed' : error.message;
  return {
    status: 'lost',
    reason: `E_WORKER_EXITED: while it ran the task, the thread ended: ${why}.`,
    started: 'yes',
  };
}

/** A fault of Anant's that keeps a task from running, as its end; one of the task's own module is its error. */
export function refusalOf(thrown: unknown): ThreadEnd {
  if (!AnantError.is(thrown)) return { status: 'app-error', error: describeError(thrown) };
  const { code, message, advice } = thrown;
  return { status: 'refused', code, reason: message, ...(advice !== undefined && { advice }) };
}
