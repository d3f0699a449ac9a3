import { setF64, setU32, u32At } from './array';
import { requireIncidence } from './incidence';
import { chooseNodes, countShared, indexNodes } from './line-sets';

/** Nodes per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_NODES: u32 = 64;

/**
 * First of two steps to the s-line graph: how large it is. Its nodes are the hyperedges with at least `s` different
 * members (with `merges` the first of each member set), two are joined when they share at least `s` vertices.
 * `sets[e]` is the hyperedge that stands for e; `laters` has, by node, the number of neighbours that come after it;
 * `totals` the number of nodes and of edges. Needs `s` from 1.
 *
 * Only pairs that share a vertex are looked at, each once, by counting over the lists of vertices: the hashmap-based
 * algorithm of Liu, Firoz, Lumsdaine, Joslyn, Aksoy, Praggastis and Gebremedhin, "Parallel algorithms for efficient
 * computation of high-order line graphs of hypergraphs" (HiPC 2021), with an array in the place of the hash map.
 */
export function sLineCount(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  s: u32,
  merges: u32,
  sets: usize,
  setsLength: u32,
  laters: usize,
  latersLength: u32,
  totals: usize,
  totalsLength: u32,
  sizes: usize,
  hashes: usize,
  table: usize,
  stamps: usize,
  nodes: usize,
  starts: usize,
  members: usize,
  postStarts: usize,
  posts: usize,
  cursors: usize,
  counts: usize,
  touched: usize,
): void {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  if (s == 0) unreachable();
  const nodeCount = chooseNodes(
    edgeOffsets, edgeMembers, setsLength, vertexCount, s, merges, sets, sizes, hashes, table, stamps, nodes,
  );
  indexNodes(
    edgeOffsets, edgeMembers, vertexCount, nodes, nodeCount, starts, members, postStarts, posts, cursors, stamps,
  );
  let edges: u64 = 0;
  for (let from: u32 = 0; from < nodeCount; from += BLOCK_NODES) {
    const to = min(from + BLOCK_NODES, nodeCount);
    edges += countLines(from, to, s, starts, members, postStarts, posts, cursors, counts, touched, laters);
  }
  setF64(totals, 0, <f64>nodeCount);
  setF64(totals, 1, <f64>edges);
}

/** Counts the later neighbours of the nodes from `from` to `to`. Returns their sum. */
export function countLines(
  from: u32,
  to: u32,
  s: u32,
  starts: usize,
  members: usize,
  postStarts: usize,
  posts: usize,
  cursors: usize,
  counts: usize,
  touched: usize,
  laters: usize,
): u64 {
  let edges: u64 = 0;
  for (let node = from; node < to; node++) {
    const found = countShared(node, starts, members, postStarts, posts, cursors, counts, touched);
    let later: u32 = 0;
    for (let at: u32 = 0; at < found; at++) {
      const other = u32At(touched, at);
      later += u32(u32At(counts, other) >= s);
      setU32(counts, other, 0);
    }
    setU32(laters, node, later);
    edges += later;
  }
  return edges;
}
