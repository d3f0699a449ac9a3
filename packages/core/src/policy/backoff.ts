/** Exponential backoff with full jitter: the pause is uniform between nothing and the doubled ceiling. */
import type { Random } from '../contract/index.js';

export interface Backoff {
  /** Ceiling before the first retry. */
  readonly backoffMs: number;
  /** Ceiling of every pause. */
  readonly backoffMsMax: number;
}

/** Doublings after which the ceiling is beyond any limit a user can set. */
const DOUBLINGS_MAX = 52;

/** @param attempt The attempt that failed, from 1. @returns milliseconds, in [0, ceiling). */
export function backoffDelayMs(backoff: Backoff, attempt: number, random: Random): number {
  const ceilingMs = backoff.backoffMs * 2 ** Math.min(attempt - 1, DOUBLINGS_MAX);
  return random() * Math.min(ceilingMs, backoff.backoffMsMax);
}
