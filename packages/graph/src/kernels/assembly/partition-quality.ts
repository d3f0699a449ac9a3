import { clearU32, f64At, setF64, setU32, u32At } from './array';
import { expandCliques } from './clique';
import { LINEAR, MAJORITY, expectedWeight } from './expected-weight';
import { requireIncidence } from './incidence';
import { cliqueModularity, strictModularity } from './modularity';

/**
 * Modularities of given labels, each below the number of vertices: `values` are those of the clique expansion, strict,
 * majority and linear (definitions: docs/graph.md). `arcsMax` bounds the pairs in both directions.
 */
export function modularities(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  labels: usize,
  labelsLength: u32,
  weighting: u32,
  resolution: f64,
  arcsMax: u32,
  values: usize,
  valuesLength: u32,
  sizeCounts: usize,
  sums: usize,
  touched: usize,
  offsets: usize,
  neighbours: usize,
  weights: usize,
): void {
  const vertexCount = nodeOffsetsLength - 1;
  const hyperedgeCount = edgeOffsetsLength - 1;
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  requireIncidence(nodeOffsets, nodeOffsetsLength, nodeMembers, nodeMembersLength, hyperedgeCount);
  requireLabels(labels, labelsLength, vertexCount);
  expandCliques(
    edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, vertexCount, u32.MAX_VALUE, weighting, sums, touched, offsets,
    neighbours, weights, arcsMax,
  );
  setF64(values, 0, cliqueModularity(vertexCount, offsets, neighbours, weights, labels, sums, resolution));
  // Leaves the counts of sizes and, in `touched`, the volumes of labels for the other two.
  setF64(values, 1, strictModularity(
    edgeOffsets, edgeMembers, hyperedgeCount, nodeOffsets, vertexCount, labels, sizeCounts, touched,
  ));
  majorities(edgeOffsets, edgeMembers, hyperedgeCount, vertexCount, labels, values, sizeCounts, touched, sums);
}

export function requireLabels(labels: usize, labelsLength: u32, vertexCount: u32): void {
  if (labelsLength != vertexCount) unreachable();
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) if (u32At(labels, vertex) >= vertexCount) unreachable();
}

/**
 * Majority modularity counts a hyperedge of size d when c > d / 2 of its members are in one part, linear modularity counts
 * it c / d; both less what is expected when every member falls into part A with probability vol(A) / vol(all).
 * Kaminski, Pralat and Theberge, "Community detection algorithm using hypergraph modularity" (Complex Networks 2020).
 */
function majorities(
  edgeOffsets: usize,
  edgeMembers: usize,
  hyperedgeCount: u32,
  vertexCount: u32,
  labels: usize,
  values: usize,
  sizeCounts: usize,
  volumes: usize,
  counts: usize,
): void {
  let counted: u32 = 0;
  let volume: u32 = 0;
  let largest: u32 = 0;
  let majority: f64 = 0;
  let linear: f64 = 0;
  for (let label: u32 = 0; label < vertexCount; label++) setF64(counts, label, 0);
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const size = u32At(edgeOffsets, hyperedge + 1) - u32At(edgeOffsets, hyperedge);
    if (size < 2) continue;
    counted++;
    volume += size;
    largest = max(largest, size);
    const most = mostOfOneLabel(edgeOffsets, edgeMembers, hyperedge, labels, counts);
    if (most <= size >> 1) continue;
    majority += 1;
    linear += <f64>most / <f64>size;
  }
  if (counted == 0) return;
  setF64(values, 2, majority);
  setF64(values, 3, linear);
  for (let label: u32 = 0; label < vertexCount; label++) {
    const share = <f64>u32At(volumes, label) / <f64>volume;
    if (share == 0) continue;
    for (let size: u32 = 2; size <= largest; size++) {
      const number = u32At(sizeCounts, size);
      if (number == 0) continue;
      setF64(values, 2, f64At(values, 2) - <f64>number * expectedWeight(MAJORITY, size, share));
      setF64(values, 3, f64At(values, 3) - <f64>number * expectedWeight(LINEAR, size, share));
    }
  }
  setF64(values, 2, f64At(values, 2) / <f64>counted);
  setF64(values, 3, f64At(values, 3) / <f64>counted);
}

/** Members, as listed, of the most frequent label of a hyperedge. `counts` is zero before and after. */
export function mostOfOneLabel(edgeOffsets: usize, edgeMembers: usize, hyperedge: u32, labels: usize, counts: usize): u32 {
  const end = u32At(edgeOffsets, hyperedge + 1);
  let most: f64 = 0;
  for (let i = u32At(edgeOffsets, hyperedge); i < end; i++) {
    const label = u32At(labels, u32At(edgeMembers, i));
    const count = f64At(counts, label) + 1;
    setF64(counts, label, count);
    most = max(most, count);
  }
  for (let i = u32At(edgeOffsets, hyperedge); i < end; i++) setF64(counts, u32At(labels, u32At(edgeMembers, i)), 0);
  return <u32>most;
}

/**
 * Conductance of every label: hyperedges with members inside and outside, divided by the smaller of the volumes inside
 * and outside, where a volume is the number of incidences with hyperedges of at least two members; 0 where no hyperedge is
 * cut. `values` has one slot per vertex, at the label.
 */
export function conductances(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  labels: usize,
  labelsLength: u32,
  values: usize,
  valuesLength: u32,
  volumes: usize,
  cuts: usize,
  stamps: usize,
): void {
  const hyperedgeCount = edgeOffsetsLength - 1;
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, labelsLength);
  requireLabels(labels, labelsLength, labelsLength);
  clearU32(stamps, labelsLength);
  let volume: u32 = 0;
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const first = u32At(edgeOffsets, hyperedge);
    const last = u32At(edgeOffsets, hyperedge + 1);
    if (last - first < 2) continue;
    volume += last - first;
    const start = u32At(labels, u32At(edgeMembers, first));
    let isCut: u32 = 0;
    for (let i = first; i < last; i++) {
      const label = u32At(labels, u32At(edgeMembers, i));
      setU32(volumes, label, u32At(volumes, label) + 1);
      if (label != start) isCut = 1;
    }
    for (let i = first; i < last && isCut != 0; i++) {
      const label = u32At(labels, u32At(edgeMembers, i));
      if (u32At(stamps, label) == hyperedge + 1) continue;
      setU32(stamps, label, hyperedge + 1);
      setU32(cuts, label, u32At(cuts, label) + 1);
    }
  }
  for (let label: u32 = 0; label < labelsLength; label++) {
    const cut = u32At(cuts, label);
    const inside = u32At(volumes, label);
    setF64(values, label, cut == 0 ? 0 : <f64>cut / <f64>min(inside, volume - inside));
  }
}
