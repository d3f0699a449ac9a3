import { NONE, setU32, u32At } from './array';
import { findShared, joinShared } from './disjoint-sets';
import { endOf, memberAt } from './incidence';

/**
 * Components by sampling: once every vertex hangs below another one of its first hyperedge, and a few hyperedges have been
 * joined, most vertices are often in one set, and no more of theirs need be looked at. Sutton, Ben-Nun and Barak, "Optimizing
 * parallel graph connectivity computation via subgraph sampling" (Afforest), IPDPS 2018, on hyperedges: a hyperedge joins each
 * of its members with its first one.
 */

/** Incidences looked at to find the set that most are in. */
const SAMPLES: u32 = 256;
/** Least part of them, in quarters, from which on the others are looked for by vertices. */
const COMMON_QUARTERS: u32 = 3;
/** Of so many hyperedges one is in the sample. */
const SAMPLE_STEP: u32 = 64;

/**
 * Puts every vertex from `from` to `to` under another member of its first hyperedge, if that is smaller. Reads nothing that is
 * written meanwhile.
 */
export function hangRange(
  edgeOffsets: usize,
  hyperedgeCount: u32,
  edgeMembers: usize,
  nodeOffsets: usize,
  vertexCount: u32,
  nodeMembers: usize,
  incidenceCount: u32,
  parents: usize,
  from: u32,
  to: u32,
): void {
  let start = u32At(nodeOffsets, from);
  for (let vertex = from; vertex < to; vertex++) {
    const end = endOf(nodeOffsets, vertex, start, incidenceCount);
    let parent = vertex;
    if (start < end) {
      const hyperedge = memberAt(nodeMembers, start, hyperedgeCount);
      parent = min(vertex, partnerOf(edgeOffsets, edgeMembers, vertexCount, incidenceCount, hyperedge, vertex));
    }
    setU32(parents, vertex, parent);
    start = end;
  }
}

/** Joins the members of every `SAMPLE_STEP`th hyperedge from `first` to `last`. */
export function joinSample(
  edgeOffsets: usize,
  edgeMembers: usize,
  incidenceCount: u32,
  vertexCount: u32,
  parents: usize,
  first: u32,
  last: u32,
): void {
  for (let hyperedge = first; hyperedge < last; hyperedge += SAMPLE_STEP) {
    const start = u32At(edgeOffsets, hyperedge);
    const end = endOf(edgeOffsets, hyperedge, start, incidenceCount);
    if (start == end) continue;
    let root = findShared(parents, memberAt(edgeMembers, start, vertexCount));
    for (let i = start + 1; i < end; i++) {
      const other = findShared(parents, memberAt(edgeMembers, i, vertexCount));
      if (other != root) root = joinShared(parents, root, other);
    }
  }
}

/**
 * Joins all that is left: every hyperedge of the vertices that are not in the set of `common`. A hyperedge whose first member
 * is in that set joins nothing to it but those members that are not; one whose first member is not joins all, once.
 */
export function restRange(
  edgeOffsets: usize,
  hyperedgeCount: u32,
  edgeMembers: usize,
  nodeOffsets: usize,
  vertexCount: u32,
  nodeMembers: usize,
  incidenceCount: u32,
  parents: usize,
  common: u32,
  from: u32,
  to: u32,
): void {
  let commonRoot = findShared(parents, common);
  let start = u32At(nodeOffsets, from);
  for (let vertex = from; vertex < to; vertex++) {
    const end = endOf(nodeOffsets, vertex, start, incidenceCount);
    let root = findShared(parents, vertex);
    // The root of the common set may have come under another one meanwhile.
    if (root != commonRoot) commonRoot = findShared(parents, common);
    if (root != commonRoot) {
      for (let i = start; i < end; i++) {
        const hyperedge = memberAt(nodeMembers, i, hyperedgeCount);
        const first = u32At(edgeOffsets, hyperedge);
        const last = endOf(edgeOffsets, hyperedge, first, incidenceCount);
        if (first == last) unreachable();
        const head = memberAt(edgeMembers, first, vertexCount);
        root = joinShared(parents, root, findShared(parents, head));
        if (head != vertex) continue;
        for (let j = first + 1; j < last; j++) {
          const other = findShared(parents, memberAt(edgeMembers, j, vertexCount));
          if (other != root) root = joinShared(parents, root, other);
        }
      }
    }
    start = end;
  }
}

/** A vertex of the set that most incidences are in, `NONE` where no set has so many. */
export function commonVertex(
  edgeMembers: usize,
  incidenceCount: u32,
  vertexCount: u32,
  parents: usize,
): u32 {
  if (incidenceCount == 0) return NONE;
  let candidate = NONE;
  let votes: u32 = 0;
  for (let sample: u32 = 0; sample < SAMPLES; sample++) {
    const root = sampledRoot(edgeMembers, incidenceCount, vertexCount, parents, sample);
    if (votes == 0) candidate = root;
    votes = root == candidate ? votes + 1 : votes - 1;
  }
  let count: u32 = 0;
  for (let sample: u32 = 0; sample < SAMPLES; sample++) {
    count += <u32>(sampledRoot(edgeMembers, incidenceCount, vertexCount, parents, sample) == candidate);
  }
  return count * 4 >= SAMPLES * COMMON_QUARTERS ? candidate : NONE;
}

function sampledRoot(edgeMembers: usize, incidenceCount: u32, vertexCount: u32, parents: usize, sample: u32): u32 {
  const at = <u32>((<u64>incidenceCount * sample) / SAMPLES);
  return findShared(parents, memberAt(edgeMembers, at, vertexCount));
}

/** The first member of a hyperedge of `vertex`, or the last where that is `vertex` itself. */
// @ts-ignore: decorator
@inline
function partnerOf(
  edgeOffsets: usize,
  edgeMembers: usize,
  vertexCount: u32,
  incidenceCount: u32,
  hyperedge: u32,
  vertex: u32,
): u32 {
  const first = u32At(edgeOffsets, hyperedge);
  const last = endOf(edgeOffsets, hyperedge, first, incidenceCount);
  if (first == last) unreachable();
  const head = memberAt(edgeMembers, first, vertexCount);
  const tail = memberAt(edgeMembers, last - 1, vertexCount);
  return head == vertex ? tail : head;
}
