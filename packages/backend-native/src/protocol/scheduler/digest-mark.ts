/**
 * 64 bits that stand for a digest: two tasks of one id are taken to be the same when these are. Two digests that differ give
 * the same mark by chance once in 2^64.
 */
export interface DigestMark {
  readonly high: number;
  readonly low: number;
}

/** FNV-1a's prime, and the offsets of two independent runs. */
const PRIME = 0x01000193;
const OFFSETS = { high: 0x811c9dc5 | 0, low: 0x4f3b2a17 | 0 } as const;
/** What a mark begins with where a digest is expected: in a snapshot. */
const PREFIX = '#';
const MARK_TEXT = /^#[0-9a-f]{16}$/;

/** @param digest or the text of a mark, which stays what it is */
export function digestMark(digest: string): DigestMark {
  if (MARK_TEXT.test(digest)) {
    const high = Number.parseInt(digest.slice(1, 9), 16) | 0;
    return { high, low: Number.parseInt(digest.slice(9), 16) | 0 };
  }
  let { high, low }: { high: number; low: number } = OFFSETS;
  for (let at = 0; at < digest.length; at += 1) {
    const code = digest.charCodeAt(at);
    high = Math.imul(high ^ code, PRIME);
    // Turned by some bits, so that the two differ in more than where they began.
    low = Math.imul((low << 5) ^ (low >>> 27) ^ code, PRIME);
  }
  return { high: mix(high), low: mix(low ^ digest.length) };
}

export const markText = (high: number, low: number): string => `${PREFIX}${hex(high)}${hex(low)}`;

const hex = (bits: number): string => (bits >>> 0).toString(16).padStart(8, '0');

/** Finalizer of MurmurHash3 (A. Appleby): every bit of what goes in moves every bit of what comes out. */
function mix(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
