import { setU32, u32At } from './array';

/**
 * Peeling the vertices of a level. The record of a hyperedge is one u64: above, how many members it keeps, 0 when it is
 * removed; below, the exclusive or of these members, and once it is removed the level at which it was.
 */
const ONE_MEMBER: u64 = 0x1_0000_0000;

/**
 * Removes the vertices in `queue`, and those that thereby fall to `level`, where a hyperedge counts while it keeps two
 * members and none is repeated: the one that is left over is known from the record. Vertices that fall below `stop` are
 * added to `window`. Returns how many were.
 */
export function removeVertices(
  nodeOffsets: usize,
  nodeMembers: usize,
  vertexCount: u32,
  level: u32,
  stop: u32,
  degrees: usize,
  records: usize,
  queue: usize,
  count: u32,
  window: usize,
  windowed: u32,
): u32 {
  let queued = count;
  let end = windowed;
  for (let turn: u32 = 0; turn < queued; turn++) {
    const vertex = u32At(queue, turn);
    let at = nodeMembers + (<usize>u32At(nodeOffsets, vertex) << 2);
    const last = nodeMembers + (<usize>u32At(nodeOffsets, vertex + 1) << 2);
    for (; at < last; at += 4) {
      const record = records + (<usize>load<u32>(at) << 3);
      const before = load<u64>(record);
      if (before < ONE_MEMBER) continue;
      const after = (before - ONE_MEMBER) ^ <u64>vertex;
      store<u64>(record, after);
      if (after >= 2 * ONE_MEMBER) continue;
      store<u64>(record, <u64>level);
      const other = <u32>after;
      if (other >= vertexCount) unreachable();
      const degree = u32At(degrees, other);
      if (degree <= level) continue;
      setU32(degrees, other, degree - 1);
      if (degree == level + 1) setU32(queue, queued++, other);
      else if (degree == stop) setU32(window, end++, other);
    }
  }
  return end - windowed;
}

/**
 * `removeVertices` for hyperedges that count while they keep `s` members, and may repeat some. `stamps` of vertices hold
 * the hyperedge that was last removed from them, plus one.
 */
export function removeMembers(
  edgeOffsets: usize,
  edgeMembers: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
  s: u32,
  level: u32,
  stop: u32,
  degrees: usize,
  records: usize,
  queue: usize,
  count: u32,
  window: usize,
  windowed: u32,
  stamps: usize,
): u32 {
  let queued = count;
  let end = windowed;
  for (let turn: u32 = 0; turn < queued; turn++) {
    const vertex = u32At(queue, turn);
    const start = u32At(nodeOffsets, vertex);
    const finish = u32At(nodeOffsets, vertex + 1);
    let hyperedge: u32 = 0;
    for (let i = start; i < finish; i++) {
      // Lists rise, so repetitions are neighbours.
      const isRepeated = i > start && u32At(nodeMembers, i) == hyperedge;
      hyperedge = u32At(nodeMembers, i);
      const record = records + (<usize>hyperedge << 3);
      const before = load<u64>(record);
      if (isRepeated || before < ONE_MEMBER) continue;
      if (before >= (<u64>s + 1) * ONE_MEMBER) {
        store<u64>(record, before - ONE_MEMBER);
        continue;
      }
      store<u64>(record, <u64>level);
      const last = u32At(edgeOffsets, hyperedge + 1);
      for (let j = u32At(edgeOffsets, hyperedge); j < last; j++) {
        const member = u32At(edgeMembers, j);
        const degree = u32At(degrees, member);
        if (degree <= level || u32At(stamps, member) == hyperedge + 1) continue;
        setU32(stamps, member, hyperedge + 1);
        setU32(degrees, member, degree - 1);
        if (degree == level + 1) setU32(queue, queued++, member);
        else if (degree == stop) setU32(window, end++, member);
      }
    }
  }
  return end - windowed;
}
