/** Full-jitter exponential backoff: uniform between 0 and a ceiling that doubles up to a bound. */
import type { Random } from '@anant/core';

export interface BackoffOptions {
  readonly baseMs: number;
  readonly capMs: number;
}

/** @param failures Consecutive failures so far, 1 or more. @returns Milliseconds to wait. */
export function fullJitterMs(failures: number, options: BackoffOptions, random: Random): number {
  return random() * Math.min(options.capMs, options.baseMs * 2 ** (failures - 1));
}
