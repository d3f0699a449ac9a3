import { NONE, setF64, setU32, u32At } from './array';
import { mix } from './hash';
import { requireIncidence } from './incidence';
import { listNodes } from './line-sets';
import { sortU32 } from './sort-u32';

/** Nodes per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_NODES: u32 = 256;

/**
 * First step to walks on the s-line graph without its edges: nodes that share at least `s` vertices share a subset of `s` of
 * them. For every node the subsets of `s` to `sizeMost` of its vertices: `subsets` from `starts[n]`, numbered as first met from
 * `vertexCount` on (a vertex alone has its own number). `counts` says in how many nodes each subset is, `sizes` how many
 * vertices it has; `totals` are the subsets in two nodes at least, and their places in nodes. `sets` and `nodeCount` are those
 * of `sLineBound`. Traps beyond `entryCount` subsets of two vertices and more, or `incidenceCount` places; `slotCount` is a power
 * of 2 above `entryCount`.
 */
export function internSubsets(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  s: u32,
  sets: usize,
  setsLength: u32,
  nodeCount: u32,
  sizeMost: u32,
  entryCount: u32,
  incidenceCount: u32,
  slotCount: u32,
  idCount: u32,
  nodes: usize,
  nodesLength: u32,
  starts: usize,
  startsLength: u32,
  subsets: usize,
  subsetsLength: u32,
  counts: usize,
  countsLength: u32,
  sizes: usize,
  sizesLength: u32,
  totals: usize,
  totalsLength: u32,
  stamps: usize,
  row: usize,
  stackAt: usize,
  stackId: usize,
  table: usize,
  parents: usize,
  lasts: usize,
): void {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  const hyperedgeCount = edgeOffsetsLength - 1;
  if (s == 0 || sizeMost < s || setsLength != hyperedgeCount) unreachable();
  if (popcnt<u32>(slotCount) != 1 || slotCount <= entryCount || idCount != vertexCount + entryCount) unreachable();
  listNodes(edgeOffsets, edgeMembers, hyperedgeCount, vertexCount, s, sets, stamps, nodes, nodeCount);
  let places: u32 = 0;
  let entries: u32 = 0;
  for (let node: u32 = 0; node < nodeCount; node++) {
    setU32(starts, node, places);
    const size = listMembers(edgeOffsets, edgeMembers, u32At(nodes, node), stamps, node + 1, row);
    // Subsets of one vertex are alike in any order.
    if (sizeMost > 1) sortU32(row, size);
    const found = internNode(
      row, size, s, sizeMost, vertexCount, entries, entryCount, places, incidenceCount, slotCount - 1, subsets, counts, sizes,
      stackAt, stackId, table, parents, lasts,
    );
    entries = <u32>(found >> 32);
    places = <u32>found;
  }
  setU32(starts, nodeCount, places);
  let shared: u32 = 0;
  let sharedPlaces: u32 = 0;
  for (let id: u32 = 0; id < idCount; id++) {
    const count = u32At(counts, id);
    if (count < 2) continue;
    shared++;
    sharedPlaces += count;
  }
  setF64(totals, 0, <f64>shared);
  setF64(totals, 1, <f64>sharedPlaces);
}

/** The different members of a hyperedge. Returns how many there are. */
function listMembers(
  edgeOffsets: usize,
  edgeMembers: usize,
  hyperedge: u32,
  stamps: usize,
  mark: u32,
  row: usize,
): u32 {
  let size: u32 = 0;
  const end = u32At(edgeOffsets, hyperedge + 1);
  for (let i = u32At(edgeOffsets, hyperedge); i < end; i++) {
    const member = u32At(edgeMembers, i);
    if (u32At(stamps, member) == mark) continue;
    setU32(stamps, member, mark);
    setU32(row, size++, member);
  }
  return size;
}

/** Lists the subsets of one node, in the order of a walk down their prefixes. Returns the new `entries` and `places`. */
export function internNode(
  row: usize,
  size: u32,
  s: u32,
  sizeMost: u32,
  vertexCount: u32,
  entries: u32,
  entryCount: u32,
  places: u32,
  incidenceCount: u32,
  mask: u32,
  subsets: usize,
  counts: usize,
  sizes: usize,
  stackAt: usize,
  stackId: usize,
  table: usize,
  parents: usize,
  lasts: usize,
): u64 {
  let known = entries;
  let place = places;
  let depth: u32 = 0;
  let next: u32 = 0;
  for (;;) {
    if (next == size || depth == sizeMost || depth + size - next < s) {
      if (depth == 0) break;
      depth--;
      next = u32At(stackAt, depth) + 1;
      continue;
    }
    const member = u32At(row, next);
    let id = member;
    if (depth > 0) {
      const parent = u32At(stackId, depth - 1);
      let slot = (mix(parent) ^ mix(~member)) & mask;
      let entry = u32At(table, slot);
      while (entry != 0 && (u32At(parents, entry - 1) != parent || u32At(lasts, entry - 1) != member)) {
        slot = (slot + 1) & mask;
        entry = u32At(table, slot);
      }
      if (entry == 0) {
        if (known == entryCount) unreachable();
        setU32(parents, known, parent);
        setU32(lasts, known, member);
        entry = ++known;
        setU32(table, slot, entry);
      }
      id = vertexCount + entry - 1;
    }
    setU32(stackAt, depth, next);
    setU32(stackId, depth, id);
    depth++;
    next++;
    if (depth < s) continue;
    if (place == incidenceCount) unreachable();
    setU32(subsets, place++, id);
    setU32(counts, id, u32At(counts, id) + 1);
    store<u8>(sizes + id, <u8>depth);
  }
  return (<u64>known << 32) | <u64>place;
}

