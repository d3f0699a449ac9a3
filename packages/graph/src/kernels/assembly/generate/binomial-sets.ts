import { setU32, u32Address } from '../array';
import { lnOneMinus } from '../ln';
import { drawUnit, streamKey } from '../random';

/** Sets per call of the inner loops: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_SETS: u32 = 4096;

/**
 * Counts the hyperedges of G(n, p) with `size` members: each of the `setCount` sets of vertices is one with probability
 * `probability`. The gaps between those that are have a geometric distribution, so that only they are drawn: Batagelj
 * and Brandes, "Efficient generation of large random networks", Phys. Rev. E 71 (2005). Traps from 2^32 on.
 */
export function countBinomialSets(setCount: f64, probability: f64, seed: u32): u32 {
  let count: u32 = 0;
  let position: f64 = -1;
  const key = streamKey(seed, 0);
  while (true) {
    for (let i: u32 = 0; i < BLOCK_SETS; i++) {
      position = nextSet(key, count, position, probability);
      if (position >= setCount) return count;
      if (count == u32.MAX_VALUE) unreachable();
      count++;
    }
  }
}

/** The next set that is a hyperedge, by its number. */
export function nextSet(key: u64, counter: u32, position: f64, probability: f64): f64 {
  if (probability >= 1) return position + 1;
  return position + 1 + Math.floor(lnOneMinus(drawUnit(key, counter)) / lnOneMinus(probability));
}

/** The hyperedges that `countBinomialSets` counted, in the order of their largest members, then of the next; rising. */
export function generateBinomialSets(
  vertexCount: u32,
  size: u32,
  probability: f64,
  seed: u32,
  memberCount: u32,
  members: usize,
  membersLength: u32,
): void {
  if (size == 0 || size > vertexCount || memberCount % size != 0) unreachable();
  const count = memberCount / size;
  const key = streamKey(seed, 0);
  let position: f64 = -1;
  for (let hyperedge: u32 = 0; hyperedge < count; hyperedge++) {
    position = nextSet(key, hyperedge, position, probability);
    unrank(<u64>position, vertexCount, size, u32Address(members, hyperedge * size));
  }
}

/** The members of set number `rank` in the combinatorial number system (Knuth, TAOCP 4A, 7.2.1.3). */
export function unrank(rank: u64, vertexCount: u32, size: u32, own: usize): void {
  let left = rank;
  let high = vertexCount;
  for (let place = size; place > 0; place--) {
    // The largest c with C(c, place) <= left.
    let low = place - 1;
    while (high - low > 1) {
      const middle = low + ((high - low) >> 1);
      if (binomial(middle, place) <= left) low = middle;
      else high = middle;
    }
    setU32(own, place - 1, low);
    left -= binomial(low, place);
    high = low;
  }
}

function binomial(n: u32, k: u32): u64 {
  if (k > n) return 0;
  let value: u64 = 1;
  for (let i: u32 = 0; i < k; i++) value = (value * (n - i)) / (i + 1);
  return value;
}
