import { addBlock } from './add-block';
import { f64At, i32At, setF64, setI32, setU32, u32At } from './array';
import { requireIncidence } from './incidence';

/** 2^500: a level whose path counts exceed it is divided by it, which loses no bit. */
const PATHS_MOST: f64 = 3.273390607896142e150;
/** 2^-500: path counts do not get below this by scaling. What is lost is far below the precision of what is kept. */
const PATHS_LEAST: f64 = 3.054936363499605e-151;

/**
 * Betweenness of the nodes of an undirected graph: `scores[v]` is the sum over `sources` s and all nodes t of the share
 * of shortest paths from s to t that run through v, s and t excluded. With every node as source each pair counts
 * twice. `arcs` has every edge in both directions, which fixes the order of all sums: those of `blockSize` sources after each
 * other, then those of the blocks. Brandes, "A faster algorithm for betweenness centrality" (J. Math. Sociology 25, 2001).
 *
 * With `factors` the graph is one of nodes and shared subsets, as `linkSubsets` makes it. A path then leads from node to
 * subset to node; what it counts is multiplied by the factor of the subset, so that two nodes are joined once however
 * many subsets they share. What cancels never exceeds the sum of the factors of the subsets of one node times the result.
 */
export function betweenness(
  offsets: usize,
  offsetsLength: u32,
  arcs: usize,
  arcsLength: u32,
  factors: usize,
  factorsLength: u32,
  nodeCount: u32,
  sources: usize,
  sourcesLength: u32,
  blockSize: u32,
  scores: usize,
  scoresLength: u32,
  distances: usize,
  paths: usize,
  ratios: usize,
  scales: usize,
  order: usize,
  block: usize,
): void {
  const count = offsetsLength - 1;
  requireIncidence(offsets, offsetsLength, arcs, arcsLength, count);
  if (nodeCount > count || count - nodeCount != factorsLength || blockSize == 0) unreachable();
  memory.fill(distances, 0xff, <usize>count << 2);
  for (let at: u32 = 0; at < sourcesLength; at++) {
    const source = u32At(sources, at);
    if (source >= nodeCount) unreachable();
    setI32(distances, source, 0);
    setF64(paths, source, 1);
    setU32(order, 0, source);
    const end = countPaths(offsets, arcs, factors, nodeCount, count, distances, paths, scales, order);
    addDependencies(offsets, arcs, factors, nodeCount, count, end, distances, paths, ratios, scales, order, block);
    for (let i: u32 = 0; i < end; i++) setI32(distances, u32At(order, i), -1);
    if ((at + 1) % blockSize == 0 || at + 1 == sourcesLength) addBlock(block, scores, nodeCount);
  }
}

/** Nodes by rising distance from `order[0]`, and how many shortest paths lead to each. Returns how many are reached. */
export function countPaths(
  offsets: usize,
  arcs: usize,
  factors: usize,
  nodeCount: u32,
  count: u32,
  distances: usize,
  paths: usize,
  scales: usize,
  order: usize,
): u32 {
  let tail: u32 = 1;
  let head: u32 = 0;
  for (let level: i32 = 1; head < tail; level++) {
    const end = tail;
    for (; head < end; head++) {
      const node = u32At(order, head);
      let own = f64At(paths, node);
      if (node >= nodeCount) own *= f64At(factors, node - nodeCount);
      const stop = u32At(offsets, node + 1);
      for (let i = u32At(offsets, node); i < stop; i++) {
        const other = u32At(arcs, i);
        const distance = i32At(distances, other);
        if (distance < 0) {
          setI32(distances, other, level);
          setF64(paths, other, own);
          setU32(order, tail++, other);
        } else {
          // Adding 0 costs less than a branch that is taken every other time.
          setF64(paths, other, f64At(paths, other) + select<f64>(own, 0, distance == level));
        }
      }
    }
    const isSubsets = nodeCount < count && (level & 1) == 1;
    setF64(scales, level, isSubsets ? 1 : scaleLevel(head, tail, paths, order));
  }
  return tail;
}

/** Keeps path counts of one level from overflowing. Returns the factor that was applied. */
// @ts-ignore: decorator
@inline
function scaleLevel(from: u32, to: u32, paths: usize, order: usize): f64 {
  let most: f64 = 0;
  for (let at = from; at < to; at++) most = max(most, f64At(paths, u32At(order, at)));
  if (most < PATHS_MOST) return 1;
  for (let at = from; at < to; at++) {
    const node = u32At(order, at);
    setF64(paths, node, max(f64At(paths, node) / PATHS_MOST, PATHS_LEAST));
  }
  return 1 / PATHS_MOST;
}

/** Adds what each node but `order[0]` carries of the paths from there, farthest first. */
export function addDependencies(
  offsets: usize,
  arcs: usize,
  factors: usize,
  nodeCount: u32,
  count: u32,
  end: u32,
  distances: usize,
  paths: usize,
  ratios: usize,
  scales: usize,
  order: usize,
  scores: usize,
): void {
  const farthest = i32At(distances, u32At(order, end - 1));
  const step: i32 = nodeCount < count ? 2 : 1;
  for (let at = end - 1; at > 0; at--) {
    const node = u32At(order, at);
    const distance = i32At(distances, node);
    let sum: f64 = 0;
    if (distance < farthest) {
      const stop = u32At(offsets, node + 1);
      for (let i = u32At(offsets, node); i < stop; i++) {
        const other = u32At(arcs, i);
        sum += select<f64>(f64At(ratios, other), 0, i32At(distances, other) == distance + 1);
      }
    }
    if (node >= nodeCount) {
      setF64(ratios, node, sum * f64At(factors, node - nodeCount));
      continue;
    }
    const own = f64At(paths, node);
    if (distance < farthest) {
      sum *= own * f64At(scales, distance + step);
      setF64(scores, node, f64At(scores, node) + sum);
    }
    setF64(ratios, node, (1 + sum) / own);
  }
}
