import { NONE, clearU32, setU32, u32Address, u32At } from './array';
import { orderByDegree } from './degree-order';
import { findRoot, joinRoots } from './disjoint-sets';
import { distinctSets } from './distinct-sets';
import { requireIncidence } from './incidence';

/** Hyperedges per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_HYPEREDGES: u32 = 256;

/**
 * s-components of hyperedges: hyperedges with at least `s` different members, joined when they share at least `s`
 * vertices. `labels[e]` is the smallest hyperedge of e's component, NONE for a hyperedge with fewer members.
 * `sets[e]` is the smallest hyperedge with the same members as e, so that counting only e with `sets[e] == e` counts
 * distinct sets. Returns the number of components, which is the same over hyperedges as given and over distinct
 * sets. Needs `s` from 1.
 *
 * Two sets share s vertices only if they meet in the size - s + 1 rarest vertices of each: prefix filtering as in
 * Chaudhuri, Ganti and Kaushik, "A primitive operator for similarity joins in data cleaning" (ICDE 2006). Pairs that
 * are already connected are not compared. Definition after Aksoy et al., "Hypernetwork science via high-order
 * hypergraph walks" (EPJ Data Science 2020).
 */
export function sComponents(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  s: u32,
  labels: usize,
  labelsLength: u32,
  sets: usize,
  setsLength: u32,
  sizes: usize,
  hashes: usize,
  table: usize,
  stamps: usize,
  ranks: usize,
  starts: usize,
  fill: usize,
  blocks: usize,
  sorted: usize,
  posts: usize,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  if (s == 0) unreachable();
  const count = labelsLength;
  distinctSets(edgeOffsets, edgeMembers, count, sets, sizes, hashes, table, stamps);
  for (let hyperedge: u32 = 0; hyperedge < count; hyperedge++) {
    const chosen = u32At(sets, hyperedge) == hyperedge && u32At(sizes, hyperedge) >= s;
    setU32(labels, hyperedge, chosen ? hyperedge : NONE);
  }
  clearU32(stamps, vertexCount);
  clearU32(table, count + 2);
  orderByDegree(
    edgeOffsets, edgeMembers, count, vertexCount, labels, stamps, ranks, starts, fill, table, hashes, sorted, posts,
  );
  for (let from: u32 = 0; from < count; from += BLOCK_HYPEREDGES) {
    const to = min(from + BLOCK_HYPEREDGES, count);
    joinSets(edgeOffsets, from, to, s, labels, sizes, stamps, starts, fill, blocks, sorted, posts);
  }
  return flattenSets(count, labels, sets);
}

/**
 * Joins each hyperedge with the earlier ones that share at least `s` vertices, then posts its own prefix. The first
 * `blocks[r]` hyperedges posted for rank r are known to be of one component: one that overlaps stands for all.
 */
export function joinSets(
  edgeOffsets: usize,
  from: u32,
  to: u32,
  s: u32,
  labels: usize,
  sizes: usize,
  stamps: usize,
  starts: usize,
  fill: usize,
  blocks: usize,
  sorted: usize,
  posts: usize,
): void {
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    if (u32At(labels, hyperedge) == NONE) continue;
    const mark = hyperedge + 1;
    const begin = u32At(edgeOffsets, hyperedge);
    const size = u32At(sizes, hyperedge);
    for (let i: u32 = 0; i < size; i++) setU32(stamps, u32At(sorted, begin + i), mark);
    let root = hyperedge;
    const prefix = size - s + 1;
    for (let i: u32 = 0; i < prefix; i++) {
      const rank = u32At(sorted, begin + i);
      const list = u32Address(posts, u32At(starts, rank));
      const posted = u32At(fill, rank);
      let block = u32At(blocks, rank);
      let head = block > 0 ? findRoot(labels, u32At(list, 0)) : NONE;
      for (let at: u32 = 0; at < block && head != root; at++) {
        if (!overlaps(edgeOffsets, u32At(list, at), s, sizes, stamps, mark, sorted)) continue;
        root = joinRoots(labels, root, head);
        head = root;
      }
      for (let at = block; at < posted; at++) {
        const earlier = u32At(list, at);
        let other = findRoot(labels, earlier);
        if (other != root && overlaps(edgeOffsets, earlier, s, sizes, stamps, mark, sorted)) {
          const joined = joinRoots(labels, root, other);
          if (head == root || head == other) head = joined;
          root = joined;
          other = joined;
        }
        if (other == head) swapU32(list, at, block++);
      }
      setU32(list, posted, hyperedge);
      setU32(fill, rank, posted + 1);
      if (posted == 0 || head == root) swapU32(list, posted, block++);
      setU32(blocks, rank, block);
    }
  }
}

// @ts-ignore: decorator
@inline
function swapU32(list: usize, one: u32, other: u32): void {
  const value = u32At(list, one);
  setU32(list, one, u32At(list, other));
  setU32(list, other, value);
}

/** Whether at least `s` members of a hyperedge carry `mark`. */
function overlaps(
  edgeOffsets: usize,
  hyperedge: u32,
  s: u32,
  sizes: usize,
  stamps: usize,
  mark: u32,
  sorted: usize,
): bool {
  const begin = u32At(edgeOffsets, hyperedge);
  const size = u32At(sizes, hyperedge);
  let misses = size - s;
  let shared: u32 = 0;
  for (let i: u32 = 0; i < size; i++) {
    if (u32At(stamps, u32At(sorted, begin + i)) == mark) {
      if (++shared == s) return true;
    } else {
      if (misses == 0) return false;
      misses--;
    }
  }
  return false;
}

/** Points every set at its root and every repetition at its set. Returns the number of roots. */
function flattenSets(count: u32, labels: usize, sets: usize): u32 {
  let roots: u32 = 0;
  for (let hyperedge: u32 = 0; hyperedge < count; hyperedge++) {
    const set = u32At(sets, hyperedge);
    if (set != hyperedge) {
      setU32(labels, hyperedge, u32At(labels, set));
      continue;
    }
    const parent = u32At(labels, hyperedge);
    if (parent == NONE) continue;
    if (parent == hyperedge) roots++;
    else setU32(labels, hyperedge, u32At(labels, parent));
  }
  return roots;
}
