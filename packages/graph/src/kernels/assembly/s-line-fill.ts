import { setU32, u32At } from './array';
import { requireIncidence } from './incidence';
import { countShared, indexNodes, listNodes } from './line-sets';
import { sortIds } from './sort-ids';

/** Nodes per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_NODES: u32 = 64;

/**
 * Second step to the s-line graph: its edges, at most `edgesMax` of them. `sets` and `nodeCount` are those of
 * `sLineBound` for the same incidence and `s`. `nodes` has the hyperedge of each node; `neighbours` from `offsets[n]` has
 * the nodes after n that are joined with it, rising, and `overlaps` how many vertices they share; what is behind the
 * last edge is 0. `overlaps` may be of length 0 to leave that out. Returns the number of edges; traps beyond `edgesMax`.
 */
export function sLineFill(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  s: u32,
  sets: usize,
  setsLength: u32,
  nodeCount: u32,
  edgesMax: u32,
  overlapCount: u32,
  nodes: usize,
  nodesLength: u32,
  offsets: usize,
  offsetsLength: u32,
  neighbours: usize,
  neighboursLength: u32,
  overlaps: usize,
  overlapsLength: u32,
  stamps: usize,
  starts: usize,
  members: usize,
  postStarts: usize,
  posts: usize,
  cursors: usize,
  counts: usize,
  touched: usize,
  bits: usize,
  summary: usize,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  const hyperedgeCount = edgeOffsetsLength - 1;
  if (setsLength != hyperedgeCount) unreachable();
  if (s == 0 || (overlapCount != 0 && overlapCount != edgesMax)) unreachable();
  listNodes(edgeOffsets, edgeMembers, hyperedgeCount, vertexCount, s, sets, stamps, nodes, nodeCount);
  indexNodes(
    edgeOffsets, edgeMembers, vertexCount, nodes, nodeCount, starts, members, postStarts, posts, cursors, stamps,
  );
  let edges: u32 = 0;
  for (let from: u32 = 0; from < nodeCount; from += BLOCK_NODES) {
    const to = min(from + BLOCK_NODES, nodeCount);
    edges = fillLines(
      from, to, s, edges, edgesMax, offsets, neighbours, overlaps, overlapCount, starts, members, postStarts, posts,
      cursors, counts, touched, bits, summary,
    );
  }
  setU32(offsets, nodeCount, edges);
  return edges;
}

/** Writes the later neighbours of the nodes from `from` to `to` behind the first `edges`. Returns the new number. */
export function fillLines(
  from: u32,
  to: u32,
  s: u32,
  edges: u32,
  edgesMax: u32,
  offsets: usize,
  neighbours: usize,
  overlaps: usize,
  overlapCount: u32,
  starts: usize,
  members: usize,
  postStarts: usize,
  posts: usize,
  cursors: usize,
  counts: usize,
  touched: usize,
  bits: usize,
  summary: usize,
): u32 {
  let begin = edges;
  for (let node = from; node < to; node++) {
    const found = countShared(node, starts, members, postStarts, posts, cursors, counts, touched);
    // What shares anything shares one.
    const joined = s == 1 ? found : keepShared(s, found, counts, touched);
    if (joined > edgesMax - begin) unreachable();
    setU32(offsets, node, begin);
    const row = neighbours + (<usize>begin << 2);
    sortIds(touched, joined, row, bits, summary);
    for (let at: u32 = 0; at < joined; at++) {
      const other = u32At(row, at);
      if (overlapCount > 0) setU32(overlaps, begin + at, u32At(counts, other));
      setU32(counts, other, 0);
    }
    begin += joined;
  }
  return begin;
}

/** Keeps those of the `found` that share at least `s`, and clears the counts of the others. Returns how many are left. */
// @ts-ignore: decorator
@inline
function keepShared(s: u32, found: u32, counts: usize, touched: usize): u32 {
  let joined: u32 = 0;
  for (let at: u32 = 0; at < found; at++) {
    const other = u32At(touched, at);
    if (u32At(counts, other) >= s) setU32(touched, joined++, other);
    else setU32(counts, other, 0);
  }
  return joined;
}
