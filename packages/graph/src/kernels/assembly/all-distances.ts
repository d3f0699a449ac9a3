import { f64At, setF64, setU32, u32At } from './array';
import { allBelow, requireIncidence } from './incidence';

/** Sources that are searched from at once: the bits of a vector. */
const BATCH: u32 = 128;
/** Nodes per call of the inner loops: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_NODES: u32 = 512;

/**
 * Distances between all nodes of an undirected graph, summed up by node: `eccentricities` is the largest to a node
 * that can be reached, `reached` the number of those, itself included, `farness` the sum of the distances, `harmonic`
 * that of their reciprocals. A node without neighbours has 0, 1, 0, 0. `arcs` has every edge in both directions. Nodes
 * from `from` to `to`, counted as they are listed, component by component, are looked at; what belongs to others is 0.
 *
 * Searches from 128 nodes of one component at a time, a bit each: Then, Kaufmann, Chirigati, Hoang-Vu, Pham, Kemper,
 * Neumann and Vo, "The more the merrier: efficient multi-source graph traversal" (VLDB 2014). From the second level
 * on nodes look back for what they miss and stop when they have it (Beamer, Asanović and Patterson 2012). Distances
 * are whole numbers and every sum runs over rising levels, so results do not depend on either.
 *
 * What is behind the first `nodeCount` are the shared subsets of `linkSubsets`: a step leads from node to subset to node.
 */
export function allDistances(
  offsets: usize,
  offsetsLength: u32,
  arcs: usize,
  arcsLength: u32,
  nodeCount: u32,
  from: u32,
  to: u32,
  eccentricities: usize,
  eccentricitiesLength: u32,
  reached: usize,
  reachedLength: u32,
  farness: usize,
  farnessLength: u32,
  harmonic: usize,
  harmonicLength: u32,
  order: usize,
  listed: usize,
  seen: usize,
  visit: usize,
  next: usize,
  counts: usize,
): void {
  const count = offsetsLength - 1;
  requireIncidence(offsets, offsetsLength, arcs, arcsLength, count);
  if (nodeCount > count || !isBipartite(offsets, arcs, nodeCount, count)) unreachable();
  let end: u32 = 0;
  let subsetEnd = nodeCount;
  for (let root: u32 = 0; root < nodeCount && end < to; root++) {
    if (u32At(listed, root) != 0) continue;
    const begin = end;
    const subsetBegin = subsetEnd;
    const ends = listComponent(offsets, arcs, root, nodeCount, begin, subsetBegin, order, listed);
    end = <u32>ends;
    subsetEnd = <u32>(ends >> 32);
    const stop = min(end, to);
    for (let at = max(begin, from); at < stop; at++) setU32(reached, u32At(order, at), end - begin);
    if (end - begin == 1) continue;
    for (let first = max(begin, from); first < stop; first += BATCH) {
      const last = min(first + BATCH, stop);
      searchBatch(
        offsets, arcs, first, last, begin, end, subsetBegin, subsetEnd, eccentricities, farness, harmonic, order, seen,
        visit, next, counts,
      );
    }
  }
}

/** Whether, where there are subsets, they are only beside nodes, and nodes only beside them. */
function isBipartite(offsets: usize, arcs: usize, nodeCount: u32, count: u32): bool {
  if (nodeCount == count) return true;
  const between = u32At(offsets, nodeCount);
  for (let i: u32 = 0; i < between; i++) if (u32At(arcs, i) < nodeCount) return false;
  return allBelow(arcs + (<usize>between << 2), u32At(offsets, count) - between, nodeCount);
}

/**
 * Lists the nodes of the component of `root` from `begin` of `order`, in the order of a search, and its subsets from
 * `subsetBegin`. Returns the end of the nodes, and that of the subsets in the upper half.
 */
