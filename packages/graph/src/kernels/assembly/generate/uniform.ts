import { setU32, u32Address, u32At } from '../array';
import { hasMember } from '../has-member';
import { drawBelow, streamKey } from '../random';
import { sortU32 } from '../sort-u32';

/** Draws for one hyperedge until it must differ from all others: with half of all sets taken, 2^-512 is the risk. */
const ATTEMPTS_MAX: u32 = 512;
/** Hyperedges per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_HYPEREDGES: u32 = 1024;

/**
 * `hyperedgeCount` different sets of `size` vertices out of `vertexCount`, each such collection as likely as any other;
 * members rise. Erdős and Rényi's G(n, m) for hyperedges of one size. A set is drawn as in Floyd and Bentley, "A sample
 * of brilliance", CACM 30 (1987), and again while it is there already. Traps when more than half of all sets are wanted
 * and luck does not suffice.
 */
export function generateUniform(
  vertexCount: u32,
  size: u32,
  hyperedgeCount: u32,
  seed: u32,
  memberCount: u32,
  members: usize,
  membersLength: u32,
  table: usize,
): void {
  if (size == 0 || size > vertexCount) unreachable();
  if (<u64>hyperedgeCount * size != <u64>memberCount) unreachable();
  let capacity: u32 = 2;
  while (capacity < 2 * hyperedgeCount) capacity <<= 1;
  for (let from: u32 = 0; from < hyperedgeCount; from += BLOCK_HYPEREDGES) {
    drawSets(vertexCount, size, seed, members, table, capacity - 1, from, min(from + BLOCK_HYPEREDGES, hyperedgeCount));
  }
}

export function drawSets(
  vertexCount: u32,
  size: u32,
  seed: u32,
  members: usize,
  table: usize,
  tableMask: u32,
  from: u32,
  to: u32,
): void {
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    const key = streamKey(seed, hyperedge);
    const own = u32Address(members, hyperedge * size);
    let attempt: u32 = 0;
    do {
      if (attempt == ATTEMPTS_MAX) unreachable();
      drawSet(key, attempt * size, vertexCount, size, own);
      attempt++;
    } while (!isNew(own, size, members, table, tableMask, hyperedge));
  }
}

/** Floyd's sample, in rising order. */
function drawSet(key: u64, counter: u32, vertexCount: u32, size: u32, own: usize): void {
  for (let i: u32 = 0; i < size; i++) {
    const last = vertexCount - size + i;
    const drawn = drawBelow(key, <u64>counter + i, last + 1);
    setU32(own, i, hasMember(own, 0, i, drawn) ? last : drawn);
  }
  sortU32(own, size);
}

/** Puts a set into the table unless one with the same members is there. */
function isNew(own: usize, size: u32, members: usize, table: usize, tableMask: u32, hyperedge: u32): bool {
  let hash: u64 = 0xcbf2_9ce4_8422_2325;
  for (let i: u32 = 0; i < size; i++) {
    hash = (hash ^ u32At(own, i)) * 0x9e37_79b9_7f4a_7c15;
    hash ^= hash >> 32;
  }
  let slot = <u32>hash & tableMask;
  for (let stored = u32At(table, slot); stored != 0; stored = u32At(table, slot)) {
    if (memory.compare(u32Address(members, (stored - 1) * size), own, <usize>size << 2) == 0) return false;
    slot = (slot + 1) & tableMask;
  }
  setU32(table, slot, hyperedge + 1);
  return true;
}
