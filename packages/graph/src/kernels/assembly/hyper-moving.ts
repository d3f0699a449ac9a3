import { NONE, f64At, setF64, setU32, u32At } from './array';
import { STRICT, expectedWeights, weightOf } from './expected-weight';
import { mix } from './hash';

/** Nodes per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_NODES: u32 = 128;

/** One pass of moves over the active nodes in `order`, as `moveHyperNodes`. Returns how many moved. */
export function moveAllHyperNodes(
  count: u32,
  kind: u32,
  resolution: f64,
  gainMin: f64,
  key: u32,
  memberOffsets: usize,
  edgeOffsets: usize,
  edgeNodes: usize,
  edgeCounts: usize,
  nodeOffsets: usize,
  nodeEdges: usize,
  nodeCounts: usize,
  sizes: usize,
  numbers: usize,
  sizeCount: u32,
  words: usize,
  reals: usize,
): u32 {
  let moved: u32 = 0;
  for (let from: u32 = 0; from < count; from += BLOCK_NODES) {
    moved += moveHyperNodes(
      from, min(from + BLOCK_NODES, count), count, kind, resolution, gainMin, key, memberOffsets, edgeOffsets, edgeNodes,
      edgeCounts, nodeOffsets, nodeEdges, nodeCounts, sizes, numbers, sizeCount, words, reals,
    );
  }
  return moved;
}

/**
 * Active nodes at `from` to `to` of the order take the label of greatest gain of modularity, their own unless another is
 * better by more than `gainMin`; of equally good ones a hash decides. Looked at are labels that a move makes some
 * hyperedge count more for, and one that no node has. What moves makes the nodes it shares hyperedges with active.
 *
 * `words` holds, one slot per node each: order, active, labels, nodes by label, counts, touched by a hyperedge, touched,
 * labels that no node has; and at the end how many those are.
 * `reals`: share of each node, share by label, what is expected by label, gains. Counts and gains are 0 before and after.
 */
export function moveHyperNodes(
  from: u32,
  to: u32,
  count: u32,
  kind: u32,
  resolution: f64,
  gainMin: f64,
  key: u32,
  memberOffsets: usize,
  edgeOffsets: usize,
  edgeNodes: usize,
  edgeCounts: usize,
  nodeOffsets: usize,
  nodeEdges: usize,
  nodeCounts: usize,
  sizes: usize,
  numbers: usize,
  sizeCount: u32,
  words: usize,
  reals: usize,
): u32 {
  const slots = <usize>count << 2;
  const active = words + slots;
  const labels = active + slots;
  const population = labels + slots;
  const counts = population + slots;
  const touchedHere = counts + slots;
  const touched = touchedHere + slots;
  const free = touched + slots;
  const freeCount = free + slots;
  const byLabel = reals + (slots << 1);
  const expected = byLabel + (slots << 1);
  const gains = expected + (slots << 1);
  let moved: u32 = 0;
  for (let turn = from; turn < to; turn++) {
    const node = u32At(words, turn);
    if (u32At(active, node) == 0) continue;
    setU32(active, node, 0);
    const own = u32At(labels, node);
    const begin = u32At(nodeOffsets, node);
    const end = u32At(nodeOffsets, node + 1);
    let loss: f64 = 0;
    let touches: u32 = 0;
    for (let i = begin; i < end; i++) {
      const hyperedge = u32At(nodeEdges, i);
      const mine = u32At(nodeCounts, i);
      const size = u32At(memberOffsets, hyperedge + 1) - u32At(memberOffsets, hyperedge);
      const last = u32At(edgeOffsets, hyperedge + 1);
      if (mine == size) continue;
      let here: u32 = 0;
      for (let j = u32At(edgeOffsets, hyperedge); j < last; j++) {
        const other = u32At(edgeNodes, j);
        if (other == node) continue;
        const label = u32At(labels, other);
        const before = u32At(counts, label);
        if (before == 0) setU32(touchedHere, here++, label);
        setU32(counts, label, before + u32At(edgeCounts, j));
        // Nothing that one node does makes a hyperedge of three labels count.
        if (kind == STRICT && here > 1) break;
      }
      for (let j: u32 = 0; j < here; j++) {
        const label = u32At(touchedHere, j);
        const others = u32At(counts, label);
        setU32(counts, label, 0);
        if (kind == STRICT && here > 1) continue;
        const gain = weightOf(kind, size, others + mine) - weightOf(kind, size, others) - weightOf(kind, size, mine);
        if (label == own) loss += gain;
        else if (gain > 0) {
          if (f64At(gains, label) == 0) setU32(touched, touches++, label);
          setF64(gains, label, f64At(gains, label) + gain);
        }
      }
    }
    const share = f64At(reals, node);
    const rest = f64At(byLabel, own) - share;
    const without = expectedWeights(kind, sizes, numbers, sizeCount, rest);
    const stays = loss + resolution * (without - f64At(expected, own));
    let best: u32 = NONE;
    let most = gainMin;
    let bestExpected: f64 = 0;
    const unused = u32At(freeCount, 0);
    const leaves = unused > 0 && u32At(population, own) > 1;
    for (let i: u32 = 0; i < touches + <u32>leaves; i++) {
      const label = i == touches ? u32At(free, unused - 1) : u32At(touched, i);
      const gain = i == touches ? 0 : f64At(gains, label);
      if (i < touches) setF64(gains, label, 0);
      // What is expected only grows, so the gain of hyperedges bounds that of the move.
      if (gain - stays < most) continue;
      const joined = expectedWeights(kind, sizes, numbers, sizeCount, f64At(byLabel, label) + share);
      const value = gain - stays - resolution * (joined - f64At(expected, label));
      if (value < most || (value == most && best != NONE && mix(label ^ key) < mix(best ^ key))) continue;
      best = label;
      most = value;
      bestExpected = joined;
    }
    if (best == NONE) continue;
    moved++;
    setU32(labels, node, best);
    let left = unused;
    if (u32At(population, best) == 0) left--;
    if (u32At(population, own) == 1) setU32(free, left++, own);
    setU32(freeCount, 0, left);
    setU32(population, own, u32At(population, own) - 1);
    setU32(population, best, u32At(population, best) + 1);
    setF64(byLabel, own, rest);
    setF64(byLabel, best, f64At(byLabel, best) + share);
    setF64(expected, own, without);
    setF64(expected, best, bestExpected);
    for (let i = begin; i < end; i++) {
      const hyperedge = u32At(nodeEdges, i);
      const last = u32At(edgeOffsets, hyperedge + 1);
      for (let j = u32At(edgeOffsets, hyperedge); j < last; j++) {
        const other = u32At(edgeNodes, j);
        if (u32At(labels, other) != best) setU32(active, other, 1);
      }
    }
  }
  return moved;
}
