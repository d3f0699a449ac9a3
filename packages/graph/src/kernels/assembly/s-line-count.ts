import { f64At, setF64, setU32, u32At } from './array';
import { requireIncidence } from './incidence';
import { chooseNodes, countShared, indexNodes, listNodes } from './line-sets';

/** Nodes per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_NODES: u32 = 64;
/** 2^50: more subsets of one node than can ever be listed. */
const SUBSETS_MOST: f64 = 1125899906842624.0;

/**
 * First step to the s-line graph: its nodes, and a bound on its edges. Nodes are the hyperedges with at least `s`
 * different members (with `merges` the first of each member set). `sets[e]` is the hyperedge that stands for e;
 * `totals` the number of nodes, and how often two of them have a vertex in common, which no number of edges exceeds; then what
 * `internSubsets` would list: subsets of `s` vertices, of `s` and more, of 2 to `s`, each counted once for each node; and the
 * size of the largest node. Numbers of subsets beyond 2^50 are not exact. Linear. Needs `s` from 1.
 */
export function sLineBound(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  s: u32,
  merges: u32,
  sets: usize,
  setsLength: u32,
  totals: usize,
  totalsLength: u32,
  sizes: usize,
  hashes: usize,
  table: usize,
  stamps: usize,
  nodes: usize,
  degrees: usize,
): void {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  if (s == 0) unreachable();
  const nodeCount = chooseNodes(
    edgeOffsets, edgeMembers, setsLength, vertexCount, s, merges, sets, sizes, hashes, table, stamps, nodes,
  );
  let pairs: u64 = 0;
  let largest: u32 = 0;
  for (let node: u32 = 0; node < nodeCount; node++) {
    const hyperedge = u32At(nodes, node);
    const size = u32At(sizes, hyperedge);
    largest = max(largest, size);
    addSubsets(size, s, totals);
    const end = u32At(edgeOffsets, hyperedge + 1);
    for (let i = u32At(edgeOffsets, hyperedge); i < end; i++) {
      const member = u32At(edgeMembers, i);
      if (u32At(stamps, member) == node + 1) continue;
      setU32(stamps, member, node + 1);
      const degree = u32At(degrees, member);
      setU32(degrees, member, degree + 1);
      pairs += degree;
    }
  }
  setF64(totals, 0, <f64>nodeCount);
  setF64(totals, 1, <f64>pairs);
  setF64(totals, 5, <f64>largest);
}

/** Adds the subsets of a node of `size` vertices to the totals: of `s` vertices, of more, and of 2 to `s`. */
function addSubsets(size: u32, s: u32, totals: usize): void {
  let count: f64 = 1;
  for (let taken: u32 = 1; taken <= size && count < SUBSETS_MOST; taken++) {
    count = (count * <f64>(size - taken + 1)) / <f64>taken;
    if (taken == s) setF64(totals, 2, f64At(totals, 2) + count);
    if (taken >= s) setF64(totals, 3, f64At(totals, 3) + count);
    if (taken >= 2 && taken <= s) setF64(totals, 4, f64At(totals, 4) + count);
  }
  // Too many to go on counting: whoever reads this must not take them for few.
  if (count < SUBSETS_MOST) return;
  for (let total: u32 = 2; total < 5; total++) setF64(totals, total, f64At(totals, total) + SUBSETS_MOST);
}

/**
 * The number of edges of the s-line graph, for when the bound is too large to make room for: `sets` and `nodeCount` are
 * those of `sLineBound`. Only pairs that share a vertex are looked at, each once, by counting over the lists of
 * vertices: the hashmap-based algorithm of Liu, Firoz, Lumsdaine, Joslyn, Aksoy, Praggastis and Gebremedhin, "Parallel
 * algorithms for efficient computation of high-order line graphs of hypergraphs" (HiPC 2021), with an array in the
 * place of the hash map.
 */
export function sLineCount(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  s: u32,
  sets: usize,
  setsLength: u32,
  nodeCount: u32,
  stamps: usize,
  nodes: usize,
  starts: usize,
  members: usize,
  postStarts: usize,
  posts: usize,
  cursors: usize,
  counts: usize,
  touched: usize,
): f64 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  if (s == 0 || setsLength != edgeOffsetsLength - 1) unreachable();
  listNodes(edgeOffsets, edgeMembers, setsLength, vertexCount, s, sets, stamps, nodes, nodeCount);
  indexNodes(
    edgeOffsets, edgeMembers, vertexCount, nodes, nodeCount, starts, members, postStarts, posts, cursors, stamps,
  );
  let edges: u64 = 0;
  for (let from: u32 = 0; from < nodeCount; from += BLOCK_NODES) {
    const to = min(from + BLOCK_NODES, nodeCount);
    edges += countLines(from, to, s, starts, members, postStarts, posts, cursors, counts, touched);
  }
  return <f64>edges;
}

/** The number of later neighbours of the nodes from `from` to `to`. */
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
): u64 {
  let edges: u64 = 0;
  for (let node = from; node < to; node++) {
    const found = countShared(node, starts, members, postStarts, posts, cursors, counts, touched);
    for (let at: u32 = 0; at < found; at++) {
      const other = u32At(touched, at);
      edges += u64(u32At(counts, other) >= s);
      setU32(counts, other, 0);
    }
  }
  return edges;
}
