import { NONE, f64At, setF64, setU32, u32At } from './array';
import { requireIncidence } from './incidence';

/** Vertices per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_VERTICES: u32 = 64;

/**
 * Closed triples: three different vertices that some hyperedge holds together. `closed[v]` is how many have v; returns
 * their number. Benson, Abebe, Schaub, Jadbabaie and Kleinberg, "Simplicial closure and higher-order link prediction",
 * PNAS 115 (2018). Every triple is counted once however many hyperedges hold it: found from its first vertex u, by the
 * second v, in the hyperedges that have both. The time grows with the sum of the cubed sizes.
 */
export function closedTriples(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  closed: usize,
  closedLength: u32,
  seen: usize,
  heads: usize,
  marks: usize,
  next: usize,
  owners: usize,
  seconds: usize,
  pairs: usize,
): f64 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, closedLength);
  requireIncidence(nodeOffsets, nodeOffsetsLength, nodeMembers, nodeMembersLength, edgeOffsetsLength - 1);
  if (nodeOffsetsLength - 1 != closedLength) unreachable();
  let total: f64 = 0;
  for (let from: u32 = 0; from < closedLength; from += BLOCK_VERTICES) {
    total += triplesFrom(
      edgeOffsets, edgeMembers, edgeMembersLength, nodeOffsets, nodeMembers, from,
      min(from + BLOCK_VERTICES, closedLength), closed, seen, heads, marks, next, owners,
      seconds, pairs,
    );
  }
  return total;
}

export function triplesFrom(
  edgeOffsets: usize,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeMembers: usize,
  from: u32,
  to: u32,
  closed: usize,
  seen: usize,
  heads: usize,
  marks: usize,
  next: usize,
  owners: usize,
  seconds: usize,
  pairs: usize,
): f64 {
  let pair = u32At(pairs, 0) + 1;
  let total: f64 = 0;
  for (let first = from; first < to; first++) {
    // Lists by second vertex of the hyperedges that have both, chained in `next`; `marks` says whose lists they are.
    let entries: u32 = 0;
    let last = NONE;
    const end = u32At(nodeOffsets, first + 1);
    for (let i = u32At(nodeOffsets, first); i < end; i++) {
      const hyperedge = u32At(nodeMembers, i);
      if (hyperedge == last) continue;
      last = hyperedge;
      const stop = u32At(edgeOffsets, hyperedge + 1);
      for (let j = u32At(edgeOffsets, hyperedge); j < stop; j++) {
        const second = u32At(edgeMembers, j);
        if (second <= first) continue;
        if (entries == edgeMembersLength) unreachable();
        const isListed = u32At(marks, second) == first + 1;
        setU32(next, entries, isListed ? u32At(heads, second) : NONE);
        setU32(owners, entries, hyperedge);
        setU32(seconds, entries, second);
        setU32(heads, second, entries++);
        setU32(marks, second, first + 1);
      }
    }
    let own: f64 = 0;
    for (let entry: u32 = 0; entry < entries; entry++) {
      // The entry that ends a chain was its first.
      if (u32At(next, entry) != NONE) continue;
      const second = u32At(seconds, entry);
      let found: u32 = 0;
      for (let at = u32At(heads, second); at != NONE; at = u32At(next, at)) {
        const hyperedge = u32At(owners, at);
        const stop = u32At(edgeOffsets, hyperedge + 1);
        for (let j = u32At(edgeOffsets, hyperedge); j < stop; j++) {
          const third = u32At(edgeMembers, j);
          if (third <= second || u32At(seen, third) == pair) continue;
          setU32(seen, third, pair);
          setF64(closed, third, f64At(closed, third) + 1);
          found++;
        }
      }
      pair++;
      if (pair == 0) unreachable();
      setF64(closed, second, f64At(closed, second) + <f64>found);
      own += <f64>found;
    }
    setF64(closed, first, f64At(closed, first) + own);
    total += own;
  }
  setU32(pairs, 0, pair - 1);
  return total;
}
