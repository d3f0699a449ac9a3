import { f64At, setF64, setU32, u32At } from './array';
import { chooseLabel } from './local-moving';

/** How many labels of a large hyperedge count. */
export const TOPS: u32 = 8;
const BLOCK_VERTICES: u32 = 512;

/**
 * The most frequent labels of every hyperedge of more than `sizeMin` members: up to `TOPS` (or its size) of them at
 * `topLabels[edgeOffsets[e] ..]` with their counts, largest first, of equal ones the one met first. `counts` is zero
 * before and after. Linear in the incidences.
 */
export function countTops(
  edgeOffsets: usize,
  edgeMembers: usize,
  hyperedgeCount: u32,
  sizeMin: u32,
  labels: usize,
  touched: usize,
  counts: usize,
  topLabels: usize,
  topCounts: usize,
): void {
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const first = u32At(edgeOffsets, hyperedge);
    const last = u32At(edgeOffsets, hyperedge + 1);
    if (last - first <= sizeMin) continue;
    let touches: u32 = 0;
    for (let i = first; i < last; i++) {
      const label = u32At(labels, u32At(edgeMembers, i));
      const count = f64At(counts, label);
      if (count == 0) setU32(touched, touches++, label);
      setF64(counts, label, count + 1);
    }
    const end = min(first + TOPS, last);
    for (let place = first; place < end; place++) setU32(topCounts, place, 0);
    for (let i: u32 = 0; i < touches; i++) {
      const label = u32At(touched, i);
      insertTop(topLabels, topCounts, first, end, label, <u32>f64At(counts, label));
      setF64(counts, label, 0);
    }
  }
}

function insertTop(topLabels: usize, topCounts: usize, first: u32, end: u32, label: u32, count: u32): void {
  let place = end;
  while (place > first && u32At(topCounts, place - 1) < count) {
    place--;
    if (place + 1 == end) continue;
    setU32(topLabels, place + 1, u32At(topLabels, place));
    setU32(topCounts, place + 1, u32At(topCounts, place));
  }
  if (place == end) return;
  setU32(topLabels, place, label);
  setU32(topCounts, place, count);
}

/** One pass of moves over all vertices in `order`, by pairs and by what `countTops` left. Returns how many moved. */
export function moveByTops(
  edgeOffsets: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
  sizeMin: u32,
  count: u32,
  order: usize,
  offsets: usize,
  neighbours: usize,
  weights: usize,
  labels: usize,
  strengths: usize,
  volumes: usize,
  sums: usize,
  touched: usize,
  topLabels: usize,
  topCounts: usize,
  penalty: f64,
  key: u32,
): u32 {
  let moved: u32 = 0;
  for (let from: u32 = 0; from < count; from += BLOCK_VERTICES) {
    const to = min(from + BLOCK_VERTICES, count);
    moved += moveSomeByTops(
      edgeOffsets, nodeOffsets, nodeMembers, sizeMin, from, to, order, offsets, neighbours, weights, labels, strengths,
      volumes, sums, touched, topLabels, topCounts, penalty, key,
    );
  }
  return moved;
}

export function moveSomeByTops(
  edgeOffsets: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
  sizeMin: u32,
  from: u32,
  to: u32,
  order: usize,
  offsets: usize,
  neighbours: usize,
  weights: usize,
  labels: usize,
  strengths: usize,
  volumes: usize,
  sums: usize,
  touched: usize,
  topLabels: usize,
  topCounts: usize,
  penalty: f64,
  key: u32,
): u32 {
  let moved: u32 = 0;
  for (let turn = from; turn < to; turn++) {
    const vertex = u32At(order, turn);
    const own = u32At(labels, vertex);
    let touches: u32 = 0;
    const stop = u32At(offsets, vertex + 1);
    for (let arc = u32At(offsets, vertex); arc < stop; arc++) {
      const label = u32At(labels, u32At(neighbours, arc));
      const sum = f64At(sums, label);
      if (sum == 0) setU32(touched, touches++, label);
      setF64(sums, label, sum + f64At(weights, arc));
    }
    const end = u32At(nodeOffsets, vertex + 1);
    for (let i = u32At(nodeOffsets, vertex); i < end; i++) {
      const hyperedge = u32At(nodeMembers, i);
      const first = u32At(edgeOffsets, hyperedge);
      const size = u32At(edgeOffsets, hyperedge + 1) - first;
      if (size <= sizeMin) continue;
      for (let place = first; place < first + TOPS; place++) {
        const label = u32At(topLabels, place);
        // The vertex itself is one of its label: it gives no weight to itself.
        const others = u32At(topCounts, place) - <u32>(label == own && u32At(topCounts, place) > 0);
        if (others == 0) continue;
        const sum = f64At(sums, label);
        if (sum == 0) setU32(touched, touches++, label);
        setF64(sums, label, sum + <f64>others / <f64>(size - 1));
      }
    }
    moved += <u32>chooseLabel(vertex, touches, labels, strengths, volumes, sums, touched, penalty, key);
  }
  return moved;
}
