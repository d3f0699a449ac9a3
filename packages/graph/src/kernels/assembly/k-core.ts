import { NONE, clearU32, setU32, u32At } from './array';
import { degrees as listLengths } from './degrees';
import { endOf, memberAt, requireIncidence, requireLengths } from './incidence';

/** Vertices per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_VERTICES: u32 = 1024;

/**
 * Coreness of vertices and hyperedges over all (k, s)-hypercores of one `s` (from 1). The (k, s)-hypercore is the
 * largest sub-hypergraph whose vertices are in at least k of its hyperedges and whose hyperedges keep at least s
 * different members; a hyperedge loses the members that are removed, and is removed itself below s. `cores[v]` is the
 * largest k of a core with v; `edgeCores[e]` that of a core with e, NONE for a hyperedge that has fewer than s
 * members at the outset. Returns the largest coreness.
 *
 * Vertices are peeled by rising degree, kept in order by bins: Batagelj and Zaversnik, "An O(m) algorithm for cores
 * decomposition of networks" (2003). Linear in the incidences. Cores do not depend on the order of peeling.
 */
export function kCore(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  s: u32,
  cores: usize,
  coresLength: u32,
  edgeCores: usize,
  edgeCoresLength: u32,
  sizes: usize,
  bins: usize,
  order: usize,
  positions: usize,
  stamps: usize,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, coresLength);
  requireLengths(nodeOffsets, nodeOffsetsLength, nodeMembersLength);
  if (s == 0) unreachable();
  memory.fill(edgeCores, 0xff, <usize>edgeCoresLength << 2);
  listLengths(edgeOffsets, edgeOffsetsLength, sizes, edgeCoresLength);
  let isPlain = true;
  for (let from: u32 = 0; from < coresLength && isPlain; from += BLOCK_VERTICES) {
    const to = min(from + BLOCK_VERTICES, coresLength);
    isPlain = countPlainDegrees(nodeOffsets, nodeMembers, nodeMembersLength, from, to, edgeCoresLength, s, sizes, cores);
  }
  if (!isPlain) {
    requireIncidence(nodeOffsets, nodeOffsetsLength, nodeMembers, nodeMembersLength, edgeCoresLength);
    countSizes(edgeOffsets, edgeMembers, edgeCoresLength, stamps, sizes);
    clearU32(stamps, coresLength);
    countDegrees(nodeOffsets, nodeMembers, coresLength, edgeCoresLength, s, sizes, cores);
  }
  sortByDegree(coresLength, edgeCoresLength, cores, bins, order, positions);
  for (let from: u32 = 0; from < coresLength; from += BLOCK_VERTICES) {
    const to = min(from + BLOCK_VERTICES, coresLength);
    if (isPlain) {
      peelPlain(
        edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, from, to, s, cores, edgeCores, sizes, bins, order, positions,
      );
    } else {
      peelVertices(
        edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, from, to, s, cores, edgeCores, sizes, bins, order, positions,
        stamps,
      );
    }
  }
  return coresLength == 0 ? 0 : u32At(cores, u32At(order, coresLength - 1));
}

/**
 * Counts the hyperedges of each vertex that have `s` members, where no list repeats a hyperedge.
 * @returns Whether that is so; false at the first list that does not rise.
 */
export function countPlainDegrees(
  nodeOffsets: usize,
  nodeMembers: usize,
  nodeMembersLength: u32,
  from: u32,
  to: u32,
  hyperedgeCount: u32,
  s: u32,
  sizes: usize,
  degrees: usize,
): bool {
  let i = u32At(nodeOffsets, from);
  let isPlain: u32 = 1;
  for (let vertex = from; vertex < to; vertex++) {
    const end = endOf(nodeOffsets, vertex, i, nodeMembersLength);
    let degree: u32 = 0;
    let next: u32 = 0;
    for (; i < end; i++) {
      const hyperedge = memberAt(nodeMembers, i, hyperedgeCount);
      isPlain &= <u32>(hyperedge >= next);
      next = hyperedge + 1;
      degree += <u32>(u32At(sizes, hyperedge) >= s);
    }
    setU32(degrees, vertex, degree);
  }
  return isPlain != 0;
}

/** Counts the different members of each hyperedge. Leaves `stamps` dirty. */
function countSizes(edgeOffsets: usize, edgeMembers: usize, hyperedgeCount: u32, stamps: usize, sizes: usize): void {
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const end = u32At(edgeOffsets, hyperedge + 1);
    let size: u32 = 0;
    for (let i = u32At(edgeOffsets, hyperedge); i < end; i++) {
      const member = u32At(edgeMembers, i);
      if (u32At(stamps, member) == hyperedge + 1) continue;
      setU32(stamps, member, hyperedge + 1);
      size++;
    }
    setU32(sizes, hyperedge, size);
  }
}

