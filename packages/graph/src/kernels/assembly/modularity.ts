import { clearU32, f64At, setF64, setU32, u32At } from './array';

/** Hyperedges up to this size are looked at as a whole. */
const STRAIGHT_SIZE_MAX: u32 = 4;

/**
 * Strict hypergraph modularity of a partition: with E hyperedges of at least two members, E(d) of them of size d,
 *
 *   ( hyperedges inside one part  -  sum over parts A, sizes d: E(d) * (vol(A) / vol)^d ) / E
 *
 * where the volume of A is the number of its incidences with those hyperedges; 0 when there are none. Members count
 * as listed. Powers are products taken one after the other until they vanish, sums run over rising labels and sizes.
 * `sizeCounts` has one slot per hyperedge member and one more, `volumes` one per vertex.
 * Kaminski, Poulin, Pralat, Szufel and Theberge, "Clustering via hypergraph modularity", PLoS ONE 14 (2019).
 */
export function strictModularity(
  edgeOffsets: usize,
  edgeMembers: usize,
  hyperedgeCount: u32,
  nodeOffsets: usize,
  vertexCount: u32,
  labels: usize,
  sizeCounts: usize,
  volumes: usize,
): f64 {
  clearU32(volumes, vertexCount);
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    const label = u32At(labels, vertex);
    const degree = u32At(nodeOffsets, vertex + 1) - u32At(nodeOffsets, vertex);
    setU32(volumes, label, u32At(volumes, label) + degree);
  }
  let counted: u32 = 0;
  let inside: u32 = 0;
  let largest: u32 = 0;
  let volume: u32 = 0;
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const begin = u32At(edgeOffsets, hyperedge);
    const end = u32At(edgeOffsets, hyperedge + 1);
    const size = end - begin;
    if (size == 0) continue;
    const first = u32At(labels, u32At(edgeMembers, begin));
    let isInside = true;
    if (size <= STRAIGHT_SIZE_MAX) {
      // Without branches: sizes, and which hyperedges are inside, cannot be predicted.
      const two = u32At(labels, u32At(edgeMembers, min(begin + 1, end - 1)));
      const three = u32At(labels, u32At(edgeMembers, min(begin + 2, end - 1)));
      const four = u32At(labels, u32At(edgeMembers, end - 1));
      isInside = ((two ^ first) | (three ^ first) | (four ^ first)) == 0;
    } else {
      for (let i = begin + 1; isInside && i < end; i++) isInside = u32At(labels, u32At(edgeMembers, i)) == first;
    }
    const isCounted = <u32>(size > 1);
    setU32(volumes, first, u32At(volumes, first) - (1 - isCounted));
    setU32(sizeCounts, size, u32At(sizeCounts, size) + 1);
    counted += isCounted;
    volume += size - (1 - isCounted);
    largest = max(largest, size);
    inside += isCounted & <u32>isInside;
  }
  if (counted == 0) return 0;
  let expected: f64 = 0;
  for (let label: u32 = 0; label < vertexCount; label++) {
    const share = <f64>u32At(volumes, label) / <f64>volume;
    let power = share;
    for (let size: u32 = 2; size <= largest; size++) {
      power *= share;
      if (power == 0) break;
      expected += <f64>u32At(sizeCounts, size) * power;
    }
  }
  return (<f64>inside - expected) / <f64>counted;
}

/**
 * Modularity of labels on rows of weighted neighbours: sum over labels of inside / total - resolution * (volume / total)^2;
 * 0 when there are no arcs. `volumes` has one slot per vertex. Newman and Girvan, Phys. Rev. E 69 (2004).
 */
export function cliqueModularity(
  count: u32,
  offsets: usize,
  neighbours: usize,
  weights: usize,
  labels: usize,
  volumes: usize,
  resolution: f64,
): f64 {
  for (let label: u32 = 0; label < count; label++) setF64(volumes, label, 0);
  let inside: f64 = 0;
  let total: f64 = 0;
  for (let vertex: u32 = 0; vertex < count; vertex++) {
    const label = u32At(labels, vertex);
    let strength: f64 = 0;
    const end = u32At(offsets, vertex + 1);
    for (let arc = u32At(offsets, vertex); arc < end; arc++) {
      const weight = f64At(weights, arc);
      strength += weight;
      if (u32At(labels, u32At(neighbours, arc)) == label) inside += weight;
    }
    setF64(volumes, label, f64At(volumes, label) + strength);
    total += strength;
  }
  if (total == 0) return 0;
  let expected: f64 = 0;
  for (let label: u32 = 0; label < count; label++) {
    const share = f64At(volumes, label) / total;
    expected += share * share;
  }
  return inside / total - resolution * expected;
}
