import { f64At, setF64, setU32, u32At } from './array';
import { requireIncidence } from './incidence';

/** Hyperedges or vertices per call of the inner loops: small enough that V8 can switch to optimised code meanwhile. */
const BLOCK: u32 = 32;

/**
 * Triples of vertices that some hyperedge holds for the first time, by the pairs they had made before. Hyperedges are
 * different sets in the order of time, each listing a vertex once; the first `before` of them make the pairs, which come as
 * rows, rising, with the number of hyperedges of each pair. A pair is strong from two hyperedges on.
 *
 * `triangles[t]` counts triples with three pairs of which t are strong, `closedBefore[t]` those of them that one of the
 * first hyperedges holds. `closedAfter` counts triples that a later one holds first: at t with three pairs, at 4 + t with
 * two, at 7 with fewer. Benson, Abebe, Schaub, Jadbabaie and Kleinberg, PNAS 115 (2018).
 */
export function simplicialClosure(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  pairOffsets: usize,
  pairOffsetsLength: u32,
  pairs: usize,
  pairsLength: u32,
  pairCounts: usize,
  pairCountsLength: u32,
  before: u32,
  triangles: usize,
  trianglesLength: u32,
  closedBefore: usize,
  closedBeforeLength: u32,
  closedAfter: usize,
  closedAfterLength: u32,
  stamps: usize,
  members: usize,
  covered: usize,
  ties: usize,
): void {
  const hyperedges = edgeOffsetsLength - 1;
  const vertices = nodeOffsetsLength - 1;
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertices);
  requireIncidence(nodeOffsets, nodeOffsetsLength, nodeMembers, nodeMembersLength, hyperedges);
  requireIncidence(pairOffsets, pairOffsetsLength, pairs, pairsLength, vertices);
  if (pairOffsetsLength != nodeOffsetsLength || pairCountsLength != pairsLength || before > hyperedges) unreachable();
  for (let from: u32 = 0; from < vertices; from += BLOCK) {
    tiedTriangles(from, min(from + BLOCK, vertices), pairOffsets, pairs, pairCounts, triangles, covered, ties);
  }
  for (let vertex: u32 = 0; vertex < vertices; vertex++) setU32(covered, vertex, 0);
  let token: u32 = 0;
  for (let from: u32 = 0; from < hyperedges; from += BLOCK) {
    token = firstTriples(
      from, min(from + BLOCK, hyperedges), token, edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, pairOffsets, pairs,
      pairCounts, before, closedBefore, closedAfter, stamps, members, covered,
    );
  }
}

/** Triangles of the pairs, from their first corner, by the number of strong pairs. */
export function tiedTriangles(
  from: u32,
  to: u32,
  pairOffsets: usize,
  pairs: usize,
  pairCounts: usize,
  triangles: usize,
  marks: usize,
  ties: usize,
): void {
  for (let one = from; one < to; one++) {
    const end = u32At(pairOffsets, one + 1);
    for (let i = u32At(pairOffsets, one); i < end; i++) {
      const two = u32At(pairs, i);
      setU32(marks, two, one + 1);
      setU32(ties, two, <u32>(f64At(pairCounts, i) > 1));
    }
    for (let i = u32At(pairOffsets, one); i < end; i++) {
      const two = u32At(pairs, i);
      if (two <= one) continue;
      const tie = u32At(ties, two);
      const stop = u32At(pairOffsets, two + 1);
      for (let j = u32At(pairOffsets, two); j < stop; j++) {
        const three = u32At(pairs, j);
        if (three <= two || u32At(marks, three) != one + 1) continue;
        const strong = tie + u32At(ties, three) + <u32>(f64At(pairCounts, j) > 1);
        setF64(triangles, strong, f64At(triangles, strong) + 1);
      }
    }
  }
}

/** Triples that hyperedges from `from` to `to` hold and no earlier one does. Returns the last token that was used. */
export function firstTriples(
  from: u32,
  to: u32,
  lastToken: u32,
  edgeOffsets: usize,
  edgeMembers: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
  pairOffsets: usize,
  pairs: usize,
  pairCounts: usize,
  before: u32,
  closedBefore: usize,
  closedAfter: usize,
  stamps: usize,
  members: usize,
  covered: usize,
): u32 {
  let token = lastToken;
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    const begin = u32At(edgeOffsets, hyperedge);
    const end = u32At(edgeOffsets, hyperedge + 1);
    for (let i = begin; i < end; i++) setU32(members, u32At(edgeMembers, i), hyperedge + 1);
    for (let i = begin; i < end; i++) {
      const one = u32At(edgeMembers, i);
      const own = ++token;
      const last = u32At(nodeOffsets, one + 1);
      for (let k = u32At(nodeOffsets, one); k < last; k++) setU32(stamps, u32At(nodeMembers, k), own);
      for (let j = i + 1; j < end; j++) {
        const two = u32At(edgeMembers, j);
        const pair = ++token;
        cover(two, own, pair, hyperedge, edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, stamps, members, covered);
        const tie = tieOf(one, two, pairOffsets, pairs, pairCounts);
        for (let k = j + 1; k < end; k++) {
          const three = u32At(edgeMembers, k);
          if (u32At(covered, three) == pair) continue;
          const other = tieOf(one, three, pairOffsets, pairs, pairCounts);
          const third = tieOf(two, three, pairOffsets, pairs, pairCounts);
          const made = <u32>(tie > 0) + <u32>(other > 0) + <u32>(third > 0);
          const strong = <u32>(tie > 1) + <u32>(other > 1) + <u32>(third > 1);
          const place: u32 = made == 3 ? strong : made == 2 ? 4 + strong : 7;
          const counts = hyperedge < before ? closedBefore : closedAfter;
          setF64(counts, place, f64At(counts, place) + 1);
        }
      }
    }
  }
  return token;
}

/** Marks the members of this hyperedge that an earlier one holds together with both vertices of the pair. */
// @ts-ignore: decorator
@inline
function cover(
  two: u32,
  own: u32,
  pair: u32,
  hyperedge: u32,
  edgeOffsets: usize,
  edgeMembers: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
  stamps: usize,
  members: usize,
  covered: usize,
): void {
  const last = u32At(nodeOffsets, two + 1);
  for (let k = u32At(nodeOffsets, two); k < last; k++) {
    const earlier = u32At(nodeMembers, k);
    if (earlier >= hyperedge) return;
    if (u32At(stamps, earlier) != own) continue;
    const end = u32At(edgeOffsets, earlier + 1);
    for (let i = u32At(edgeOffsets, earlier); i < end; i++) {
      const member = u32At(edgeMembers, i);
      if (u32At(members, member) == hyperedge + 1) setU32(covered, member, pair);
    }
  }
}

/** 0 for no pair, 1 for a weak one, 2 for a strong one. */
function tieOf(one: u32, two: u32, pairOffsets: usize, pairs: usize, pairCounts: usize): u32 {
  let low = u32At(pairOffsets, one);
  const end = u32At(pairOffsets, one + 1);
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (u32At(pairs, middle) < two) low = middle + 1;
    else high = middle;
  }
  if (low == end || u32At(pairs, low) != two) return 0;
  return f64At(pairCounts, low) > 1 ? 2 : 1;
}