/** Counts the different hyperedges of each vertex that have `s` members. Lists rise, so repetitions are neighbours. */
function countDegrees(
  nodeOffsets: usize,
  nodeMembers: usize,
  vertexCount: u32,
  hyperedgeCount: u32,
  s: u32,
  sizes: usize,
  degrees: usize,
): void {
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    const end = u32At(nodeOffsets, vertex + 1);
    let degree: u32 = 0;
    let last = NONE;
    for (let i = u32At(nodeOffsets, vertex); i < end; i++) {
      const hyperedge = u32At(nodeMembers, i);
      if (hyperedge != last && u32At(sizes, hyperedge) >= s) degree++;
      last = hyperedge;
    }
    // Lists that do not rise could count more than there are bins.
    if (degree > hyperedgeCount) unreachable();
    setU32(degrees, vertex, degree);
  }
}

/** Counting sort: `order` has vertices by rising degree, `positions` inverts it, `bins[d]` is where degree d begins. */
function sortByDegree(
  vertexCount: u32,
  hyperedgeCount: u32,
  degrees: usize,
  bins: usize,
  order: usize,
  positions: usize,
): void {
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    const above = u32At(degrees, vertex) + 1;
    setU32(bins, above, u32At(bins, above) + 1);
  }
  for (let degree: u32 = 1; degree <= hyperedgeCount + 1; degree++) {
    setU32(bins, degree, u32At(bins, degree) + u32At(bins, degree - 1));
  }
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    const degree = u32At(degrees, vertex);
    const position = u32At(bins, degree);
    setU32(bins, degree, position + 1);
    setU32(order, position, vertex);
    setU32(positions, vertex, position);
  }
  for (let degree = hyperedgeCount + 1; degree > 0; degree--) setU32(bins, degree, u32At(bins, degree - 1));
  setU32(bins, 0, 0);
}

/** Removes the vertices at `from` to `to` of the order. What is left of a degree when its turn comes is the coreness. */
export function peelVertices(
  edgeOffsets: usize,
  edgeMembers: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
  from: u32,
  to: u32,
  s: u32,
  cores: usize,
  edgeCores: usize,
  sizes: usize,
  bins: usize,
  order: usize,
  positions: usize,
  stamps: usize,
): void {
  for (let turn = from; turn < to; turn++) {
    const vertex = u32At(order, turn);
    const level = u32At(cores, vertex);
    const end = u32At(nodeOffsets, vertex + 1);
    let last = NONE;
    for (let i = u32At(nodeOffsets, vertex); i < end; i++) {
      const hyperedge = u32At(nodeMembers, i);
      const size = u32At(sizes, hyperedge);
      const isGone = hyperedge == last || size < s;
      last = hyperedge;
      if (isGone) continue;
      setU32(sizes, hyperedge, size - 1);
      if (size > s) continue;
      setU32(edgeCores, hyperedge, level);
      removeHyperedge(edgeOffsets, edgeMembers, hyperedge, level, cores, bins, order, positions, stamps);
    }
  }
}

/** `peelVertices` where no hyperedge repeats a member. */
export function peelPlain(
  edgeOffsets: usize,
  edgeMembers: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
  from: u32,
  to: u32,
  s: u32,
  cores: usize,
  edgeCores: usize,
  sizes: usize,
  bins: usize,
  order: usize,
  positions: usize,
): void {
  for (let turn = from; turn < to; turn++) {
    const vertex = u32At(order, turn);
    const level = u32At(cores, vertex);
    const end = u32At(nodeOffsets, vertex + 1);
    for (let i = u32At(nodeOffsets, vertex); i < end; i++) {
      const hyperedge = u32At(nodeMembers, i);
      const size = u32At(sizes, hyperedge);
      if (size < s) continue;
      setU32(sizes, hyperedge, size - 1);
      if (size > s) continue;
      setU32(edgeCores, hyperedge, level);
      const stop = u32At(edgeOffsets, hyperedge + 1);
      for (let j = u32At(edgeOffsets, hyperedge); j < stop; j++) {
        const member = u32At(edgeMembers, j);
        const degree = u32At(cores, member);
        if (degree > level) lowerDegree(member, degree, cores, bins, order, positions);
      }
    }
  }
}

/** Takes one from the degree of each member above `level`; the others are removed or have their coreness already. */
// @ts-ignore: decorator
@inline
function removeHyperedge(
  edgeOffsets: usize,
  edgeMembers: usize,
  hyperedge: u32,
  level: u32,
  degrees: usize,
  bins: usize,
  order: usize,
  positions: usize,
  stamps: usize,
): void {
  const mark = hyperedge + 1;
  const end = u32At(edgeOffsets, hyperedge + 1);
  for (let i = u32At(edgeOffsets, hyperedge); i < end; i++) {
    const member = u32At(edgeMembers, i);
    const degree = u32At(degrees, member);
    if (degree <= level || u32At(stamps, member) == mark) continue;
    setU32(stamps, member, mark);
    lowerDegree(member, degree, degrees, bins, order, positions);
  }
}

/** Takes one from a degree: swaps the vertex with the first of its bin, which then begins one later. */
// @ts-ignore: decorator
@inline
function lowerDegree(member: u32, degree: u32, degrees: usize, bins: usize, order: usize, positions: usize): void {
  const position = u32At(positions, member);
  const first = u32At(bins, degree);
  const other = u32At(order, first);
  setU32(order, position, other);
  setU32(positions, other, position);
  setU32(order, first, member);
  setU32(positions, member, first);
  setU32(bins, degree, first + 1);
  setU32(degrees, member, degree - 1);
}
