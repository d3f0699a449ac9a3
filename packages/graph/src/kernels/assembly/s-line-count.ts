import { setF64, setU32, u32At } from './array';
import { requireIncidence } from './incidence';
import { chooseNodes, countShared, indexNodes, listNodes } from './line-sets';

/** Nodes per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_NODES: u32 = 64;

/**
 * First step to the s-line graph: its nodes, and a bound on its edges. Nodes are the hyperedges with at least `s`
 * different members (with `merges` the first of each member set). `sets[e]` is the hyperedge that stands for e;
 * `totals` the number of nodes, and how often two of them have a vertex in common, which no number of edges exceeds.
 * Linear. Needs `s` from 1.
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
  for (let node: u32 = 0; node < nodeCount; node++) {
    const hyperedge = u32At(nodes, node);
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
