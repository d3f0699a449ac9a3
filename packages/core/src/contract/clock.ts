/** Time, injected. Production uses `systemClock`; tests use the virtual clock of `@anant/core/testing`. */
export interface Clock {
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** Wall-clock milliseconds since the epoch; for ETAs and display, never for ordering. */
  wallMs(): number;
  /** Runs `callback` once after `delayMs`; the returned function cancels it. Does not keep the process alive. */
  schedule(delayMs: number, callback: () => void): () => void;
}

/** Randomness, injected: uniform numbers in [0, 1). */
export type Random = () => number;

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
