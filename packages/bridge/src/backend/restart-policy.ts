/** When a bridge that ended is started again: soon, later, or not at all. Pure. */
import { backoffDelayMs, type Random } from '@anant/core';

/** Starts within one minute after which the backend stays down. */
export const STARTS_PER_MINUTE_MAX = 5;
const MINUTE_MS = 60_000;
const RESTART_BACKOFF = { backoffMs: 200, backoffMsMax: 10_000 } as const;

export type RestartDecision =
  | { readonly type: 'restart'; readonly delayMs: number }
  | { readonly type: 'stay-down'; readonly reason: string };

/** `ended`: the bridge ran and its session ended. `unreachable`: the engine could not be reached, this time. */
export type RestartCause = 'ended' | 'unreachable';

/** Keeps what `decideRestart` needs of the past. */
export const recentStarts = (startsMs: readonly number[], nowMs: number): number[] =>
  startsMs.filter((startMs) => nowMs - startMs < MINUTE_MS);

/**
 * A bridge that keeps ending stays down. An engine that cannot be reached is tried again for as long as the backend
 * is open, at most five times a minute.
 * @param startsMs When it was started so far, in monotonic milliseconds, oldest first.
 */
export function decideRestart(
  startsMs: readonly number[],
  cause: RestartCause,
  nowMs: number,
  random: Random,
): RestartDecision {
  const recent = recentStarts(startsMs, nowMs);
  if (recent.length < STARTS_PER_MINUTE_MAX) {
    return { type: 'restart', delayMs: backoffDelayMs(RESTART_BACKOFF, Math.max(1, recent.length), random) };
  }
  if (cause === 'ended') {
    return { type: 'stay-down', reason: `it was started ${recent.length} times within a minute` };
  }
  // One millisecond more than the difference, which is rounded.
  return { type: 'restart', delayMs: (recent[0] as number) + MINUTE_MS - nowMs + 1 };
}
