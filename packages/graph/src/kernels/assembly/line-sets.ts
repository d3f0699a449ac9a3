import { clearU32, setU32, u32At } from './array';
import { distinctSets } from './distinct-sets';

/**
 * The vertices of an s-line graph, its *nodes*: hyperedges with at least `s` different members, in rising order. With
 * `merges` only the first hyperedge of each member set is one. Fills `sets` as `distinctSets` does (itself for each
 * hyperedge without `merges`), `sizes` and `nodes`. Returns the number of nodes. `stamps` must be zero and is left
 * zero, `table` must be zero.
 */
export function chooseNodes(
  edgeOffsets: usize,
  edgeMembers: usize,
  hyperedgeCount: u32,
  vertexCount: u32,
  s: u32,
  merges: u32,
  sets: usize,
  sizes: usize,
  hashes: usize,
  table: usize,
  stamps: usize,
  nodes: usize,
): u32 {
  distinctSets(edgeOffsets, edgeMembers, hyperedgeCount, sets, sizes, hashes, table, stamps);
  clearU32(stamps, vertexCount);
  let count: u32 = 0;
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    if (merges == 0) setU32(sets, hyperedge, hyperedge);
    if (u32At(sets, hyperedge) != hyperedge || u32At(sizes, hyperedge) < s) continue;
    setU32(nodes, count++, hyperedge);
  }
  return count;
}

/** The hyperedges that stand for themselves and have `s` different members. Leaves `stamps` zero. */
export function listNodes(
  edgeOffsets: usize,
  edgeMembers: usize,
  hyperedgeCount: u32,
  vertexCount: u32,
  s: u32,
  sets: usize,
  stamps: usize,
  nodes: usize,
  nodeCount: u32,
): void {
  let count: u32 = 0;
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    if (u32At(sets, hyperedge) != hyperedge) continue;
    const end = u32At(edgeOffsets, hyperedge + 1);
    let size: u32 = 0;
    for (let i = u32At(edgeOffsets, hyperedge); i < end; i++) {
      const member = u32At(edgeMembers, i);
      if (u32At(stamps, member) == hyperedge + 1) continue;
      setU32(stamps, member, hyperedge + 1);
      size++;
    }
    if (size < s) continue;
    if (count == nodeCount) unreachable();
    setU32(nodes, count++, hyperedge);
  }
  if (count != nodeCount) unreachable();
  clearU32(stamps, vertexCount);
}

/**
 * The incidence of nodes and vertices, both ways and without repeated members: `members[starts[n] ..]` are those of
 * node n, `posts[postStarts[v] ..]` the nodes of vertex v, rising. `cursors` starts as a copy of `postStarts`.
 * `stamps` must be zero and is left zero.
 */
export function indexNodes(
  edgeOffsets: usize,
  edgeMembers: usize,
  vertexCount: u32,
  nodes: usize,
  nodeCount: u32,
  starts: usize,
  members: usize,
  postStarts: usize,
  posts: usize,
  cursors: usize,
  stamps: usize,
): void {
  clearU32(cursors, vertexCount);
  let total: u32 = 0;
  for (let node: u32 = 0; node < nodeCount; node++) {
    setU32(starts, node, total);
    const hyperedge = u32At(nodes, node);
    const end = u32At(edgeOffsets, hyperedge + 1);
    for (let i = u32At(edgeOffsets, hyperedge); i < end; i++) {
      const member = u32At(edgeMembers, i);
      if (u32At(stamps, member) == node + 1) continue;
      setU32(stamps, member, node + 1);
      setU32(cursors, member, u32At(cursors, member) + 1);
      setU32(members, total++, member);
    }
  }
  setU32(starts, nodeCount, total);
  startLists(vertexCount, postStarts, cursors);
  for (let node: u32 = 0; node < nodeCount; node++) {
    const end = u32At(starts, node + 1);
    for (let i = u32At(starts, node); i < end; i++) {
      const member = u32At(members, i);
      const at = u32At(cursors, member);
      setU32(posts, at, node);
      setU32(cursors, member, at + 1);
    }
  }
  memory.copy(cursors, postStarts, <usize>vertexCount << 2);
  clearU32(stamps, vertexCount);
}

/** Where lists begin, from their lengths in `cursors`; `cursors` becomes a copy. */
function startLists(count: u32, starts: usize, cursors: usize): void {
  let at: u32 = 0;
  for (let id: u32 = 0; id < count; id++) {
    const length = u32At(cursors, id);
    setU32(starts, id, at);
    setU32(cursors, id, at);
    at += length;
  }
  setU32(starts, count, at);
}

/**
 * Counts for node `node` how many vertices each later node shares with it, into `counts`; `touched` lists those that
 * share any. Nodes must come in rising order, each once: `cursors` moves past them. Returns how many are touched.
 */
// @ts-ignore: decorator
@inline
export function countShared(
  node: u32,
  starts: usize,
  members: usize,
  postStarts: usize,
  posts: usize,
  cursors: usize,
  counts: usize,
  touched: usize,
): u32 {
  let found: u32 = 0;
  const last = u32At(starts, node + 1);
  for (let i = u32At(starts, node); i < last; i++) {
    const member = u32At(members, i);
    const begin = u32At(cursors, member) + 1;
    setU32(cursors, member, begin);
    const end = u32At(postStarts, member + 1);
    for (let at = begin; at < end; at++) {
      const other = u32At(posts, at);
      const count = u32At(counts, other);
      setU32(touched, found, other);
      found += u32(count == 0);
      setU32(counts, other, count + 1);
    }
  }
  return found;
}
