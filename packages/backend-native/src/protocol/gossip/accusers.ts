/** Who accuses how often, and how often in vain: an author beyond its rate, or refuted too often, is not heard. */
import { MEMBERS_MAX } from './directory.js';
import type { GossipTuning } from './tuning.js';
import type { MemberIndex } from './types.js';

interface Accuser {
  tokens: number;
  filledMs: number;
  refuted: number;
  /** Since it was refuted too often, until that is forgiven. */
  isMuted: boolean;
}

/** Protocol periods after which one refutation is forgiven. */
const FORGIVE_INTERVALS = 30;

export class Accusers {
  readonly #tuning: GossipTuning;
  readonly #accusers = new Map<MemberIndex, Accuser>();

  constructor(tuning: GossipTuning) {
    this.#tuning = tuning;
  }

  /** Whether a new accusation by this author is heard; takes it from the author's allowance. */
  isHeard(author: MemberIndex, nowMs: number): boolean {
    const accuser = this.#of(author, nowMs);
    if (accuser.isMuted || accuser.tokens < 1) return false;
    accuser.tokens -= 1;
    return true;
  }

  /** Whether this author was refuted too often lately. */
  isMuted(author: MemberIndex, nowMs: number): boolean {
    return this.#of(author, nowMs).isMuted;
  }

  /** The subject proved this author wrong. */
  refute(author: MemberIndex, nowMs: number): void {
    const accuser = this.#of(author, nowMs);
    accuser.refuted = Math.min(accuser.refuted + 1, this.#tuning.refutedMax);
    if (accuser.refuted >= this.#tuning.refutedMax) accuser.isMuted = true;
  }

  #of(author: MemberIndex, nowMs: number): Accuser {
    const { accusationBurst, accusationsPerInterval, intervalMs } = this.#tuning;
    let accuser = this.#accusers.get(author);
    if (accuser === undefined) {
      accuser = { tokens: accusationBurst, filledMs: nowMs, refuted: 0, isMuted: false };
      if (this.#accusers.size < MEMBERS_MAX) this.#accusers.set(author, accuser);
    }
    const intervals = (nowMs - accuser.filledMs) / intervalMs;
    accuser.tokens = Math.min(accusationBurst, accuser.tokens + intervals * accusationsPerInterval);
    accuser.refuted = Math.max(0, accuser.refuted - intervals / FORGIVE_INTERVALS);
    if (accuser.refuted < 1) accuser.isMuted = false;
    accuser.filledMs = nowMs;
    return accuser;
  }
}
