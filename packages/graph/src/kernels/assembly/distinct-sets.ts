import { setU32, u32Address, u32At } from './array';
import { mix } from './hash';

/** Hyperedges per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_HYPEREDGES: u32 = 4096;

/**
 * Distinct member sets: `sets[e]` is the smallest hyperedge with the same set of members as e, `sizes[e]` the number
 * of different members. Order and repetition of members do not matter. `table` has 4 slots per hyperedge and 4 more,
 * `stamps` one per vertex; both must be zero, `stamps` is left dirty.
 */
export function distinctSets(
  edgeOffsets: usize,
  edgeMembers: usize,
  hyperedgeCount: u32,
  sets: usize,
  sizes: usize,
  hashes: usize,
  table: usize,
  stamps: usize,
): void {
  const mask = (<u32>1 << (31 - clz<u32>(4 * (hyperedgeCount + 1)))) - 1;
  for (let from: u32 = 0; from < hyperedgeCount; from += BLOCK_HYPEREDGES) {
    const to = min(from + BLOCK_HYPEREDGES, hyperedgeCount);
    findSets(edgeOffsets, edgeMembers, from, to, sets, sizes, hashes, table, mask, stamps);
  }
}

export function findSets(
  edgeOffsets: usize,
  edgeMembers: usize,
  from: u32,
  to: u32,
  sets: usize,
  sizes: usize,
  hashes: usize,
  table: usize,
  mask: u32,
  stamps: usize,
): void {
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    const mark = hyperedge + 1;
    const end = u32Address(edgeMembers, u32At(edgeOffsets, hyperedge + 1));
    let size: u32 = 0;
    let sum: u32 = 0;
    for (let at = u32Address(edgeMembers, u32At(edgeOffsets, hyperedge)); at < end; at += 4) {
      const member = load<u32>(at);
      if (u32At(stamps, member) == mark) continue;
      setU32(stamps, member, mark);
      sum += mix(member);
      size++;
    }
    const hash = mix(sum ^ size);
    setU32(sizes, hyperedge, size);
    setU32(hashes, hyperedge, hash);
    let set = hyperedge;
    let slot = hash & mask;
    for (let entry = u32At(table, slot); entry != 0; entry = u32At(table, slot)) {
      const other = entry - 1;
      const alike = u32At(hashes, other) == hash && u32At(sizes, other) == size;
      if (alike && allStamped(edgeOffsets, edgeMembers, other, stamps, mark)) {
        set = other;
        break;
      }
      slot = (slot + 1) & mask;
    }
    setU32(sets, hyperedge, set);
    if (set == hyperedge) setU32(table, slot, mark);
  }
}

function allStamped(edgeOffsets: usize, edgeMembers: usize, hyperedge: u32, stamps: usize, mark: u32): bool {
  const end = u32At(edgeOffsets, hyperedge + 1);
  for (let i = u32At(edgeOffsets, hyperedge); i < end; i++) {
    if (u32At(stamps, u32At(edgeMembers, i)) != mark) return false;
  }
  return true;
}
