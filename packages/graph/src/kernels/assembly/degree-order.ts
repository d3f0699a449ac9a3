import { NONE, clearU32, setU32, u32At } from './array';

/**
 * Rewrites the chosen hyperedges (`labels[e] != NONE`) with members ordered by rising degree among them: the rarest
 * vertex first, ties by id. Linear: two counting sorts and two transposes.
 *
 * In: `stamps`, `fill`, `counts` and `starts` zero. Out: `sorted[edgeOffsets[e] ..]` holds the ranks of e's different
 * members ascending; vertices of rank r have room for their hyperedges at `starts[r] .. starts[r + 1]` of `posts`.
 */
export function orderByDegree(
  edgeOffsets: usize,
  edgeMembers: usize,
  hyperedgeCount: u32,
  vertexCount: u32,
  labels: usize,
  stamps: usize,
  ranks: usize,
  starts: usize,
  fill: usize,
  counts: usize,
  filled: usize,
  sorted: usize,
  posts: usize,
): void {
  countDegrees(edgeOffsets, edgeMembers, hyperedgeCount, labels, stamps, fill);
  rankByDegree(vertexCount, hyperedgeCount, fill, counts, ranks, starts);
  clearU32(fill, vertexCount);
  clearU32(stamps, vertexCount);
  postHyperedges(edgeOffsets, edgeMembers, hyperedgeCount, labels, stamps, ranks, starts, fill, posts);
  clearU32(filled, hyperedgeCount);
  for (let rank: u32 = 0; rank < vertexCount; rank++) {
    const end = u32At(starts, rank + 1);
    for (let i = u32At(starts, rank); i < end; i++) {
      const hyperedge = u32At(posts, i);
      const position = u32At(filled, hyperedge);
      setU32(filled, hyperedge, position + 1);
      setU32(sorted, u32At(edgeOffsets, hyperedge) + position, rank);
    }
  }
  clearU32(fill, vertexCount);
  clearU32(stamps, vertexCount);
}

function countDegrees(
  edgeOffsets: usize,
  edgeMembers: usize,
  hyperedgeCount: u32,
  labels: usize,
  stamps: usize,
  degrees: usize,
): void {
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    if (u32At(labels, hyperedge) == NONE) continue;
    const end = u32At(edgeOffsets, hyperedge + 1);
    for (let i = u32At(edgeOffsets, hyperedge); i < end; i++) {
      const member = u32At(edgeMembers, i);
      if (u32At(stamps, member) == hyperedge + 1) continue;
      setU32(stamps, member, hyperedge + 1);
      setU32(degrees, member, u32At(degrees, member) + 1);
    }
  }
}

/** Counting sort of vertices by degree, which is at most `hyperedgeCount`. Fills `ranks` and `starts`. */
function rankByDegree(
  vertexCount: u32,
  hyperedgeCount: u32,
  degrees: usize,
  counts: usize,
  ranks: usize,
  starts: usize,
): void {
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    const above = u32At(degrees, vertex) + 1;
    setU32(counts, above, u32At(counts, above) + 1);
  }
  for (let degree: u32 = 1; degree <= hyperedgeCount + 1; degree++) {
    setU32(counts, degree, u32At(counts, degree) + u32At(counts, degree - 1));
  }
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    const degree = u32At(degrees, vertex);
    const rank = u32At(counts, degree);
    setU32(counts, degree, rank + 1);
    setU32(ranks, vertex, rank);
    setU32(starts, rank + 1, degree);
  }
  for (let rank: u32 = 0; rank < vertexCount; rank++) {
    setU32(starts, rank + 1, u32At(starts, rank + 1) + u32At(starts, rank));
  }
}

/** Lists the chosen hyperedges of every vertex, by rank, ascending. */
function postHyperedges(
  edgeOffsets: usize,
  edgeMembers: usize,
  hyperedgeCount: u32,
  labels: usize,
  stamps: usize,
  ranks: usize,
  starts: usize,
  fill: usize,
  posts: usize,
): void {
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    if (u32At(labels, hyperedge) == NONE) continue;
    const end = u32At(edgeOffsets, hyperedge + 1);
    for (let i = u32At(edgeOffsets, hyperedge); i < end; i++) {
      const member = u32At(edgeMembers, i);
      if (u32At(stamps, member) == hyperedge + 1) continue;
      setU32(stamps, member, hyperedge + 1);
      const rank = u32At(ranks, member);
      const position = u32At(fill, rank);
      setU32(fill, rank, position + 1);
      setU32(posts, u32At(starts, rank) + position, hyperedge);
    }
  }
}
