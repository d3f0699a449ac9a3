/** How long a suspicion lasts before it is believed (Lifeguard, arXiv 1707.00788, section IV-B). */
import type { GossipTuning } from './tuning.js';
import type { MemberIndex } from './types.js';

/** Accusers counted for one suspicion; more say nothing new. */
const ACCUSERS_MAX = 16;

/** Clusters below a hundred wait as long as one of a hundred: a stalled process does not recover sooner among few. */
const SCALE_MIN = 2;

export interface Suspicion {
  readonly subject: MemberIndex;
  readonly incarnation: number;
  startMs: number;
  deadlineMs: number;
  /** The suspect was asked once more, and has until the deadline. */
  isAsked: boolean;
  /** Whoever accused, first come first. */
  readonly accusers: MemberIndex[];
}

/** Shortest and longest suspicion among `members`. */
export function suspicionBoundsMs(
  tuning: GossipTuning,
  members: number,
): { readonly shortestMs: number; readonly longestMs: number } {
  const scale = Math.max(SCALE_MIN, Math.log10(Math.max(1, members)));
  const shortestMs = tuning.suspicionFactor * scale * tuning.intervalMs;
  const spread = tuning.suspicion === 'confirmed' ? tuning.suspicionSpread : 1;
  return { shortestMs, longestMs: shortestMs * spread };
}

/** `max(shortest, longest - (longest - shortest) × log(C + 1) / log(K + 1))` with C confirmations of K wanted. */
export function suspicionMs(tuning: GossipTuning, members: number, accusers: number): number {
  const { shortestMs, longestMs } = suspicionBoundsMs(tuning, members);
  // Of two others, one is the subject: nobody is left to confirm.
  const wanted = Math.min(tuning.confirmations, Math.max(0, members - 2));
  if (wanted === 0) return shortestMs;
  const share = Math.log(Math.min(accusers - 1, wanted) + 1) / Math.log(wanted + 1);
  return Math.max(shortestMs, longestMs - (longestMs - shortestMs) * share);
}

/** Counts an accuser. @returns Whether it is a new one. */
export function addAccuser(suspicion: Suspicion, accuser: MemberIndex): boolean {
  if (suspicion.accusers.length >= ACCUSERS_MAX || suspicion.accusers.includes(accuser)) return false;
  suspicion.accusers.push(accuser);
  return true;
}
