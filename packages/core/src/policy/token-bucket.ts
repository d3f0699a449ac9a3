/** A rate limit: tokens drip in, each start takes one. Over any span of `t` seconds at most `burst + perSecond × t` go. */
export interface TokenBucketOptions {
  readonly perSecond: number;
  readonly burst: number;
}

/** Rounding of fractional milliseconds must not leave a bucket a hair short of its token for ever. */
const ROUNDING = 1e-9;

export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #tokens: number;
  #filledMs: number;

  constructor(options: TokenBucketOptions, nowMs: number) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#filledMs = nowMs;
  }

  /** Takes a token. @returns `false` when there is none. */
  take(nowMs: number): boolean {
    this.#fill(nowMs);
    if (this.#tokens < 1 - ROUNDING) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Milliseconds until `take` can succeed; 0 when it can now. */
  waitMs(nowMs: number): number {
    this.#fill(nowMs);
    return Math.max(0, ((1 - this.#tokens) / this.#options.perSecond) * 1000);
  }

  #fill(nowMs: number): void {
    const { perSecond, burst } = this.#options;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#filledMs) / 1000) * perSecond);
    this.#filledMs = nowMs;
  }
}
