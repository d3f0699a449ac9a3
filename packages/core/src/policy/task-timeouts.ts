/** The four timeouts of a task as one deadline: the next moment at which one of them may have passed. */
import type { TimeoutKind } from '../contract/index.js';

/** In milliseconds; `Infinity` for none. */
export interface TaskTimeouts {
  readonly scheduleToStartMs: number;
  readonly startToCloseMs: number;
  readonly scheduleToCloseMs: number;
  readonly heartbeatMs: number;
}

/** Moments of one task; `NaN` for what has not happened. */
export interface TaskMoments {
  /** When it was free to run: submitted, its earliest start come, its dependencies done. */
  readonly scheduledMs: number;
  /** When its first attempt started. */
  readonly firstStartMs: number;
  /** When the attempt that now runs started. */
  readonly attemptStartMs: number;
  /** Its last sign of life. */
  readonly heartbeatMs: number;
}

export const NEVER = Number.NaN;

/** The earliest moment at which a timeout passes, unless something happens before. */
export function nextDeadlineMs(timeouts: TaskTimeouts, moments: TaskMoments): number {
  let dueMs = moments.scheduledMs + timeouts.scheduleToCloseMs;
  if (Number.isNaN(moments.firstStartMs)) {
    dueMs = Math.min(dueMs, moments.scheduledMs + timeouts.scheduleToStartMs);
  }
  if (!Number.isNaN(moments.attemptStartMs)) {
    dueMs = Math.min(
      dueMs,
      moments.attemptStartMs + timeouts.startToCloseMs,
      moments.heartbeatMs + timeouts.heartbeatMs,
    );
  }
  return dueMs;
}

/** The timeout that has passed at `nowMs`, the most final first; `undefined` when none has. */
export function passedTimeout(
  timeouts: TaskTimeouts,
  moments: TaskMoments,
  nowMs: number,
): TimeoutKind | undefined {
  if (nowMs >= moments.scheduledMs + timeouts.scheduleToCloseMs) return 'schedule-to-close';
  if (Number.isNaN(moments.firstStartMs) && nowMs >= moments.scheduledMs + timeouts.scheduleToStartMs)
    return 'schedule-to-start';
  if (Number.isNaN(moments.attemptStartMs)) return undefined;
  if (nowMs >= moments.attemptStartMs + timeouts.startToCloseMs) return 'start-to-close';
  if (nowMs >= moments.heartbeatMs + timeouts.heartbeatMs) return 'heartbeat';
  return undefined;
}