/**
 * Second step: the bipartite graph of nodes and the subsets that two nodes share at least, as all neighbours of each, every
 * edge in both directions: first the nodes, then `subsetCount` subsets. `factors`, of length 0 or `subsetCount`, say how often
 * a subset counts, so that all subsets that two nodes share count once together: with j vertices (-1)^(j - s) C(j - 1, s - 1), by
 * inclusion and exclusion. The other inputs are what `internSubsets` gave.
 */
export function linkSubsets(
  starts: usize,
  startsLength: u32,
  subsets: usize,
  subsetsLength: u32,
  counts: usize,
  countsLength: u32,
  sizes: usize,
  sizesLength: u32,
  s: u32,
  nodeCount: u32,
  subsetCount: u32,
  placeCount: u32,
  rowCount: u32,
  factorCount: u32,
  offsets: usize,
  offsetsLength: u32,
  arcs: usize,
  arcsLength: u32,
  factors: usize,
  factorsLength: u32,
  numbers: usize,
  cursors: usize,
): void {
  if (startsLength != nodeCount + 1 || sizesLength != countsLength || s == 0) unreachable();
  if (rowCount != nodeCount + subsetCount) unreachable();
  if (factorCount != 0 && factorCount != subsetCount) unreachable();
  const used = u32At(starts, nodeCount);
  if (used > subsetsLength) unreachable();
  requireIncidence(starts, startsLength, subsets, used, countsLength);
  numberSubsets(counts, sizes, countsLength, s, nodeCount, subsetCount, placeCount, offsets, numbers, cursors, factors, factorCount);
  let end: u32 = 0;
  for (let from: u32 = 0; from < nodeCount; from += BLOCK_NODES) {
    const to = min(from + BLOCK_NODES, nodeCount);
    end = linkNodes(from, to, end, nodeCount, placeCount, starts, subsets, numbers, cursors, offsets, arcs);
  }
  if (end != placeCount) unreachable();
}

/** Numbers the subsets that count, and begins their rows behind those of the nodes. */
function numberSubsets(
  counts: usize,
  sizes: usize,
  countsLength: u32,
  s: u32,
  nodeCount: u32,
  subsetCount: u32,
  placeCount: u32,
  offsets: usize,
  numbers: usize,
  cursors: usize,
  factors: usize,
  factorCount: u32,
): void {
  let shared: u32 = 0;
  let begin = placeCount;
  for (let id: u32 = 0; id < countsLength; id++) {
    const count = u32At(counts, id);
    setU32(numbers, id, NONE);
    if (count < 2) continue;
    if (shared == subsetCount || count > 2 * placeCount - begin) unreachable();
    setU32(numbers, id, shared);
    setU32(offsets, nodeCount + shared, begin);
    setU32(cursors, shared, begin);
    if (factorCount > 0) setF64(factors, shared, factorOf(<u32>load<u8>(sizes + id), s));
    begin += count;
    shared++;
  }
  if (shared != subsetCount || begin != 2 * placeCount) unreachable();
  setU32(offsets, nodeCount + subsetCount, begin);
}

function factorOf(size: u32, s: u32): f64 {
  let factor: f64 = 1;
  for (let i: u32 = 1; i < s; i++) factor = (factor * <f64>(size - i)) / <f64>i;
  return ((size - s) & 1) == 0 ? factor : -factor;
}

/** Links the nodes from `from` to `to` with their subsets, both ways. Returns where the row of the next node begins. */
export function linkNodes(
  from: u32,
  to: u32,
  begin: u32,
  nodeCount: u32,
  placeCount: u32,
  starts: usize,
  subsets: usize,
  numbers: usize,
  cursors: usize,
  offsets: usize,
  arcs: usize,
): u32 {
  let end = begin;
  for (let node = from; node < to; node++) {
    setU32(offsets, node, end);
    const stop = u32At(starts, node + 1);
    for (let i = u32At(starts, node); i < stop; i++) {
      const subset = u32At(numbers, u32At(subsets, i));
      if (subset == NONE) continue;
      const place = u32At(cursors, subset);
      if (end == placeCount || place == u32At(offsets, nodeCount + subset + 1)) unreachable();
      setU32(arcs, end++, nodeCount + subset);
      setU32(arcs, place, node);
      setU32(cursors, subset, place + 1);
    }
  }
  return end;
}
