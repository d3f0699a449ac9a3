import { clearU32, setU32, u32At } from './array';
import { requireIncidence } from './incidence';
import { indexNodes, countShared } from './line-sets';
import { sortIds } from './sort-ids';

/** Nodes per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_NODES: u32 = 64;

/**
 * Second of two steps to the s-line graph: its edges. `sets` and `laters` are those of `sLineCount` for the same
 * incidence and `s`; `nodeCount` and `edgeCount` its totals. `nodes` has the hyperedge of each node; `neighbours` from
 * `offsets[n]` has the nodes after n that are joined with it, rising, and `overlaps` how many vertices they share;
 * `overlaps` may be of length 0 to leave that out.
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
  laters: usize,
  latersLength: u32,
  nodeCount: u32,
  edgeCount: u32,
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
): void {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  const hyperedgeCount = edgeOffsetsLength - 1;
  if (setsLength != hyperedgeCount || latersLength != hyperedgeCount) unreachable();
  if (s == 0 || (overlapCount != 0 && overlapCount != edgeCount)) unreachable();
  listNodes(edgeOffsets, edgeMembers, hyperedgeCount, vertexCount, s, sets, stamps, nodes, nodeCount);
  indexNodes(
    edgeOffsets, edgeMembers, vertexCount, nodes, nodeCount, starts, members, postStarts, posts, cursors, stamps,
  );
  placeRows(nodeCount, edgeCount, laters, offsets);
  for (let from: u32 = 0; from < nodeCount; from += BLOCK_NODES) {
    const to = min(from + BLOCK_NODES, nodeCount);
    fillLines(
      from, to, s, offsets, neighbours, overlaps, overlapCount, starts, members, postStarts, posts, cursors, counts,
      touched, bits, summary,
    );
  }
}

/** The hyperedges that stand for themselves and have `s` different members. Leaves `stamps` zero. */
function listNodes(
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

/** Where the later neighbours of each node begin. Traps when they are not `edgeCount` in all. */
function placeRows(nodeCount: u32, edgeCount: u32, laters: usize, offsets: usize): void {
  let at: u64 = 0;
  for (let node: u32 = 0; node < nodeCount; node++) {
    setU32(offsets, node, <u32>at);
    at += u32At(laters, node);
  }
  if (at != edgeCount) unreachable();
  setU32(offsets, nodeCount, edgeCount);
}

/** Writes the later neighbours of the nodes from `from` to `to`. */
export function fillLines(
  from: u32,
  to: u32,
  s: u32,
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
): void {
  for (let node = from; node < to; node++) {
    const found = countShared(node, starts, members, postStarts, posts, cursors, counts, touched);
    let joined: u32 = 0;
    for (let at: u32 = 0; at < found; at++) {
      const other = u32At(touched, at);
      if (u32At(counts, other) >= s) setU32(touched, joined++, other);
      else setU32(counts, other, 0);
    }
    const begin = u32At(offsets, node);
    if (joined != u32At(offsets, node + 1) - begin) unreachable();
    const row = neighbours + (<usize>begin << 2);
    sortIds(touched, joined, row, bits, summary);
    for (let at: u32 = 0; at < joined; at++) {
      const other = u32At(row, at);
      if (overlapCount > 0) setU32(overlaps, begin + at, u32At(counts, other));
      setU32(counts, other, 0);
    }
  }
}
