import { setU32, u32At } from '../array';
import { hasMember } from '../has-member';
import { drawBelow, streamKey } from '../random';

/** Tries to move a repeated member elsewhere before it is left where it is. */
const ATTEMPTS_MAX: u32 = 256;
/** Places per call of the inner loops: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK: u32 = 8192;
const SHUFFLE: u64 = 0;
const REPAIR: u64 = 1;

/**
 * Hyperedges of given sizes over vertices of given degrees, both kept exactly: the configuration model of bipartite
 * graphs. The stubs of the vertices are shuffled (Fisher and Yates) and dealt to the hyperedges. A member that a
 * hyperedge got twice changes places with a random one of another hyperedge where that makes no repetition; after 256
 * tries it stays. Fosdick, Larremore, Nishimura and Ugander, "Configuring random graph models with fixed degree
 * sequences", SIAM Rev. 60 (2018). Returns the number of repetitions that stayed.
 */
export function generateConfiguration(
  degrees: usize,
  degreesLength: u32,
  offsets: usize,
  offsetsLength: u32,
  seed: u32,
  memberCount: u32,
  members: usize,
  membersLength: u32,
): u32 {
  if (offsetsLength == 0 || u32At(offsets, 0) != 0 || u32At(offsets, offsetsLength - 1) != memberCount) unreachable();
  let at: u32 = 0;
  for (let vertex: u32 = 0; vertex < degreesLength; vertex++) {
    for (let left = u32At(degrees, vertex); left > 0; left--) {
      if (at == memberCount) unreachable();
      setU32(members, at++, vertex);
    }
  }
  if (at != memberCount) unreachable();
  for (let end = memberCount; end > 1; end -= min(BLOCK, end - 1)) {
    shuffle(members, streamKey(seed, SHUFFLE), end, end - min(BLOCK, end - 1));
  }
  let repeated: u32 = 0;
  const hyperedges = offsetsLength - 1;
  for (let from: u32 = 0; from < hyperedges; from += BLOCK) {
    repeated += repair(offsets, members, streamKey(seed, REPAIR), hyperedges, from, min(from + BLOCK, hyperedges));
  }
  return repeated;
}

/** Places from `high` - 1 down to `low` each change with one at or before them. */
export function shuffle(members: usize, key: u64, high: u32, low: u32): void {
  for (let i = high; i > low; i--) exchange(members, i - 1, drawBelow(key, i, i));
}

// @ts-ignore: decorator
@inline
function exchange(members: usize, a: u32, b: u32): void {
  const value = u32At(members, a);
  setU32(members, a, u32At(members, b));
  setU32(members, b, value);
}

export function repair(offsets: usize, members: usize, key: u64, hyperedges: u32, from: u32, to: u32): u32 {
  let repeated: u32 = 0;
  const count = u32At(offsets, hyperedges);
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    const start = u32At(offsets, hyperedge);
    const end = u32At(offsets, hyperedge + 1);
    if (end < start || end > count) unreachable();
    for (let at = start; at < end; at++) {
      if (hasMember(members, start, at, u32At(members, at)) && !move(offsets, members, key, hyperedges, at, start, end)) {
        repeated++;
      }
    }
  }
  return repeated;
}

/** Looks for a place to change with. Returns whether there was one. */
function move(offsets: usize, members: usize, key: u64, hyperedges: u32, at: u32, start: u32, end: u32): bool {
  const count = u32At(offsets, hyperedges);
  const value = u32At(members, at);
  for (let attempt: u64 = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const other = drawBelow(key, <u64>at * ATTEMPTS_MAX + attempt, count);
    if (other >= start && other < end) continue;
    const offered = u32At(members, other);
    if (hasMember(members, start, end, offered)) continue;
    const owner = ownerOf(offsets, hyperedges, other);
    if (hasMember(members, u32At(offsets, owner), u32At(offsets, owner + 1), value)) continue;
    exchange(members, at, other);
    return true;
  }
  return false;
}

/** The hyperedge that has place `at`. */
function ownerOf(offsets: usize, hyperedges: u32, at: u32): u32 {
  let low: u32 = 0;
  let high = hyperedges;
  while (high - low > 1) {
    const middle = low + ((high - low) >> 1);
    if (u32At(offsets, middle) <= at) low = middle;
    else high = middle;
  }
  return low;
}