function listComponent(
  offsets: usize,
  arcs: usize,
  root: u32,
  nodeCount: u32,
  begin: u32,
  subsetBegin: u32,
  order: usize,
  listed: usize,
): u64 {
  let tail = begin;
  let subsetTail = subsetBegin;
  setU32(order, tail++, root);
  setU32(listed, root, 1);
  for (let head = begin; head < tail; head++) {
    const node = u32At(order, head);
    const stop = u32At(offsets, node + 1);
    for (let i = u32At(offsets, node); i < stop; i++) {
      const other = u32At(arcs, i);
      if (u32At(listed, other) != 0) continue;
      setU32(listed, other, 1);
      if (other < nodeCount) {
        setU32(order, tail++, other);
        continue;
      }
      setU32(order, subsetTail++, other);
      tail = listNeighbours(offsets, arcs, other, tail, order, listed);
    }
  }
  return (<u64>subsetTail << 32) | <u64>tail;
}

function listNeighbours(offsets: usize, arcs: usize, subset: u32, end: u32, order: usize, listed: usize): u32 {
  let tail = end;
  const stop = u32At(offsets, subset + 1);
  for (let i = u32At(offsets, subset); i < stop; i++) {
    const node = u32At(arcs, i);
    if (u32At(listed, node) != 0) continue;
    setU32(listed, node, 1);
    setU32(order, tail++, node);
  }
  return tail;
}

// @ts-ignore: decorator
@inline
function maskAt(base: usize, index: u32): v128 {
  return v128.load(base + (<usize>index << 4));
}

// @ts-ignore: decorator
@inline
function setMask(base: usize, index: u32, mask: v128): void {
  v128.store(base + (<usize>index << 4), mask);
}

/**
 * Searches from the nodes at `first` to `last` of the order, in their component, which is `begin` to `end`; its subsets, if
 * any, are `subsetBegin` to `subsetEnd`.
 */
function searchBatch(
  offsets: usize,
  arcs: usize,
  first: u32,
  last: u32,
  begin: u32,
  end: u32,
  subsetBegin: u32,
  subsetEnd: u32,
  eccentricities: usize,
  farness: usize,
  harmonic: usize,
  order: usize,
  seen: usize,
  visit: usize,
  next: usize,
  counts: usize,
): void {
  const none = i64x2.splat(0);
  for (let at = begin; at < end; at++) {
    const node = u32At(order, at);
    setMask(seen, node, none);
    setMask(visit, node, none);
  }
  for (let at = subsetBegin; at < subsetEnd; at++) setMask(seen, u32At(order, at), none);
  for (let at = first; at < last; at++) {
    const node = u32At(order, at);
    const bit = at - first;
    const mask = v128.andnot(lowMask(bit + 1), lowMask(bit));
    setMask(seen, node, mask);
    setMask(visit, node, mask);
  }
  for (let level: u32 = 1; ; level++) {
    for (let from = subsetBegin; from < subsetEnd; from += BLOCK_NODES) {
      gatherMasks(offsets, arcs, from, min(from + BLOCK_NODES, subsetEnd), order, last - first, seen, visit);
    }
    for (let from = begin; from < end; from += BLOCK_NODES) {
      const to = min(from + BLOCK_NODES, end);
      if (level == 1 && subsetBegin == subsetEnd) pushMasks(offsets, arcs, from, to, order, visit, next);
      else pullMasks(offsets, arcs, from, to, order, last - first, seen, visit, next);
    }
    let found: u32 = 0;
    for (let from = begin; from < end; from += BLOCK_NODES) {
      found += settleMasks(from, min(from + BLOCK_NODES, end), order, seen, visit, next, counts);
    }
    if (found == 0) return;
    addLevel(first, last, level, order, counts, eccentricities, farness, harmonic);
  }
}

/** The lowest `count` of 128 bits. */
function lowMask(count: u32): v128 {
  const low: i64 = count >= 64 ? -1 : ((<i64>1 << count) - 1);
  const high: i64 = count >= 128 ? -1 : count <= 64 ? 0 : ((<i64>1 << (count - 64)) - 1);
  return i64x2.replace_lane(i64x2.splat(low), 1, high);
}

