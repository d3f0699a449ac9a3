/** Counters and a histogram of waiting times, as plain data. */

/** Upper bounds of the buckets, in milliseconds; the last bucket has no bound. */
export const WAIT_BOUNDS_MS: readonly number[] = [
  0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000,
];

export class SchedulerMetrics {
  submitted = 0;
  repeated = 0;
  refused = 0;
  assigned = 0;
  reassigned = 0;
  started = 0;
  /** However it ended, and whoever said so: every attempt once. */
  ended = 0;
  committed = 0;
  superseded = 0;
  cancelled = 0;
  lost = 0;
  stolen = 0;
  quarantined = 0;
  workersLost = 0;
  /** Tasks by how long they waited for their first assignment; one more bucket than bounds. */
  readonly waits: number[] = new Array<number>(WAIT_BOUNDS_MS.length + 1).fill(0);
  waitSumMs = 0;

  waited(durationMs: number): void {
    let bucket = 0;
    while (bucket < WAIT_BOUNDS_MS.length && durationMs > WAIT_BOUNDS_MS[bucket]!) bucket += 1;
    this.waits[bucket]! += 1;
    this.waitSumMs += durationMs;
  }
}