/** Nodes give what reached them to their neighbours. */
export function pushMasks(
  offsets: usize,
  arcs: usize,
  from: u32,
  to: u32,
  order: usize,
  visit: usize,
  next: usize,
): void {
  for (let at = from; at < to; at++) {
    const node = u32At(order, at);
    const mask = maskAt(visit, node);
    if (!v128.any_true(mask)) continue;
    const stop = u32At(offsets, node + 1);
    for (let i = u32At(offsets, node); i < stop; i++) {
      const other = u32At(arcs, i);
      setMask(next, other, v128.or(maskAt(next, other), mask));
    }
  }
}

/** Subsets take from their nodes what has not reached them yet, to pass it on. */
export function gatherMasks(
  offsets: usize,
  arcs: usize,
  from: u32,
  to: u32,
  order: usize,
  sources: u32,
  seen: usize,
  visit: usize,
): void {
  const all = lowMask(sources);
  for (let at = from; at < to; at++) {
    const subset = u32At(order, at);
    const known = maskAt(seen, subset);
    const fresh = takeMasks(offsets, arcs, subset, v128.andnot(all, known), visit);
    setMask(visit, subset, fresh);
    setMask(seen, subset, v128.or(known, fresh));
  }
}

/** Nodes take from their neighbours what has not reached them yet. */
export function pullMasks(
  offsets: usize,
  arcs: usize,
  from: u32,
  to: u32,
  order: usize,
  sources: u32,
  seen: usize,
  visit: usize,
  next: usize,
): void {
  const all = lowMask(sources);
  for (let at = from; at < to; at++) {
    const node = u32At(order, at);
    const missing = v128.andnot(all, maskAt(seen, node));
    if (v128.any_true(missing)) setMask(next, node, takeMasks(offsets, arcs, node, missing, visit));
  }
}

/** What of `missing` the neighbours pass on. */
// @ts-ignore: decorator
@inline
function takeMasks(offsets: usize, arcs: usize, node: u32, missing: v128, visit: usize): v128 {
  let taken = i64x2.splat(0);
  if (!v128.any_true(missing)) return taken;
  const stop = u32At(offsets, node + 1);
  for (let i = u32At(offsets, node); i < stop; i++) {
    taken = v128.or(taken, maskAt(visit, u32At(arcs, i)));
    if (!v128.any_true(v128.andnot(missing, taken))) break;
  }
  return v128.and(taken, missing);
}

/** What newly reached each node becomes what it passes on; counts it by source. Returns the nodes with any. */
export function settleMasks(
  from: u32,
  to: u32,
  order: usize,
  seen: usize,
  visit: usize,
  next: usize,
  counts: usize,
): u32 {
  const none = i64x2.splat(0);
  let found: u32 = 0;
  for (let at = from; at < to; at++) {
    const node = u32At(order, at);
    const fresh = v128.andnot(maskAt(next, node), maskAt(seen, node));
    setMask(next, node, none);
    setMask(visit, node, fresh);
    if (!v128.any_true(fresh)) continue;
    setMask(seen, node, v128.or(maskAt(seen, node), fresh));
    found++;
    for (let half = <u64>i64x2.extract_lane(fresh, 0); half != 0; half &= half - 1) {
      const source = <u32>ctz<u64>(half);
      setU32(counts, source, u32At(counts, source) + 1);
    }
    for (let half = <u64>i64x2.extract_lane(fresh, 1); half != 0; half &= half - 1) {
      const source = 64 + <u32>ctz<u64>(half);
      setU32(counts, source, u32At(counts, source) + 1);
    }
  }
  return found;
}

/** Adds the nodes of one level to the sums of each source, and clears the counts. */
function addLevel(
  first: u32,
  last: u32,
  level: u32,
  order: usize,
  counts: usize,
  eccentricities: usize,
  farness: usize,
  harmonic: usize,
): void {
  for (let at = first; at < last; at++) {
    const nodes = u32At(counts, at - first);
    if (nodes == 0) continue;
    setU32(counts, at - first, 0);
    const source = u32At(order, at);
    setU32(eccentricities, source, level);
    setF64(farness, source, f64At(farness, source) + <f64>nodes * <f64>level);
    setF64(harmonic, source, f64At(harmonic, source) + <f64>nodes / <f64>level);
  }
}
